/** The scanner for Node: the same, with Node's workers, and the module read from the package. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { PresendError } from "./errors.js";
import { checkBrowser, compile, compileChecked, loadModule, parseIntegrity } from "./module.js";
import type { WorkerLike } from "./pool.js";
import type { Reply } from "./protocol.js";
import { setPlatform } from "./scanner.js";
import type { ScannerOptions } from "./types.js";

setPlatform({
  cores: availableParallelism(),
  module: async (options) => {
    const url = new URL(options.wasmUrl ?? "./presend.wasm", import.meta.url);
    return options.wasmModule !== undefined || url.protocol !== "file:"
      ? await loadModule(options, () => url)
      : await readModule(url, options);
  },
  worker: ({ createWorker }) => {
    if (createWorker !== undefined) throw new PresendError("bad-argument", "`createWorker` is for browsers");
    return new NodeWorker();
  },
});

/** Node's `fetch` does not read files. */
async function readModule(url: URL, { integrity }: ScannerOptions): Promise<WebAssembly.Module> {
  checkBrowser();
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await readFile(url));
  } catch (error) {
    throw new PresendError("wasm-unreachable", `the module at ${url} cannot be read: ${error}`, { cause: error });
  }
  return integrity === undefined ? await compile(bytes) : await compileChecked(bytes, parseIntegrity(integrity));
}

class NodeWorker implements WorkerLike {
  // Flags of the program, as `--input-type`, are not for the worker.
  readonly #worker = new Worker(new URL("./node-worker.js", import.meta.url), { execArgv: [] });

  post(request: object, transfer: readonly ArrayBuffer[]): void {
    // A worker keeps the process alive while it has something to do.
    this.#worker.ref();
    this.#worker.postMessage(request, [...transfer]);
  }

  listen(replied: (reply: Reply) => void, lost: (why: string) => void): void {
    this.#worker.on("message", (reply: Reply) => {
      this.#worker.unref();
      replied(reply);
    });
    this.#worker.on("error", (error) => lost(String(error)));
    this.#worker.on("exit", (status) => lost(`exit status ${status}`));
  }

  terminate(): void {
    void this.#worker.terminate();
  }
}

export * from "./public.js";

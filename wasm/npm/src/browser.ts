/** Where browsers get the module and workers from. */
import { PresendError } from "./errors.js";
import { loadModule } from "./module.js";
import type { WorkerLike } from "./pool.js";
import type { Reply } from "./protocol.js";
import type { Platform } from "./scanner.js";
import type { ScannerOptions } from "./types.js";

/** The module and the worker that lie beside this file; bundlers know these forms. */
export const browser: Platform = {
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  module: (options) => loadModule(options, () => new URL("./presend.wasm", import.meta.url)),
  worker: (options) => new BrowserWorker(options),
};

class BrowserWorker implements WorkerLike {
  readonly #worker: Worker;
  /** Stops watching for the worker's end. */
  readonly #unwatch = new AbortController();

  constructor({ createWorker }: ScannerOptions) {
    const create = createWorker ?? (() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
    this.#worker = create();
    if (typeof this.#worker?.postMessage !== "function" || typeof this.#worker.addEventListener !== "function") {
      throw new PresendError("bad-argument", "`createWorker` makes no worker");
    }
  }

  post(request: object, transfer: readonly ArrayBuffer[]): void {
    this.#worker.postMessage(request, [...transfer]);
  }

  listen(replied: (reply: Reply) => void, lost: (why: string) => void): void {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Reply & { lock?: string }>) => {
      if (data.lock === undefined) replied(data);
      else this.#watch(data.lock, lost);
    });
    this.#worker.addEventListener("error", (event) => lost(event.message || "its script cannot be loaded"));
    this.#worker.addEventListener("messageerror", () => lost("its answer cannot be read"));
  }

  terminate(): void {
    this.#unwatch.abort();
    this.#worker.terminate();
  }

  /** No event tells that a worker was killed. But it holds a lock as long as it lives. */
  #watch(lock: string, lost: (why: string) => void): void {
    navigator.locks
      .request(lock, { signal: this.#unwatch.signal }, () => lost("it was killed"))
      // Aborted, because this side ended it.
      .catch(() => undefined);
  }
}

/** The scanner for Node: the same, with Node's workers, and the module read from the package. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { PresendError } from "./errors.js";
import { loadModuleInNode } from "./node-module.js";
import type { WorkerLike } from "./pool.js";
import type { Reply } from "./protocol.js";
import { setPlatform } from "./scanner.js";

setPlatform({
  cores: availableParallelism(),
  module: (options) => loadModuleInNode(options, "./presend.wasm"),
  worker: ({ createWorker }) => {
    if (createWorker !== undefined) throw new PresendError("bad-argument", "`createWorker` is for browsers");
    return new NodeWorker();
  },
});

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
      if (!("began" in reply)) this.#worker.unref();
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

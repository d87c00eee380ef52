/** A worker of a browser: give it to `new Worker(…, { type: "module" })`, and the worker to `createWorker`. */
import { serve } from "./engine.js";
import type { Reply, Request } from "./protocol.js";

serve({
  onRequest: (listener) => addEventListener("message", ({ data }: MessageEvent<Request>) => listener(data)),
  reply: (reply: Reply) => postMessage(reply),
});

// Held as long as the worker lives: that it was killed is seen by who waits for the lock. Not everywhere are there locks;
// a worker that was killed is then noticed by its timeout.
if (globalThis.navigator?.locks !== undefined) {
  const lock = `presend-${crypto.randomUUID()}`;
  navigator.locks
    .request(lock, () => {
      postMessage({ lock });
      return new Promise(() => undefined);
    })
    // Pages of an opaque origin have none.
    .catch(() => undefined);
}

/** A worker of Node. */
import { parentPort } from "node:worker_threads";
import { serve } from "./engine.js";
import type { Reply, Request } from "./protocol.js";

serve({
  onRequest: (listener) => parentPort!.on("message", (request: Request) => listener(request)),
  reply: (reply: Reply) => parentPort!.postMessage(reply),
});

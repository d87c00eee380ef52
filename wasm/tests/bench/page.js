// Times from where an app stands, the page: the package's own scanner, and a worker that takes other ways to a verdict
// or does one stage only.

import { Scanner } from "../package/index.js";
import { medianNanoseconds } from "./median.js";

const pictures = new Map();
let scanner = null;
const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });

/** Asks the worker and waits; `transfer` goes over without being copied. */
function ask(task, details, transfer = []) {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(`the worker: ${event.message || "its script cannot be loaded"}`));
    worker.onmessage = ({ data: { answer, error } }) => (error === undefined ? resolve(answer) : reject(new Error(error)));
    worker.postMessage({ task, ...details }, transfer);
  });
}

/** What is timed here; everything else is timed in the worker. Bytes are copied each time, as the scanner does. */
const ROUTES = {
  scan: async (bytes) => (await scanner.scan(bytes)).kind,
  "image-decoder": (bytes) => inWorker("image-decoder", bytes),
  canvas: (bytes) => inWorker("canvas", bytes),
};

function inWorker(route, bytes) {
  const copy = bytes.slice();
  return ask("route", { route, bytes: copy }, [copy.buffer]);
}

const COMMANDS = {
  clock() {
    if (!crossOriginIsolated) throw new Error("the page is not isolated: its clock is coarse");
    return "isolated";
  },

  /** The first one is what pictures are held against. */
  async set(name, file, trust, query) {
    const [bytes, trusted] = [await fetched(file), await fetched(trust)];
    if (scanner === null) {
      scanner = await Scanner.create({ workers: 1 });
      await scanner.loadSet(bytes, { trust: trusted });
    }
    return await ask("set", { name, bytes, trusted, query });
  },

  async picture(name, jpeg, pixels, width, height) {
    const [bytes, rgba] = [await fetched(jpeg), await fetched(pixels)];
    pictures.set(name, bytes);
    return await ask("picture", { name, bytes, rgba, width: Number(width), height: Number(height) }, [rgba.buffer]);
  },

  async answer(stage) {
    const run = route(stage);
    return run === null ? await ask("answer", { stage }) : await run();
  },

  async time(stage, milliseconds) {
    const run = route(stage);
    if (run === null) return await ask("time", { stage, milliseconds: Number(milliseconds) });
    return await medianNanoseconds(async () => {
      const start = performance.now();
      await run();
      return performance.now() - start;
    }, Number(milliseconds));
  },
};

function route(stage) {
  const [name, picture] = stage.split(" ");
  return name in ROUTES ? () => ROUTES[name](pictures.get(picture)) : null;
}

async function fetched(file) {
  const response = await fetch(new URL(`../${file}`, import.meta.url));
  if (!response.ok) throw new Error(`${file}: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

globalThis.answer = async ([command, ...words]) => {
  if (!(command in COMMANDS)) throw new Error(`not a command: ${command}`);
  return String(await COMMANDS[command](...words));
};

// The package's engine in a worker of our own: one stage at a time, and the ways through the browser's decoders.
//
// Those ways are the ones that the package takes for formats that WebAssembly cannot read (`decoders.ts`); it never takes
// them for JPEG, so they are written out here.

import { instantiate } from "../package/instantiate.js";
import * as glue from "../package/presend.js";
import { medianNanoseconds } from "./median.js";

/** Milliseconds of the last call into the module: without what the JavaScript around it does, such as copying pixels. */
let inside = 0;

async function start() {
  const module = await WebAssembly.compileStreaming(fetch(new URL("../package/presend.wasm", import.meta.url)));
  const timed = (exports) => ({
    ...exports,
    hashPixels(...words) {
      const start = performance.now();
      const result = exports.hashPixels(...words);
      inside = performance.now() - start;
      return result;
    },
  });
  instantiate(module, "presend", { ...glue, __wbg_set_wasm: (exports) => glue.__wbg_set_wasm(timed(exports)) });
}

const started = start();

/** What pictures are held against, and what hashes files. */
let engine = null;
/** By name, functions that do a stage once. */
const stages = new Map();

const TASKS = {
  set({ name, bytes, trusted, query }) {
    const loader = new glue.SetLoader(trusted, Math.floor(Date.now() / 1000), undefined);
    loader.push(bytes);
    const holder = new glue.Engine();
    holder.useSet(loader.open());
    engine ??= holder;
    stages.set(`match ${name}`, () => holder.lookUp(query));
  },

  picture({ name, bytes, rgba, width, height }) {
    const hash = () => hexadecimal(glue.hashPixels(rgba, width, height));
    stages.set(`pdq ${name}`, hash);
    stages.set(`pixels ${name}`, hash);
    stages.set(`file ${name}`, () => JSON.parse(engine.hash(bytes)).hash);
  },

  answer: ({ stage }) => stageNamed(stage)(),

  time({ stage, milliseconds }) {
    const run = stageNamed(stage);
    const timed = () => {
      const start = performance.now();
      run();
      return stage.startsWith("pdq ") ? inside : performance.now() - start;
    };
    return medianNanoseconds(timed, milliseconds);
  },

  async route({ route, bytes }) {
    engine.beginFrames("{}");
    await ROUTES[route](bytes);
    return JSON.parse(engine.endFrames()).kind;
  },
};

const ROUTES = {
  async "image-decoder"(bytes) {
    const decoder = new ImageDecoder({ data: bytes, type: "image/jpeg", colorSpaceConversion: "none" });
    const { image } = await decoder.decode();
    const rgba = new Uint8Array(image.allocationSize({ format: "RGBA" }));
    await image.copyTo(rgba, { format: "RGBA" });
    engine.frame(rgba, image.visibleRect.width, image.visibleRect.height);
    image.close();
    decoder.close();
  },

  async canvas(bytes) {
    const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }), options);
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    engine.frame(new Uint8Array(context.getImageData(0, 0, width, height).data.buffer), width, height);
  },
};

function stageNamed(name) {
  const stage = stages.get(name);
  if (stage === undefined) throw new Error(`no stage ${name} for what is loaded`);
  return stage;
}

function hexadecimal(hashed) {
  return Array.from(hashed.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

addEventListener("message", async ({ data: { task, ...details } }) => {
  try {
    await started;
    postMessage({ answer: await TASKS[task](details) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});

// What the tests do with the package inside a page. Everything comes back as plain values.
import { Scanner, guardUpload } from "/dist/index.js";

const scanners = new Map();
let next = 0;

/** Object URLs that were made and not given back. */
const objectUrls = new Set();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (object) => {
  const url = createObjectURL.call(URL, object);
  objectUrls.add(url);
  return url;
};
URL.revokeObjectURL = (url) => {
  objectUrls.delete(url);
  revokeObjectURL.call(URL, url);
};

const bytesOf = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/** The value, or the code of the error. */
const outcome = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({ code: error.code ?? null, message: String(error) }),
  );

const tests = {
  /**
   * Makes a scanner, and says which. `spy` keeps its workers, so that a test can kill one, and sees how much memory they
   * take. With `noWorker` they are none.
   */
  async create({ spy = false, noWorker = false, ...options } = {}) {
    const workers = [];
    const memory = { most: 0, last: new Map() };
    if (spy) {
      options.createWorker = () => {
        const worker = new Worker("/dist/worker.js", { type: "module" });
        worker.addEventListener("message", ({ data }) => {
          if (data.memory === undefined) return;
          memory.last.set(worker, data.memory);
          memory.most = Math.max(memory.most, data.memory);
        });
        // As the scanner does, when it has no more use for it.
        const terminate = worker.terminate.bind(worker);
        worker.terminate = () => {
          memory.last.delete(worker);
          terminate();
        };
        workers.push(worker);
        return worker;
      };
    }
    if (noWorker) options.createWorker = () => ({ postMessage: null });
    return await outcome(
      Scanner.create(options).then((scanner) => {
        scanners.set(next, { scanner, workers, memory });
        return next++;
      }),
    );
  },

  load: ({ id, set, trust, ...options }) =>
    outcome(
      bytesOf(trust).then((trust) => scanners.get(id).scanner.loadSet(new URL(set, location.href), { trust, ...options })),
    ),

  /** Hashes files, each by its address. */
  hashFiles: async ({ id, urls }) => {
    const { scanner } = scanners.get(id);
    return await Promise.all(urls.map(async (url) => outcome(scanner.hash(await bytesOf(url)))));
  },

  /** Hashes a picture of pixels: a PPM, as the golden vectors are. */
  hashPpm: async ({ id, urls }) => {
    const { scanner } = scanners.get(id);
    return await Promise.all(urls.map(async (url) => outcome(scanner.hash(await imageData(url)))));
  },

  scan: ({ id, url, ...options }) => outcome(bytesOf(url).then((bytes) => scanners.get(id).scanner.scan(bytes, options))),

  /** Scans files, two at once, and says how long each took. */
  scanFiles: ({ id, urls, ...options }) => {
    const { scanner } = scanners.get(id);
    return twoAtOnce(urls, async (url) => scanner.scan(await bytesOf(url), options));
  },

  /** Scans the files that were picked, in the same way: as they are, or once they were read. */
  scanPicked: ({ id, ...options }) => {
    const { scanner } = scanners.get(id);
    const scan = async (file, place) => scanner.scan(place % 2 === 0 ? file : await file.arrayBuffer(), options);
    return twoAtOnce([...document.querySelector("input").files], scan);
  },

  /**
   * What a scanner with a `spy` holds: workers, those started so far included, and the WebAssembly memory of all of them,
   * and the most that one has had. And what the page does: object URLs, and bytes of JavaScript's objects where the
   * browser tells.
   */
  holds({ id }) {
    const { scanner, workers, memory } = scanners.get(id);
    globalThis.gc?.();
    const now = [...memory.last.values()].reduce((sum, bytes) => sum + bytes, 0);
    const heap = performance.memory?.usedJSHeapSize ?? null;
    return { workers: scanner.workers, started: workers.length, memory: now, most: memory.most, objectUrls: objectUrls.size, heap };
  },

  /** Scans a picture, and does something to it meanwhile. */
  async scanDisturbed({ id, url, disturb, after = 0 }) {
    const { scanner, workers } = scanners.get(id);
    const bytes = await bytesOf(url);
    const controller = new AbortController();
    const scanned = outcome(scanner.scan(bytes, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, after));
    if (disturb === "kill") for (const worker of workers) worker.terminate();
    if (disturb === "abort") controller.abort();
    if (disturb === "close") await scanner.close();
    return await scanned;
  },

  /** Kills all workers, and gives the news a moment. */
  async killWorkers({ id }) {
    for (const worker of scanners.get(id).workers) worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, 100));
  },

  /** Whether a guarded upload of a picture ran, and what became of it. */
  async guarded({ id, url }) {
    let uploads = 0;
    const upload = guardUpload(scanners.get(id).scanner, async (file) => {
      uploads++;
      return file.size;
    });
    const { value = null, code = null } = await outcome(bytesOf(url).then((bytes) => upload(new Blob([bytes]))));
    return { uploads, value, code };
  },

  selfTest: ({ id }) => scanners.get(id).scanner.selfTest(),
  state: ({ id }) => ({ workers: scanners.get(id).scanner.workers, set: scanners.get(id).scanner.set }),
  close: ({ id }) => scanners.get(id).scanner.close(),
};

/** What becomes of each of a list, and how long it took. */
async function twoAtOnce(list, scan) {
  const outcomes = [];
  const scanNext = async () => {
    while (outcomes.length < list.length) {
      const place = outcomes.push(null) - 1;
      const start = performance.now();
      outcomes[place] = { ...(await outcome(scan(list[place], place))), took: performance.now() - start };
    }
  };
  await Promise.all([scanNext(), scanNext()]);
  return outcomes;
}

async function imageData(url) {
  const bytes = await bytesOf(url);
  const [, width, height] = /^P6\s(\d+) (\d+)\s255\s/.exec(new TextDecoder("latin1").decode(bytes.subarray(0, 32)));
  const [columns, rows] = [Number(width), Number(height)];
  const samples = bytes.subarray(bytes.length - 3 * columns * rows);
  const data = new Uint8ClampedArray(4 * columns * rows).fill(255);
  for (let i = 0; i < columns * rows; i++) data.set(samples.subarray(3 * i, 3 * i + 3), 4 * i);
  return new ImageData(data, columns, rows);
}

globalThis.call = (name, argument) => tests[name](argument);

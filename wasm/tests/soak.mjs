// Many scans in one tab of Chromium, and what the tab holds meanwhile: does anything grow?
//
//   node soak.mjs [SCANS [EVERY]]
//
// scans so many files of the shared collections, 20,000 by default: photographs, malformed files, files at the edges of
// their formats. It prints a row of a table every so many scans, 1,000 by default.

import { join, resolve } from "node:path";
import { launchChromium, processOf, serve } from "./browser.mjs";
import { counted, hostileFiles, mixed } from "./hostile.mjs";
import { forgetPeaks, residentMemory, tabProcesses } from "./processes.mjs";
import { DEMO } from "./vectors.mjs";

const [scans = 20_000, every = 1_000] = process.argv.slice(2).map(Number);
const files = hostileFiles();
if (files === null) process.exit(1);

const mounts = { dist: resolve(import.meta.dirname, "../npm/dist"), demo: DEMO };
const server = await serve(resolve(import.meta.dirname, "pages"), { mounts });
const browser = await launchChromium({ args: ["--enable-precise-memory-info", "--js-flags=--expose-gc"] });
try {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("crash", () => errors.push("the tab crashed"));
  await page.goto(`${server.url}/index.html`);
  await page.waitForFunction("globalThis.call");
  const call = (name, argument) => page.evaluate(([name, argument]) => globalThis.call(name, argument), [name, argument]);
  const { value: id } = await call("create", { spy: true, workers: 2 });
  await call("load", { id, set: "/demo/known.presend", trust: "/demo/trust.json" });
  const tabs = tabProcesses(await processOf(browser));
  const mebibytes = (bytes) => (bytes / (1 << 20)).toFixed(1);

  console.log("| scans | resident, MiB | most since the row before | WebAssembly memory, MiB | JavaScript's objects, MiB | workers, started | object URLs |");
  console.log("|---|---|---|---|---|---|---|");
  const row = async (done) => {
    const { memory, heap, workers, started, objectUrls } = await call("holds", { id });
    const { now, peak } = residentMemory(tabs);
    forgetPeaks(tabs);
    console.log(`| ${[done, mebibytes(now), mebibytes(peak), mebibytes(memory), mebibytes(heap), `${workers}, ${started}`, objectUrls].join(" | ")} |`);
  };
  await row(0);
  const outcomes = [];
  const all = mixed(files, scans);
  for (let start = 0; start < scans; start += 50) {
    // Picked from the disk, as people do. What is fetched is kept for a while by whoever drives the browser.
    await page.locator("input").setInputFiles(all.slice(start, start + 50).map((path) => join(files.root, path)));
    const scanned = await call("scanPicked", { id });
    for (const { value, code } of scanned) outcomes.push(value === undefined ? `error: ${code}` : (value.reason ?? value.kind));
    if (outcomes.length % every === 0) await row(outcomes.length);
  }
  console.log(JSON.stringify(counted(outcomes)));
  console.log(`uncaught errors: ${JSON.stringify(errors)}`);
} finally {
  await browser.close();
  await server.close();
}

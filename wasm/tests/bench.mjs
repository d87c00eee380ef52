// The browser's side of `cargo xtask bench-web`: one page of one Chromium, which times what it is asked for.
//
//   node bench.mjs FOLDER PACKAGE
//
// serves FOLDER, into which it copies the built PACKAGE and the page. A line of standard input is a command for the page
// (bench/page.js), its words separated by tabs; so is the answer, `ok` or `error` first. When the input ends, so does it.

import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { launchChromium, serve } from "./browser.mjs";

// Isolated pages have a clock of 5 µs; others have one of 100.
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const [folder, built] = process.argv.slice(2).map((path) => resolve(path));
await cp(built, join(folder, "package"), { recursive: true, force: true });
await cp(join(import.meta.dirname, "bench"), join(folder, "page"), { recursive: true, force: true });

const server = await serve(folder, { headers: ISOLATED });
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`the page: ${error.message}`));
  await page.goto(`${server.url}/page/`);
  await page.waitForFunction(() => globalThis.answer !== undefined);
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const words = line.split("\t");
      const answer = words[0] === "version" ? browser.version() : await page.evaluate((words) => answer(words), words);
      console.log(`ok\t${answer}`);
    } catch (error) {
      console.log(`error\t${error.message.replaceAll(/\s+/g, " ")}`);
    }
  }
} finally {
  await browser.close();
  await server.close();
}

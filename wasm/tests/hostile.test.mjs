// The packed package in real browsers, with files made to harm decoders and files at the edges of their formats: a verdict
// for each, the one that the native program gives, and memory and workers in bounds.
//
// Every eighth file, unless `PRESEND_HOSTILE_EVERY` says otherwise: with 1 it is all of them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { launchChromium, launchFirefox, processOf, serve } from "./browser.mjs";
import { addressOf, counted, difference, hostileFiles, mixed, nativeVerdicts } from "./hostile.mjs";
import { unpackInto } from "./packed.mjs";
import { forgetPeaks, residentMemory, tabProcesses } from "./processes.mjs";
import { setOf } from "./sets.mjs";
import { nativeHashes } from "./vectors.mjs";

// Firefox calls it an error of the page if it may not look for an icon.
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self'";
const EVERY = Number(process.env.PRESEND_HOSTILE_EVERY ?? 8);
/** What the two workers hold at most: each what it may keep (256 MiB, `recycleAbove`) and what the largest picture takes. */
const MOST_PER_WORKER = 768 << 20;
const MOST_RESIDENT = 2 * MOST_PER_WORKER;

const files = hostileFiles(EVERY);
const folder = mkdtempSync(join(tmpdir(), "presend-hostile-"));
let server, native;

before(() => prepare());
after(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

async function prepare() {
  if (files === null) return;
  const installed = join(folder, "installed");
  unpackInto(installed, folder);
  const mounts = { dist: join(installed, "dist"), sets: folder, pictures: files.root };
  server = await serve(resolve(import.meta.dirname, "pages"), { csp: STRICT, mounts });
  const paths = [...files.conformance, ...files.malformed];
  // Some of them are listed, so that there are distances to compare.
  const hashes = [...nativeHashes(files.root, paths).values()].filter((found) => found !== null && found.quality >= 50);
  setOf(folder, "some", hashes.filter((_, i) => i % 8 === 0).map(({ hash }) => hash));
  native = nativeVerdicts(files.root, paths, { set: join(folder, "some.presend"), trust: join(folder, "some.json") });
}

const BROWSERS = { Chromium: launchChromium, Firefox: () => launchFirefox({}) };

for (const [name, launch] of Object.entries(BROWSERS)) {
  describe(name, { skip: files === null && "no hostile files here" }, () => {
    let browser, page, tabs;
    const errors = [];
    const call = (name, argument = {}) => page.evaluate(([name, argument]) => globalThis.call(name, argument), [name, argument]);

    before(async () => {
      browser = await launch();
      page = await browser.newPage();
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${server.url}/index.html`);
      await page.waitForFunction("globalThis.call");
      tabs = tabProcesses(await processOf(browser));
      assert.ok(tabs.length > 0, "the processes are found");
      forgetPeaks(tabs);
    });

    after(() => browser?.close());

    for (const collection of ["conformance", "malformed"]) {
      test(`judges the collection ${collection} as the native program does, within its memory`, async () => {
        const { value: id } = await call("create", { spy: true, workers: 2 });
        assert.equal((await call("load", { id, set: "/sets/some.presend", trust: "/sets/some.json" })).code, undefined);
        const paths = files[collection];
        const verdicts = [];
        let slowest = { took: 0 };
        for (let start = 0; start < paths.length; start += 50) {
          const part = paths.slice(start, start + 50);
          const outcomes = await call("scanFiles", { id, urls: part.map(addressOf) });
          outcomes.forEach(({ value, message, took }, i) => {
            assert.ok(value, `${part[i]}: ${message}`);
            verdicts.push(value);
            if (took > slowest.took) slowest = { took, path: part[i] };
          });
        }
        const differences = verdicts.map((verdict, i) => difference(native.get(paths[i]), verdict) ?? "the same");
        const outcomes = verdicts.map(({ kind, reason }) => (kind === "unscannable" ? reason : kind));
        const { most, started } = await call("holds", { id });
        const { peak } = residentMemory(tabs);
        console.log(`${collection}, ${paths.length} files: ${JSON.stringify({ outcomes: counted(outcomes), differences: counted(differences) })}`);
        console.log(`workers started: ${started}; memory of a worker: ${most}, of the process: ${peak} bytes`);
        console.log(`slowest: ${Math.round(slowest.took)} ms, ${slowest.path}`);
        assert.deepEqual(paths.filter((_, i) => differences[i] === "different"), []);
        assert.ok(verdicts.some(({ kind }) => kind === "match"));
        assert.ok(outcomes.filter((outcome) => outcome === "timeout").length <= paths.length / 100, "few take so long");
        assert.ok(most > 0 && most <= MOST_PER_WORKER, `${most}`);
        assert.ok(peak > 0 && peak <= MOST_RESIDENT, `${peak}`);
        await call("close", { id });
        assert.equal((await call("state", { id })).workers, 0);
        // The browser's own count; ending takes it a moment.
        for (let tries = 0; page.workers().length > 0 && tries < 50; tries++) await new Promise((r) => setTimeout(r, 100));
        assert.equal(page.workers().length, 0);
        assert.deepEqual(errors, []);
      });
    }

    // Ten seconds; `soak.mjs` is the long form.
    test("holds no more after 300 scans than after 200", { skip: name !== "Chromium" && "it is the package's, not the browser's" }, async () => {
      const { value: id } = await call("create", { spy: true, workers: 1 });
      await call("load", { id, set: "/sets/some.presend", trust: "/sets/some.json" });
      const urls = mixed(files, 100).map(addressOf);
      const held = [];
      for (let pass = 0; pass < 3; pass++) {
        // A worker that is killed would have another memory.
        const outcomes = await call("scanFiles", { id, urls, timeout: 120_000 });
        assert.deepEqual(outcomes.filter(({ value }) => value === undefined), []);
        held.push(await call("holds", { id }));
      }
      const [, second, third] = held;
      assert.deepEqual([third.memory, third.started, third.workers, third.objectUrls], [second.memory, second.started, 1, 0]);
      assert.equal(page.workers().length, 1);
      await call("close", { id });
      assert.deepEqual(errors, []);
    });
  });
}

// The package in real browsers, under a strict content security policy: the bits, the verdicts, and what goes wrong.
// Chromium as it is, and Firefox with its protection against fingerprinting, which makes canvases lie.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeBrokenFiles } from "./broken-files.mjs";
import { launchChromium, launchFirefox, serve } from "./browser.mjs";
import { oneEntrySet } from "./sets.mjs";
import { DEMO, SYNTHETIC, nativeHashes, photographs, shared, sharedPictures, synthetic } from "./vectors.mjs";

const STRICT =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; base-uri 'none'";
const TRUST = "/demo/trust.json";
const SET = "/demo/known.presend";

/** An AVIF picture of the shared ones, and its hash as Pillow decodes it. */
const AVIF = "conformance/libavif/tests__data__io__kodim03_yuv420_8bpc.avif";
const AVIF_HASH = "701c549c8e358f0e0f16ab91a54b3b439be1bef02af9d2bccb1c673ed90a0d43";

const folder = mkdtempSync(join(tmpdir(), "presend-"));
let server;

before(async () => {
  makeBrokenFiles(folder);
  oneEntrySet(folder, "avif", AVIF_HASH);
  const mounts = { dist: resolve(import.meta.dirname, "../npm/dist"), demo: DEMO, synthetic: SYNTHETIC, broken: folder };
  for (const [name, path] of [["pictures", "images/dev"], ["decoded", "pdq/vectors/decoded"]]) {
    const found = shared(path);
    if (found !== null) mounts[name] = found;
  }
  server = await serve(resolve(import.meta.dirname, "pages"), { csp: STRICT, mounts });
});

after(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const BROWSERS = {
  Chromium: { launch: () => launchChromium(), canvas: "image-decoder" },
  "Firefox with resistFingerprinting": { launch: () => launchFirefox(), canvas: "none" },
};

for (const [name, { launch, canvas }] of Object.entries(BROWSERS)) {
  describe(name, () => {
    let browser, page;
    const call = (name, argument = {}) => page.evaluate(([name, argument]) => globalThis.call(name, argument), [name, argument]);
    /** A scanner with the demo's set, and what can be done with it. */
    const scannerWithSet = async (options = {}) => {
      const { value: id, code, message } = await call("create", options);
      assert.equal(code, undefined, message);
      const loaded = await call("load", { id, set: SET, trust: TRUST });
      assert.equal(loaded.value?.name, "presend-demo", loaded.message);
      return { id, scan: (url, more = {}) => call("scan", { id, url, ...more }), close: () => call("close", { id }) };
    };

    before(async () => {
      browser = await launch();
      page = await browser.newPage();
      await page.goto(`${server.url}/index.html`);
      await page.waitForFunction("globalThis.call");
    });

    after(() => browser?.close());

    test("hashes the golden pictures as the reference does", async () => {
      const expected = synthetic();
      const { value: id } = await call("create");
      const found = await call("hashPpm", { id, urls: expected.map(({ name }) => `/synthetic/${name}`) });
      expected.forEach(({ name, hash, quality }, i) => {
        if (/^0+$/.test(hash) && found[i].code === "too-small") return;
        assert.deepEqual([found[i].value?.hash, found[i].value?.quality], [hash, quality], name);
      });
      assert.equal(found.length, 109);
      const decoded = photographs();
      if (decoded !== null) {
        const found = await call("hashFiles", { id, urls: decoded.map(({ name }) => `/decoded/${name}`) });
        decoded.forEach(({ name, hash, quality }, i) => {
          assert.deepEqual([found[i].value?.hash, found[i].value?.quality], [hash, quality], name);
        });
        assert.ok(found.length >= 15, `${found.length}`);
      }
      await call("close", { id });
    });

    test("hashes 500 files to the bits that the native program finds", async () => {
      const paths = sharedPictures(500);
      // Without them, the demo's own.
      const [root, names] = paths === null ? [DEMO, demoPictures()] : [shared("images/dev"), paths];
      const mount = paths === null ? "demo" : "pictures";
      const native = nativeHashes(root, names);
      const { value: id } = await call("create");
      let compared = 0;
      for (let start = 0; start < names.length; start += 50) {
        const part = names.slice(start, start + 50);
        const urls = part.map((name) => `/${mount}/${name.split("/").map(encodeURIComponent).join("/")}`);
        const found = await call("hashFiles", { id, urls });
        part.forEach((name, i) => {
          const { hash = null, quality = null } = native.get(name) ?? {};
          assert.deepEqual([found[i].value?.hash ?? null, found[i].value?.quality ?? null], [hash, quality], `${name}: ${found[i].code}`);
          if (hash !== null) {
            assert.equal(found[i].value.decoder, "wasm", name);
            compared++;
          }
        });
      }
      assert.ok(compared > 0.9 * names.length, `${compared} of ${names.length}`);
      await call("close", { id });
    });

    test("finds listed pictures and their edited copies, and passes others", async () => {
      const { scan, close } = await scannerWithSet();
      for (const [file, distance] of [["listed/harbour.jpg", 0], ["outbox/harbour-recompressed.jpg", 0], ["outbox/kitchen-resized.png", 10]]) {
        const { value } = await scan(`/demo/${file}`);
        assert.equal(value.kind, "match", file);
        assert.equal(value.matches[0].distance, distance, file);
        assert.deepEqual([value.set.name, value.set.endorsers.length, value.decoder], ["presend-demo", 2, "wasm"]);
        assert.match(value.matches[0].reference.segment, /^[0-9a-f]{64}$/);
      }
      for (const file of ["outbox/beach.jpg", "outbox/goldfish.gif", "outbox/snowy-peaks.webp"]) {
        assert.equal((await scan(`/demo/${file}`)).value.kind, "clean", file);
      }
      await close();
    });

    test("a guarded upload runs for a clean picture only", async () => {
      const { id, close } = await scannerWithSet();
      const size = readFileSync(join(DEMO, "outbox/beach.jpg")).length;
      assert.deepEqual(await call("guarded", { id, url: "/demo/outbox/beach.jpg" }), { uploads: 1, value: size, code: null });
      for (const file of ["listed/harbour.jpg", "outbox/plain-blue.png"]) {
        const blocked = { uploads: 0, value: null, code: "upload-blocked" };
        assert.deepEqual(await call("guarded", { id, url: `/demo/${file}` }), blocked, file);
      }
      await close();
    });

    test("passes its self-test", async () => {
      const { value: id } = await call("create");
      const { ok, checks } = await call("selfTest", { id });
      assert.ok(ok, JSON.stringify(checks));
      await call("close", { id });
    });

    test("what only the browser can read is judged by it, or is not clean", async (t) => {
      const pictures = shared("images/dev");
      if (pictures === null) return t.skip("no AVIF pictures here");
      const { scan, close } = await scannerWithSet();
      // The animation has five frames, and a still picture beside them.
      for (const [file, frames] of [["io__kodim03_yuv420_8bpc.avif", 1], ["colors-animated-8bpc.avif", 6]]) {
        const { value } = await scan(`/pictures/conformance/libavif/tests__data__${file}`);
        assert.equal(value.decoder, canvas, JSON.stringify(value));
        if (canvas === "none") assert.equal(value.reason, "canvas-noise");
        else assert.deepEqual([value.format, value.frames], ["AVIF", frames]);
        if (canvas !== "none" && frames === 1) assert.equal(value.kind, "clean");
      }
      const { value: id } = await call("create");
      await call("load", { id, set: "/broken/avif.presend", trust: "/broken/avif.json" });
      const { value } = await call("scan", { id, url: `/pictures/${AVIF}` });
      assert.equal(value.kind, canvas === "none" ? "unscannable" : "match", "of a listed picture");
      await call("close", { id });
      // Neither reads HEIF.
      const heif = readdirSync(join(pictures, "conformance/heif")).find((file) => /\.heic$/.test(file));
      const unread = (await scan(`/pictures/conformance/heif/${heif}`)).value;
      assert.deepEqual([unread.kind, unread.reason], ["unscannable", "unsupported"]);
      await close();
    });

    test("an embedder can leave the browser's decoders out", async () => {
      const { scan, close } = await scannerWithSet({ browserDecoders: false });
      const { value } = await scan("/demo/outbox/snowy-village.bmp");
      assert.deepEqual([value.kind, value.reason, value.decoder], ["unscannable", "unsupported", "none"]);
      await close();
    });

    test("broken files are unscannable, each for its reason, and the next one is judged", async () => {
      const { scan, close } = await scannerWithSet();
      const reasons = {
        "/broken/truncated.jpg": "damaged",
        "/broken/no-scan.jpg": "malformed",
        "/broken/empty.jpg": "empty",
        "/broken/text.jpg": "unknown-format",
        "/broken/200-megapixels.png": "too-many-pixels",
        "/demo/outbox/plain-blue.png": "low-quality",
      };
      for (const [url, reason] of Object.entries(reasons)) {
        const { value } = await scan(url);
        assert.deepEqual([value?.kind, value?.reason], ["unscannable", reason], url);
      }
      assert.equal((await scan("/demo/outbox/beach.jpg")).value.kind, "clean");
      await close();
    });

    test("a worker that is killed while it scans is noticed and replaced", async () => {
      const { id, scan, close } = await scannerWithSet({ spy: true, workers: 1 });
      const { value } = await call("scanDisturbed", { id, url: "/broken/large.png", disturb: "kill", after: 100 });
      assert.deepEqual([value.kind, value.reason], ["unscannable", "worker-lost"]);
      assert.equal((await scan("/demo/listed/harbour.jpg")).value.kind, "match", "by a new worker, with the set");
      assert.equal((await call("state", { id })).workers, 1);
      await close();
    });

    test("a worker that is killed while it has nothing to do is not given anything", async () => {
      const { id, scan, close } = await scannerWithSet({ spy: true, workers: 1 });
      await call("killWorkers", { id });
      assert.equal((await scan("/demo/listed/harbour.jpg")).value.kind, "match");
      await close();
    });

    test("a scan that is aborted ends, and its worker with it", async () => {
      const { id, scan, close } = await scannerWithSet({ workers: 1 });
      const { code } = await call("scanDisturbed", { id, url: "/broken/large.png", disturb: "abort", after: 30 });
      assert.equal(code, "aborted");
      assert.equal((await call("state", { id })).workers, 0);
      assert.equal((await scan("/demo/outbox/beach.jpg")).value.kind, "clean");
      await close();
    });

    test("a picture that takes too long is unscannable, and the next one is judged", async () => {
      const { scan, close } = await scannerWithSet({ workers: 1 });
      const { value } = await scan("/broken/large.png", { timeout: 20 });
      assert.deepEqual([value.kind, value.reason], ["unscannable", "timeout"]);
      assert.equal((await scan("/demo/outbox/beach.jpg")).value.kind, "clean");
      await close();
    });

    test("a file that every limit allows and that keeps a decoder busy ends with its worker, and is not clean", async () => {
      const { id, scan, close } = await scannerWithSet({ spy: true, workers: 1 });
      const { started } = await call("holds", { id });
      const allowed = { pixels: 1e6, frames: 500, animationPixels: 5e8 };
      const scanned = scan("/broken/slow.png", { timeout: 1000, limits: allowed });
      // The page is free meanwhile, and another picture waits for a worker.
      assert.equal((await call("state", { id })).workers, 1);
      const waiting = scan("/demo/listed/harbour.jpg");
      const { value } = await scanned;
      assert.deepEqual([value.kind, value.reason, value.frames], ["unscannable", "timeout", null]);
      assert.equal((await waiting).value.kind, "match", "by a new worker, with the set");
      assert.equal((await scan("/demo/outbox/beach.jpg")).value.kind, "clean");
      assert.equal((await call("holds", { id })).started, started + 1, "one for the one that was killed");
      await close();
    });

    test("a picture for which there is no memory is unscannable, and a new worker judges the next one", async () => {
      const { id, scan, close } = await scannerWithSet({ spy: true, workers: 1, wasmUrl: `${server.url}/broken/24-mebibytes.wasm` });
      const before = (await call("holds", { id })).started;
      for (let time = 0; time < 3; time++) {
        const { value } = await scan("/broken/large.png");
        assert.deepEqual([value.kind, value.reason], ["unscannable", "decoder-failed"], value.message);
        assert.equal((await scan("/demo/listed/harbour.jpg")).value.kind, "match");
      }
      const { most, started } = await call("holds", { id });
      assert.ok(most <= 24 << 20, `${most}`);
      assert.equal(started, before + 3, "one for each that failed");
      await close();
    });

    test("without any limits a picture is unscannable that is larger than the engine's memory can be", async () => {
      const { scan, close } = await scannerWithSet({ workers: 1 });
      const limits = { bytes: 2 ** 53, pixels: 2 ** 53, frames: 2 ** 32 - 1, animationPixels: 2 ** 53, metadata: 2 ** 53, memory: 2 ** 53 };
      const { value } = await scan("/broken/576-megapixels.png", { limits });
      assert.equal(value?.kind, "unscannable");
      assert.ok(["decoder-failed", "too-much-memory"].includes(value.reason), value.reason);
      assert.equal((await scan("/demo/outbox/beach.jpg")).value.kind, "clean");
      await close();
    });

    test("a worker that has grown is replaced, with its set", async () => {
      const { id, scan, close } = await scannerWithSet({ workers: 1, recycleAbove: 1 });
      for (const file of ["outbox/beach.jpg", "outbox/desk.jpg"]) {
        assert.equal((await scan(`/demo/${file}`)).value.kind, "clean");
        assert.equal((await call("state", { id })).workers, 0);
      }
      await close();
    });

    test("sets that are not to be used are refused, each for its reason, and the one before stays", async () => {
      const { id, scan, close } = await scannerWithSet();
      const refused = {
        "bad-signature": { set: "/broken/bad-signature.presend", trust: TRUST },
        "set-changed": { set: "/broken/changed-entry.presend", trust: TRUST },
        "set-truncated": { set: "/broken/truncated.presend", trust: TRUST },
        "set-not-a-set": { set: "/broken/no-set.presend", trust: TRUST },
        "set-unreachable": { set: "/broken/missing.presend", trust: TRUST },
        "unknown-key": { set: SET, trust: "/broken/other-keys.json" },
        "wrong-name": { set: SET, trust: "/broken/other-name.json" },
        "trust-malformed": { set: SET, trust: "/broken/text.jpg" },
        rollback: { set: SET, trust: TRUST, lastSeen: { name: "presend-demo", version: 9, rootDigest: "0".repeat(64) } },
      };
      for (const [code, options] of Object.entries(refused)) {
        assert.equal((await call("load", { id, ...options })).code, code, code);
      }
      assert.equal((await scan("/demo/listed/harbour.jpg")).value.kind, "match");
      await close();
    });

    test("without a set nothing is judged", async () => {
      const { value: id } = await call("create");
      assert.equal((await call("scan", { id, url: "/demo/outbox/beach.jpg" })).code, "no-set");
      await call("close", { id });
    });

    test("a module that does not arrive, or is another one, is refused by its own code", async () => {
      const created = async (options) => (await call("create", options)).code;
      assert.equal(await created({ wasmUrl: `${server.url}/dist/missing.wasm` }), "wasm-unreachable");
      assert.equal(await created({ wasmUrl: "http://127.0.0.1:9/presend.wasm" }), "wasm-unreachable");
      assert.equal(await created({ wasmUrl: `${server.url}/broken/text.jpg` }), "wasm-invalid");
      assert.equal(await created({ integrity: `sha384-${"A".repeat(64)}` }), "wasm-integrity");
      const bytes = readFileSync(resolve(import.meta.dirname, "../npm/dist/presend.wasm"));
      const digest = Buffer.from(await crypto.subtle.digest("SHA-384", bytes)).toString("base64");
      const { value: id } = await call("create", { integrity: `sha384-${digest}` });
      await call("close", { id });
    });

    test("a worker of the client's that is none is refused", async () => {
      assert.equal((await call("create", { noWorker: true })).code, "bad-argument");
    });

    test("what runs is refused when the scanner is closed, and no worker is left", async () => {
      const { id } = await scannerWithSet();
      const { code } = await call("scanDisturbed", { id, url: "/broken/large.png", disturb: "close", after: 10 });
      assert.equal(code, "closed");
      assert.equal((await call("scan", { id, url: "/demo/outbox/beach.jpg" })).code, "closed");
      assert.equal((await call("state", { id })).workers, 0);
      // The browser's own count; ending takes it a moment.
      for (let tries = 0; page.workers().length > 0 && tries < 50; tries++) await new Promise((r) => setTimeout(r, 100));
      assert.equal(page.workers().length, 0);
    });

    test("a policy without workers is named as the likely reason", async () => {
      const mounts = { dist: resolve(import.meta.dirname, "../npm/dist") };
      const csp = STRICT.replace("worker-src 'self'", "worker-src 'none'");
      const strict = await serve(resolve(import.meta.dirname, "pages"), { csp, mounts });
      const other = await browser.newPage();
      await other.goto(`${strict.url}/index.html`);
      await other.waitForFunction("globalThis.call");
      const { code, message } = await other.evaluate(() => globalThis.call("create", {}));
      assert.equal(code, "worker-failed");
      assert.match(message, /worker-src 'self'/);
      await other.close();
      await strict.close();
    });
  });
}

test("Firefox as it is has its own decoder read AVIF, to nearly the bits that Chromium's gives", async (t) => {
  if (shared("images/dev") === null) return t.skip("no AVIF pictures here");
  const hashes = [];
  for (const launch of [() => launchFirefox({}), launchChromium]) {
    const browser = await launch();
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${server.url}/index.html`);
    await page.waitForFunction("globalThis.call");
    const hash = async (url) => {
      const { value: id } = await globalThis.call("create");
      return (await globalThis.call("hashFiles", { id, urls: [url] }))[0].value;
    };
    hashes.push(await page.evaluate(hash, `/pictures/${AVIF}`));
  }
  assert.deepEqual(hashes.map(({ decoder }) => decoder), ["image-decoder", "image-decoder"]);
  const [one, other] = hashes.map(({ hash }) => BigInt(`0x${hash}`));
  const distance = (one ^ other).toString(2).replaceAll("0", "").length;
  assert.ok(distance <= 10, `${distance} bits`);
});

function demoPictures() {
  return readdirSync(DEMO, { recursive: true }).filter((path) => /\.(jpg|png|gif|webp)$/.test(path));
}

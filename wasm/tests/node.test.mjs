// The package in Node: the bits, every code, and what a scanner does with many pictures.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ERROR_CODES, PresendError, Scanner, UNSCANNABLE_REASONS, UploadBlocked, guardUpload } from "@presend/scanner";
import { createHasher } from "@presend/scanner/hash";
import { makeBrokenFiles } from "./broken-files.mjs";
import { DEMO, ROOT, SYNTHETIC, nativeHashes, photographs, shared, sharedPictures, synthetic } from "./vectors.mjs";

const folder = mkdtempSync(join(tmpdir(), "presend-"));
const demo = (path) => readFileSync(join(DEMO, path));
const broken = (path) => readFileSync(join(folder, path));
const trust = demo("trust.json");
const code = (code) => (error) => {
  assert.ok(error instanceof PresendError, `${error}`);
  assert.equal(error.code, code, error.message);
  assert.ok(ERROR_CODES.includes(error.code));
  return true;
};

before(() => makeBrokenFiles(folder));
after(() => rmSync(folder, { recursive: true }));

/** A scanner without a set, closed when the test ends. */
async function opened(t) {
  const scanner = await Scanner.create();
  t.after(() => scanner.close());
  return scanner;
}

/** Runs with a scanner that has the demo's set. */
async function withScanner(work, options = {}) {
  const scanner = await Scanner.create(options);
  try {
    await scanner.loadSet(demo("known.presend"), { trust });
    await work(scanner);
  } finally {
    await scanner.close();
  }
}

/** The pixels of a PPM, as a canvas would give them. */
function pixels(path) {
  const bytes = readFileSync(path);
  const [, width, height] = /^P6\s(\d+) (\d+)\s255\s/.exec(bytes.toString("latin1", 0, 32)).map(Number);
  const samples = bytes.subarray(bytes.length - 3 * width * height);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) data.set(samples.subarray(3 * i, 3 * i + 3), 4 * i);
  return { data, width, height };
}

describe("hashes", () => {
  test("of the golden pictures are the reference's", async (t) => {
    const scanner = await opened(t);
    const wasmUrl = new URL(import.meta.resolve("@presend/scanner/hash/wasm"));
    const hashPixels = await createHasher({ wasmModule: await WebAssembly.compile(readFileSync(wasmUrl)) });
    for (const { name, hash, quality } of synthetic()) {
      const picture = pixels(join(SYNTHETIC, name));
      if (picture.width < 5 || picture.height < 5) {
        await assert.rejects(scanner.hash(picture), code("too-small"), name);
        assert.throws(() => hashPixels(picture), code("too-small"), name);
        continue;
      }
      const found = await scanner.hash(picture);
      assert.deepEqual([found.hash, found.quality, found.decoder], [hash, quality, "caller"], name);
      assert.deepEqual(hashPixels(picture), { hash, quality }, `${name}, by the small module`);
    }
    for (const { name, hash, quality } of photographs() ?? []) {
      const found = await scanner.hash(readFileSync(join(shared("pdq/vectors/decoded"), name)));
      assert.deepEqual([found.hash, found.quality, found.decoder], [hash, quality, "wasm"], name);
    }
  });

  test("of 500 files are those of the native program", async (t) => {
    const paths = sharedPictures(500);
    const [root, names] = paths === null ? [DEMO, demoPictures()] : [shared("images/dev"), paths];
    const native = nativeHashes(root, names);
    const scanner = await opened(t);
    let compared = 0;
    for (const name of names) {
      const found = await scanner.hash(readFileSync(join(root, name))).catch((error) => error);
      const expected = native.get(name);
      assert.deepEqual([found.hash ?? null, found.quality ?? null], [expected?.hash ?? null, expected?.quality ?? null], `${name}: ${found.message}`);
      if (expected !== null) compared++;
    }
    assert.ok(compared > 0.9 * names.length, `${compared}`);
  });

  test("that cannot be had are errors by the engine's codes", async (t) => {
    const scanner = await opened(t);
    const codes = { "no-scan.jpg": "malformed", "empty.jpg": "empty", "text.jpg": "unknown-format", "200-megapixels.png": "too-many-pixels" };
    for (const [file, expected] of Object.entries(codes)) await assert.rejects(scanner.hash(broken(file)), code(expected), file);
    await assert.rejects(scanner.hash(demo("outbox/snowy-village.bmp")), code("unsupported"));
    const { damaged } = await scanner.hash(broken("truncated.jpg"));
    assert.ok(damaged);
  });
});

describe("codes", () => {
  test("of the engine are all codes of the package", () => {
    const sources = ["decode/mod.rs", "scan.rs", "set/known.rs", "set/manifest.rs", "set/segment.rs", "set/trust.rs"];
    const engine = new Set(["too-small", "no-set", "bad-argument"]);
    for (const source of sources) {
      const text = readFileSync(join(ROOT, "core/src", source), "utf8");
      for (const [body] of text.matchAll(/fn code\(&self\)[^]*?\n {4}\}\n/g)) {
        for (const [, found] of body.matchAll(/=> "([a-z0-9-]+)"/g)) engine.add(found);
      }
    }
    assert.ok(engine.size > 60, `${engine.size}`);
    // What takes a folder of segments apart is not in the package.
    const elsewhere = new Set(["segment-unknown", "segment-repeated", "segment-missing"]);
    const ours = new Set([...ERROR_CODES, ...UNSCANNABLE_REASONS]);
    assert.deepEqual([...engine].filter((code) => !ours.has(code) && !elsewhere.has(code)), []);
    assert.equal(new Set(ERROR_CODES).size, ERROR_CODES.length, "each once");
  });

  test("say what is wrong with a call", async () => {
    await withScanner(async (scanner) => {
      const picture = demo("outbox/beach.jpg");
      await assert.rejects(scanner.scan("a path"), code("bad-argument"));
      await assert.rejects(scanner.scan({ data: new Uint8ClampedArray(3), width: 5, height: 5 }), code("bad-argument"));
      await assert.rejects(scanner.scan(picture, { effort: 99 }), code("bad-argument"));
      await assert.rejects(scanner.scan(picture, { minQuality: 101 }), code("bad-argument"));
      await assert.rejects(scanner.scan(picture, { tolerance: 3 }), code("bad-argument"));
      await assert.rejects(scanner.scan(picture, { timeout: 0 }), code("bad-argument"));
      await assert.rejects(scanner.lookUp("abc"), code("bad-argument"));
      await assert.rejects(scanner.loadSet(demo("known.presend"), {}), code("bad-argument"));
      await assert.rejects(scanner.loadSet(demo("known.presend"), { trust, now: new Date(NaN) }), code("bad-argument"));
      await assert.rejects(scanner.loadSet(7, { trust }), code("bad-argument"));
      await assert.rejects(scanner.loadSet(demo("known.presend"), { trust, lastSeen: { name: "x" } }), code("bad-argument"));
      assert.throws(() => guardUpload(scanner, async () => undefined, { scan: { transfer: true } }), code("bad-argument"));
      assert.equal((await scanner.scan(picture)).kind, "clean", "nothing is broken by it");
    });
    await assert.rejects(Scanner.create({ workers: 0 }), code("bad-argument"));
    await assert.rejects(Scanner.create({ integrity: "md5-x" }), code("bad-argument"));
  });

  test("say what is wrong with the module", async () => {
    const url = (path) => new URL(`file://${join(folder, path)}`);
    await assert.rejects(Scanner.create({ wasmUrl: url("missing.wasm") }), code("wasm-unreachable"));
    await assert.rejects(Scanner.create({ wasmUrl: "http://127.0.0.1:9/presend.wasm" }), code("wasm-unreachable"));
    await assert.rejects(Scanner.create({ wasmUrl: url("text.jpg") }), code("wasm-invalid"));
    await assert.rejects(Scanner.create({ integrity: `sha384-${"A".repeat(64)}` }), code("wasm-integrity"));
    const validate = WebAssembly.validate;
    WebAssembly.validate = () => false;
    try {
      await assert.rejects(Scanner.create(), code("unsupported-browser"));
    } finally {
      WebAssembly.validate = validate;
    }
    const module = await WebAssembly.compile(readFileSync(new URL(import.meta.resolve("@presend/scanner/wasm"))));
    await (await Scanner.create({ wasmModule: module })).close();
  });

  test("say what is wrong with a set", async (t) => {
    const scanner = await opened(t);
    const refused = {
      "bad-signature": [broken("bad-signature.presend"), { trust }],
      "set-changed": [broken("changed-entry.presend"), { trust }],
      "set-truncated": [broken("truncated.presend"), { trust }],
      "set-not-a-set": [broken("no-set.presend"), { trust }],
      "unknown-key": [demo("known.presend"), { trust: broken("other-keys.json") }],
      "wrong-name": [demo("known.presend"), { trust: broken("other-name.json") }],
      "trust-malformed": [demo("known.presend"), { trust: "{}" }],
      expired: [demo("known.presend"), { trust, now: new Date("2200-01-01") }],
      "not-yet-valid": [demo("known.presend"), { trust, now: new Date("2020-01-01") }],
      rollback: [demo("known.presend"), { trust, lastSeen: { name: "presend-demo", version: 2, rootDigest: "0".repeat(64) } }],
      equivocation: [demo("known.presend"), { trust, lastSeen: { name: "presend-demo", version: 1, rootDigest: "0".repeat(64) } }],
      "set-no-file": [[], { trust }],
      "set-unreachable": ["http://127.0.0.1:9/known.presend", { trust }],
      "set-unreadable": [failing(demo("known.presend")), { trust }],
    };
    for (const [expected, [source, options]] of Object.entries(refused)) {
      await assert.rejects(scanner.loadSet(source, options), code(expected), expected);
      assert.equal(scanner.set, null);
    }
    await assert.rejects(scanner.scan(demo("outbox/beach.jpg")), code("no-set"));
  });

  test("tell a queue that is full, and a scanner that is closed", async () => {
    await withScanner(
      async (scanner) => {
        const large = broken("large.png");
        const running = [scanner.scan(large), scanner.scan(large)];
        await assert.rejects(scanner.scan(large), code("busy"));
        await scanner.close();
        for (const scan of running) await assert.rejects(scan, code("closed"));
        await assert.rejects(scanner.scan(large), code("closed"));
        assert.equal(scanner.workers, 0);
      },
      { workers: 1, queue: 1 },
    );
  });
});

describe("a scanner", () => {
  test("takes sets from anywhere, and says how far it is", async (t) => {
    const scanner = await opened(t);
    const set = demo("known.presend");
    const sources = [
      set,
      set.buffer.slice(set.byteOffset, set.byteOffset + set.byteLength),
      new Blob([set]),
      new Blob([set]).stream(),
      new Response(set),
    ];
    for (const source of sources) {
      const progress = [];
      const info = await scanner.loadSet(source, { trust: JSON.parse(trust), onProgress: (step) => progress.push(step) });
      assert.deepEqual([info.name, info.entries, info.radius, info.algorithm], ["presend-demo", 12, 16, "pdq"]);
      assert.deepEqual(scanner.set, info);
      assert.deepEqual([progress.at(-1).loaded, progress.at(-1).total], [set.length, set.length]);
      assert.equal(progress.at(-1).set.rootDigest, info.rootDigest);
    }
    const { name, version, rootDigest } = scanner.set;
    await scanner.loadSet(set, { trust, lastSeen: { name, version, rootDigest } });
  });

  test("knows whom a set is from before it is all there, and stops at the first wrong byte", async (t) => {
    const scanner = await opened(t);
    const set = broken("bad-signature.presend");
    let [taken, cancelled] = [0, false];
    const slow = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(set.subarray(taken, (taken += 64))));
      },
      cancel() {
        cancelled = true;
      },
    });
    await assert.rejects(scanner.loadSet(slow, { trust }), code("bad-signature"));
    assert.ok(taken < set.length && cancelled, `${taken} of ${set.length}`);
  });

  test("stops loading when told to, and keeps the set before", async () => {
    await withScanner(async (scanner) => {
      const controller = new AbortController();
      const never = new ReadableStream({ pull: () => new Promise(() => undefined) });
      const loading = scanner.loadSet(demo("known.presend"), { trust, signal: AbortSignal.abort() });
      await assert.rejects(loading, code("aborted"));
      const waiting = scanner.loadSet(never, { trust, signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await assert.rejects(waiting, code("aborted"));
      assert.equal((await scanner.scan(demo("listed/harbour.jpg"))).kind, "match");
    });
  });

  test("puts a set and its update together", async (t) => {
    const presend = (...args) => execFileSync("cargo", ["run", "--quiet", "--locked", "--package", "presend", "--", ...args], { cwd: ROOT, stdio: "pipe" });
    const at = (name) => join(folder, name);
    const list = (name, hash) => writeFileSync(at(name), `pdq ${hash}\n`);
    list("first.txt", "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22");
    list("second.txt", "aafd00d5aad500d5a8d500d5a0d500d5ff2aff2a80d5ff2a80d5ff2a80d5ff2a");
    presend("set", "keygen", "--organisation", "A Hotline", "-o", at("a.key"), "--trust", at("a.json"), "--threshold", "1");
    presend("set", "build", "--name", "updated", "-o", at("one.presend"), at("first.txt"));
    presend("set", "sign", at("one.presend"), "--key", at("a.key"));
    presend("set", "build", "--add-to", at("one.presend"), "-o", at("two.presend"), at("second.txt"));
    presend("set", "sign", at("two.presend"), "--key", at("a.key"));
    const scanner = await opened(t);
    const own = readFileSync(at("a.json"));
    const [one, two] = ["one.presend", "two.presend"].map((name) => readFileSync(at(name)));
    await assert.rejects(scanner.loadSet(two, { trust: own }), code("set-missing-segment"));
    assert.equal((await scanner.verifySet(one, { trust: own })).entries, 1);
    assert.equal(scanner.set, null, "only looked at");
    const info = await scanner.loadSet([one, two], { trust: own });
    assert.deepEqual([info.version, info.entries], [2, 2]);
    const picture = pixels(join(SYNTHETIC, "checker.ppm"));
    assert.equal((await scanner.scan(picture)).matches[0].distance, 0);
    assert.equal(await scanner.lookUp("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b23"), 1);
  });

  test("does not scan with a set that has expired meanwhile", async (t) => {
    await withScanner(async (scanner) => {
      t.mock.timers.enable({ apis: ["Date"], now: new Date("2200-01-01") });
      await assert.rejects(scanner.scan(demo("outbox/beach.jpg")), code("expired"));
      t.mock.timers.reset();
      assert.equal((await scanner.scan(demo("outbox/beach.jpg"))).kind, "clean");
    });
  });

  test("gives many pictures as they are judged, taking up only what it has room for", async () => {
    await withScanner(
      async (scanner) => {
        const names = demoPictures();
        let taken = 0;
        async function* pictures() {
          for (const name of names) {
            taken++;
            yield new Blob([demo(name)]);
          }
        }
        const verdicts = new Map();
        const steps = [];
        for await (const { index, item, verdict } of scanner.scanMany(pictures(), { concurrency: 3, onProgress: ({ done }) => steps.push(done) })) {
          assert.ok(item instanceof Blob);
          verdicts.set(names[index], verdict.kind);
          assert.ok(taken <= verdicts.size + 3, `${taken} taken, ${verdicts.size} judged`);
        }
        assert.equal(verdicts.size, names.length);
        assert.deepEqual(steps, names.map((_, i) => i + 1));
        for (const name of names.filter((name) => name.startsWith("listed/"))) assert.equal(verdicts.get(name), "match", name);
        assert.equal(verdicts.get("outbox/beach.jpg"), "clean");
        assert.equal(verdicts.get("outbox/broken.jpg"), "unscannable");
      },
      { workers: 2 },
    );
  });

  test("ends a scan of many when one is aborted, and asks for no more pictures", async () => {
    await withScanner(async (scanner) => {
      const controller = new AbortController();
      let returned = false;
      function* endless() {
        try {
          for (;;) yield new Blob([demo("outbox/beach.jpg")]);
        } finally {
          returned = true;
        }
      }
      await assert.rejects(async () => {
        for await (const { index } of scanner.scanMany(endless(), { signal: controller.signal })) if (index === 3) controller.abort();
      }, code("aborted"));
      assert.ok(returned);
      assert.equal((await scanner.scan(demo("outbox/beach.jpg"))).kind, "clean");
    });
  });

  test("leaves the caller's bytes alone, unless they are handed over", async () => {
    await withScanner(async (scanner) => {
      const bytes = new Uint8Array(demo("outbox/beach.jpg"));
      const scanned = scanner.scan(bytes);
      bytes.fill(0);
      assert.equal((await scanned).kind, "clean", "what was given is what is scanned");
      const given = new Uint8Array(demo("listed/harbour.jpg"));
      assert.equal((await scanner.scan(given, { transfer: true })).kind, "match");
      assert.equal(given.length, 0);
    });
  });

  test("says of every verdict what read the pixels, and against which set", async () => {
    await withScanner(async (scanner) => {
      const { decoder, format, width, height, frames, set, time } = await scanner.scan(demo("outbox/slideshow.gif"));
      assert.deepEqual([decoder, format, width > 0, height > 0, frames > 1], ["wasm", "GIF", true, true, true]);
      assert.deepEqual(set, scanner.set);
      assert.ok(time.total >= time.scan && time.scan > 0);
      const picture = await scanner.scan(pixels(join(SYNTHETIC, "rnd_64x64.ppm")));
      assert.equal(picture.decoder, "caller");
      assert.equal((await scanner.scan(broken("text.jpg"))).decoder, "none");
    });
  });

  test("looks pictures up as its policy says, or that of the scan", async () => {
    const scan = async (scanner, options) => (await scanner.scan(demo("outbox/autumn-wood-mirrored.jpg"), options)).kind;
    await withScanner(async (scanner) => {
      assert.equal(await scan(scanner), "clean");
      assert.equal(await scan(scanner, { dihedral: true }), "match");
      const small = await scanner.scan(demo("outbox/beach.jpg"), { limits: { pixels: 1000 } });
      assert.equal(small.reason, "too-many-pixels");
    });
    await withScanner(async (scanner) => assert.equal(await scan(scanner), "match"), { policy: { dihedral: true } });
  });

  test("keeps a program alive only while it works", () => {
    const script = `
      import { Scanner } from "@presend/scanner";
      import { readFileSync } from "node:fs";
      const scanner = await Scanner.create();
      await scanner.loadSet(readFileSync(process.argv[1]), { trust: readFileSync(process.argv[2]) });
      console.log((await scanner.scan(readFileSync(process.argv[3]))).kind);`;
    const files = ["known.presend", "trust.json", "listed/harbour.jpg"].map((name) => join(DEMO, name));
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script, ...files], { cwd: import.meta.dirname, encoding: "utf8", timeout: 30_000 });
    assert.equal(output, "match\n");
  });
});

describe("a guarded upload", () => {
  const upload = (uploads) => async (file, note) => {
    uploads.push(file);
    return note;
  };

  test("runs with what was scanned, whatever becomes of the original", async () => {
    await withScanner(async (scanner) => {
      const uploads = [];
      const guarded = guardUpload(scanner, upload(uploads));
      const bytes = new Uint8Array(demo("outbox/beach.jpg"));
      const running = guarded(bytes, "a note");
      bytes.fill(0);
      assert.equal(await running, "a note");
      assert.deepEqual(Buffer.from(uploads[0]), demo("outbox/beach.jpg"));
      const file = new File([demo("outbox/desk.jpg")], "desk.jpg", { type: "image/jpeg" });
      await guarded(file);
      assert.deepEqual([uploads[1].name, uploads[1].type, uploads[1].size], ["desk.jpg", "image/jpeg", file.size]);
    });
  });

  test("does not run on a match, whatever the policy", async () => {
    await withScanner(async (scanner) => {
      const [uploads, verdicts] = [[], []];
      const guarded = guardUpload(scanner, upload(uploads), { unscannable: "pass", onVerdict: (verdict) => verdicts.push(verdict.kind) });
      await assert.rejects(guarded(demo("listed/harbour.jpg")), (error) => {
        assert.ok(error instanceof UploadBlocked);
        assert.equal(error.verdict.kind, "match");
        return code("upload-blocked")(error);
      });
      assert.deepEqual([uploads, verdicts], [[], ["match"]]);
    });
  });

  test("does not run on what cannot be judged, unless the policy lets it", async () => {
    await withScanner(async (scanner) => {
      const uploads = [];
      const text = Buffer.from("%PDF-1.7 not a picture");
      await assert.rejects(guardUpload(scanner, upload(uploads))(text), code("upload-blocked"));
      const documents = guardUpload(scanner, upload(uploads), {
        unscannable: async ({ reason }) => (reason === "unknown-format" ? "pass" : "block"),
      });
      await assert.rejects(documents(demo("outbox/plain-blue.png")), code("upload-blocked"));
      assert.equal(uploads.length, 0);
      await documents(text);
      assert.equal(uploads.length, 1);
    });
  });

  test("does not run where there is no set", async (t) => {
    const scanner = await opened(t);
    const uploads = [];
    await assert.rejects(guardUpload(scanner, upload(uploads), { unscannable: "pass" })(demo("outbox/beach.jpg")), code("no-set"));
    assert.equal(uploads.length, 0);
  });
});

function demoPictures() {
  return readdirSync(DEMO, { recursive: true }).filter((path) => /\.(jpg|png|gif|webp)$/.test(path)).sort();
}

/** A stream that breaks off. */
function failing(bytes) {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes.subarray(0, 100)));
    },
    pull(controller) {
      controller.error(new Error("the line is cut"));
    },
  });
}

// The boundary between JavaScript and the engine, with whatever can be put across it: the module itself, and the package
// around it. Every answer is a verdict, a hash, or an error of a documented code; afterwards the engine goes on.
//
//   node boundary.mjs [MINUTES [SEED]]
//
// tries as long as that, and says what it found. Each execution is made from the seed and its number alone.

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { ERROR_CODES, PresendError, Scanner, UNSCANNABLE_REASONS, guardUpload } from "@presend/scanner";
import { createHasher } from "@presend/scanner/hash";
import { Random, detached, mangled, oddNumber, oddText, oddValue } from "./random.mjs";
import { DEMO } from "./vectors.mjs";

/** Pictures of ours, of a few hundred bytes, of every kind that is decoded. */
const SMALL_FOLDER = join(import.meta.dirname, "small");
const DIST = resolve(import.meta.dirname, "../npm/dist");
const demo = (path) => new Uint8Array(readFileSync(join(DEMO, path)));
const SET = demo("known.presend");
const TRUST = demo("trust.json");
const LISTED = demo("listed/birthday.png");
const SMALL = readdirSync(SMALL_FOLDER).map((name) => new Uint8Array(readFileSync(join(SMALL_FOLDER, name))));
const LARGER = readdirSync(join(DEMO, "outbox")).map((name) => demo(`outbox/${name}`));
const NOW = 1_800_000_000;
const KINDS = new Set(["clean", "match", "unscannable"]);
const CODES = new Set([...ERROR_CODES, ...UNSCANNABLE_REASONS]);

/** What has been tried, what came of it, and what should not have come of it. */
export class Tally {
  executions = 0;
  answers = {};
  findings = [];
  memory = [];

  answer(name) {
    this.answers[name] = (this.answers[name] ?? 0) + 1;
  }

  finding(number, what, error) {
    this.findings.push(`${number}, ${what}: ${describe(error)}`);
  }
}

function describe(error) {
  try {
    return String(error?.stack ?? error).slice(0, 600);
  } catch {
    return "what cannot be described";
  }
}

/**
 * Tries the module itself: so many executions, or as long as `until` allows. After `period` of them they begin anew, and
 * `memory` says what the module had each time.
 */
export async function tryModule(seed, { count = Infinity, until = () => false, from = 0, period = Infinity } = {}) {
  const tally = new Tally();
  let raw = await RawModule.create();
  for (let number = from; number < from + count && !until(); number++) {
    const random = new Random(seed, number % period);
    const [what, attempt] = random.pick(RAW);
    tally.executions++;
    try {
      tally.answer(attempt(raw, random) ?? "done");
    } catch (thrown) {
      if (typeof thrown === "string" && CODES.has(thrown.split(" ")[0])) {
        tally.answer(thrown.split(" ")[0]);
      } else if (REFUSED_BY_THE_GLUE.some((refused) => refused(thrown))) {
        tally.answer("refused by the glue");
      } else {
        tally.finding(number, what, thrown);
        raw = await RawModule.create();
      }
    }
    if (number % 200 === 199) {
      const found = raw.engine.scan(LISTED, "{}");
      if (JSON.parse(found).matches?.[0]?.distance !== 0) tally.finding(number, "the engine afterwards", found);
    }
    if (number % period === period - 1) tally.memory.push(raw.memory.buffer.byteLength);
  }
  return tally;
}

/** What wasm-bindgen's code says of values of a wrong type, and of objects that were given away. */
const REFUSED_BY_THE_GLUE = [
  (thrown) => thrown instanceof TypeError,
  (thrown) => /null pointer passed to rust|expected instance of|not to be looked at/.test(thrown?.message),
];

class RawModule {
  static #bytes = readFileSync(join(DIST, "presend.wasm"));
  static #made = 0;

  /** A new one, with JavaScript of its own, which remembers where the memory is. */
  static async create() {
    const glue = await import(`${join(DIST, "presend.js")}?${RawModule.#made++}`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(RawModule.#bytes), { "./presend_bg.js": glue });
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start();
    const raw = new RawModule();
    raw.glue = glue;
    raw.memory = exports.memory;
    raw.engine = new glue.Engine();
    const loader = new glue.SetLoader(TRUST, NOW, null);
    loader.push(SET);
    raw.engine.useSet(loader.open());
    return raw;
  }
}

/** Ways to use the module, each with a name. What they give is the kind of the answer. */
const RAW = [
  ["a file", (raw, random) => judged(raw.engine.scan(picture(random), policyText(random)))],
  ["a mangled file", (raw, random) => judged(raw.engine.scan(mangledPicture(random), policyText(random)))],
  ["a mangled file and no policy", (raw, random) => judged(raw.engine.scan(mangledPicture(random), SOON))],
  ["a file to hash", (raw, random) => hashed(JSON.parse(raw.engine.hash(picture(random), random.chance(50) ? policyText(random) : undefined)))],
  ["pixels to hash", (raw, random) => hashedBytes(raw.glue.hashPixels(...pixels(random)))],
  ["frames", (raw, random) => frames(raw, random)],
  ["pixels that were given away", (raw) => hashedBytes(raw.glue.hashPixels(detached(new Uint8Array(256)), 8, 8))],
  ["a frame without a beginning", (raw, random) => kindOf(raw.engine.frame(...pixels(random)))],
  ["an end without a beginning", (raw) => judged(raw.engine.endFrames())],
  ["a set", (raw, random) => load(raw, random)],
  ["a hash to look up", (raw, random) => kindOf(raw.engine.lookUp(hashText(random)))],
  ["wrong types", (raw, random) => wrongTypes(raw, random)],
  ["objects that are gone", (raw, random) => gone(raw, random)],
];

function judged(text) {
  const verdict = JSON.parse(text);
  const { kind, reason, matches = [] } = verdict;
  if (!KINDS.has(kind)) throw new Error(`no verdict: ${text}`);
  if (kind === "unscannable" && !UNSCANNABLE_REASONS.includes(reason)) throw new Error(`no reason: ${text}`);
  if ((kind === "match") !== matches.length > 0) throw new Error(`a match without matches, or the other way: ${text}`);
  if (matches.some(({ distance }) => !(distance >= 0 && distance <= 16))) throw new Error(`beyond the radius: ${text}`);
  return kind === "unscannable" ? reason : kind;
}

function hashed({ hash, quality }) {
  if (!/^[0-9a-f]{64}$/.test(hash) || !(quality >= 0 && quality <= 100)) throw new Error(`no hash: ${hash}, ${quality}`);
  return "hash";
}

function hashedBytes(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length !== 33 || bytes[32] > 100) throw new Error(`no hash: ${bytes}`);
  return "hash";
}

function kindOf(value) {
  return typeof value;
}

/** A picture, whole or broken off, or bytes that are none. */
function picture(random) {
  const whole = random.pick(random.chance(97) ? SMALL : LARGER);
  // A copy: it may be handed over.
  if (random.chance(50)) return whole.slice();
  return random.chance(50) ? whole.slice(0, random.below(whole.length)) : random.bytes(random.below(200));
}

/** One that was tampered with, now and then by somebody who corrects the check sums of a PNG. */
function mangledPicture(random) {
  const bytes = mangled(random, random.pick(random.chance(97) ? SMALL : LARGER));
  if (random.chance(50)) return bytes;
  const view = new DataView(bytes.buffer);
  for (let at = 8; bytes[0] === 0x89 && at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
  return bytes;
}

/** A size, and bytes that need not be so many. */
function pixels(random) {
  const [width, height] = random.chance(70) ? [random.below(40), random.below(40)] : [oddNumber(random), oddNumber(random)];
  const fits = random.chance(60) && width * height < 1e5;
  const bytes = random.bytes(fits ? 4 * Math.max(0, Math.floor(width * height)) : random.below(4000));
  return [bytes, width, height];
}

const LIMITS = ["bytes", "pixels", "frames", "animationPixels", "metadata", "memory"];
const POLICY = ["threshold", "minQuality", "dihedral", "effort"];

/** A policy of numbers that are allowed and others, now and then of values that are none. */
function policy(random) {
  const value = () => (random.chance(80) ? oddNumber(random) : oddValue(random));
  const policy = {};
  for (const name of POLICY) if (random.chance(25)) policy[name] = random.chance(50) ? random.below(4) : value();
  if (random.chance(30)) policy.limits = Object.fromEntries(LIMITS.filter(() => random.chance(40)).map((name) => [name, value()]));
  if (random.chance(5)) policy[oddText(random)] = value();
  return policy;
}

/** Most of what is tampered with says that it is huge, and is refused at once, or takes seconds. */
const SOON = '{"limits":{"pixels":200000,"animationPixels":2000000}}';

function policyText(random) {
  if (random.chance(50)) return SOON;
  if (random.chance(20)) return oddText(random);
  try {
    return String(JSON.stringify(policy(random)));
  } catch {
    // Not everything can be written so.
    return "";
  }
}

function frames(raw, random) {
  raw.engine.beginFrames(policyText(random));
  for (let frame = random.below(4); frame > 0; frame--) raw.engine.frame(...pixels(random));
  if (random.chance(20)) raw.engine.beginFrames("{}");
  return judged(raw.engine.endFrames());
}

/** A set with nothing wrong, or something, in pieces of any size, or whole. It is not used, unless it is the right one. */
function load(raw, random) {
  const changed = random.chance(80);
  const bytes = changed ? mangled(random, SET, 2) : SET;
  const trust = random.chance(20) ? mangled(random, TRUST, 2) : TRUST;
  const lastSeen = random.chance(20) ? random.pick([oddText(random), '{"name":"presend-demo","version":1,"rootDigest":"00"}']) : null;
  const loader = new raw.glue.SetLoader(trust, random.chance(20) ? oddNumber(random) : NOW, lastSeen);
  let opened;
  try {
    if (random.chance(30)) loader.add(bytes);
    for (let at = 0; at < bytes.length && random.chance(95); ) {
      const piece = bytes.subarray(at, (at += 1 + random.below(800)));
      loader.push(piece);
    }
    opened = loader.open();
  } finally {
    loader.free();
  }
  const info = JSON.parse(opened.info());
  const same = Buffer.from(bytes).equals(SET);
  if (same && trust === TRUST) raw.engine.useSet(opened);
  else opened.free();
  if (!same) throw new Error(`a changed set was opened: ${JSON.stringify(info)}`);
  return "set";
}

function hashText(random) {
  const hex = Array.from({ length: 64 }, () => random.below(16).toString(16)).join("");
  return random.chance(50) ? hex : random.chance(50) ? hex.slice(random.below(64)) : oddText(random);
}

/** Numbers that are none. Bytes and texts are of their types: what calls the module sees to that. */
function wrongTypes(raw, random) {
  const odd = () => oddValue(random);
  const call = random.pick([
    () => raw.engine.frame(random.bytes(16), odd(), odd()),
    () => raw.glue.hashPixels(random.bytes(16), odd(), odd()),
    () => raw.engine.useSet(odd()),
    () => new raw.glue.SetLoader(TRUST, odd(), null).free(),
  ]);
  return kindOf(call());
}

/** Objects that were freed, or handed over to the engine. */
function gone(raw, random) {
  const { Engine, SetLoader } = raw.glue;
  const call = random.pick([
    () => {
      const engine = new Engine();
      engine.free();
      return engine.scan(LISTED, "{}");
    },
    () => {
      const loader = new SetLoader(TRUST, NOW, null);
      loader.push(SET);
      raw.engine.useSet(loader.open());
      return loader.push(SET);
    },
    () => {
      const loader = new SetLoader(TRUST, NOW, null);
      loader.push(SET);
      const set = loader.open();
      raw.engine.useSet(set);
      return set.info();
    },
    () => {
      const engine = new Engine();
      const none = kindOf(engine.hash(LISTED, undefined));
      engine.free();
      engine.free();
      return none;
    },
  ]);
  return kindOf(call());
}

/** Tries the package: so many executions, or as long as `until` allows. */
export async function tryPackage(seed, { count = Infinity, until = () => false, from = 0 } = {}) {
  const tally = new Tally();
  const made = async () => {
    const scanner = await Scanner.create({ workers: 1, policy: JSON.parse(SOON) });
    await scanner.loadSet(SET, { trust: TRUST });
    return scanner;
  };
  const [scanner, hash] = [await made(), await createHasher()];
  for (let number = from; number < from + count && !until(); number++) {
    const random = new Random(seed, number, 1);
    const [what, attempt] = random.pick(random.chance(97) ? PACKAGE : STARTING);
    tally.executions++;
    try {
      tally.answer((await inTime(async () => attempt({ scanner, hash }, random))) ?? "done");
    } catch (error) {
      if (error instanceof PresendError && ERROR_CODES.includes(error.code)) tally.answer(error.code);
      else tally.finding(number, what, error);
    }
    if (number % 100 === 99) {
      const verdict = await scanner.scan(LISTED, { limits: { pixels: 1e6 } });
      if (verdict.matches?.[0].distance !== 0) tally.finding(number, "the scanner afterwards", JSON.stringify(verdict));
      if (scanner.workers > 1) tally.finding(number, "the scanner afterwards", `${scanner.workers} workers`);
    }
  }
  await scanner.close();
  return tally;
}

/** What an attempt gives, or an error if it gives nothing for as long as nothing takes. */
async function inTime(attempt) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("it hangs")), 60_000)));
  try {
    return await Promise.race([attempt(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ways to use the package, each with a name: those that an existing worker answers. */
const PACKAGE = [
  ["a picture and a policy", async ({ scanner }, random) => verdict(await scanner.scan(picture(random), policy(random)))],
  ["a mangled picture", async ({ scanner }, random) => verdict(await scanner.scan(mangledPicture(random)))],
  ["no picture", async ({ scanner }, random) => verdict(await scanner.scan(oddValue(random)))],
  ["pixels", async ({ scanner }, random) => verdict(await scanner.scan(imageData(random)))],
  ["options", async ({ scanner }, random) => verdict(await scanner.scan(picture(random), options(random)))],
  ["no options", async ({ scanner }, random) => verdict(await scanner.scan(LISTED, oddValue(random)))],
  ["bytes handed over", async ({ scanner }, random) => verdict(await scanner.scan(handed(random), { transfer: true }))],
  ["a picture to hash", async ({ scanner }, random) => hashed(await scanner.hash(picture(random), options(random)))],
  ["no picture to hash", async ({ scanner }, random) => hashed(await scanner.hash(oddValue(random), oddValue(random)))],
  ["a hash", async ({ scanner }, random) => kindOf(await scanner.lookUp(random.chance(50) ? hashText(random) : oddValue(random)))],
  ["many pictures", async ({ scanner }, random) => many(scanner, random)],
  ["a guarded upload", async ({ scanner }, random) => guarded(scanner, random)],
  ["pixels on the page's own thread", async ({ hash }, random) => hashed(hash(random.chance(70) ? imageData(random) : oddValue(random)))],
];

/** Those that start a worker, or an instance, which takes a hundred times as long. */
const STARTING = [
  ["a set", async ({ scanner }, random) => verified(await scanner.verifySet(SET, loadOptions(random)))],
  ["a mangled set", async ({ scanner }, random) => refused(await scanner.loadSet(changedSet(random), { trust: TRUST }))],
  ["no set", async ({ scanner }, random) => verified(await scanner.verifySet(oddSource(random), { trust: TRUST }))],
  ["a scanner", async (_, random) => scannerOf(random)],
  ["a second hasher", async ({ hash }, random) => sameHash(hash, await createHasher(), random)],
];

function verdict(found) {
  const kind = judged(JSON.stringify(found));
  if (found.set?.name !== "presend-demo" || !(found.time.total >= 0)) throw new Error(`incomplete: ${JSON.stringify(found)}`);
  return kind;
}

function verified({ name }) {
  if (name !== "presend-demo") throw new Error(`another set: ${name}`);
  return "set";
}

function refused(info) {
  throw new Error(`a changed set was opened: ${JSON.stringify(info)}`);
}

function imageData(random) {
  const [bytes, width, height] = pixels(random);
  const data = new Uint8ClampedArray(bytes);
  return { data: random.chance(5) ? detached(data) : data, width, height };
}

/** Two that share the module's JavaScript must not share anything else. */
function sameHash(hash, other, random) {
  const data = new Uint8ClampedArray(random.bytes(4 * 16 * 16));
  const hashes = [hash, other, hash].map((hash) => hash({ data, width: 16, height: 16 }).hash);
  if (new Set(hashes).size > 1) throw new Error(`different hashes of one picture: ${hashes}`);
  return "hash";
}

function options(random) {
  const value = () => (random.chance(50) ? oddNumber(random) : oddValue(random));
  const options = {};
  // Short ones end a worker, whose successor takes a while to start.
  if (random.chance(30)) options.timeout = random.pick([0, NaN, Infinity, 2 ** 31, -1, "1000", null, undefined, 60_000, 7n, {}]);
  if (random.chance(20)) options.signal = random.pick([null, undefined, {}, 7, AbortSignal.abort(), new AbortController().signal]);
  if (random.chance(20)) options.transfer = random.pick([true, false, null, "yes", 0]);
  if (random.chance(20)) options[random.pick([...POLICY, "limits"])] = value();
  return options;
}

/** Bytes of the caller's, whole, a part, shared, of a buffer that can grow, or given away before. */
function handed(random) {
  const bytes = Uint8Array.from(picture(random));
  return random.pick([
    () => bytes,
    () => bytes.buffer,
    () => bytes.subarray(random.below(bytes.length + 1)),
    () => Buffer.from(bytes),
    () => detached(bytes),
    () => detached(bytes).buffer,
    () => new Blob([bytes]),
    () => {
      const growing = new Uint8Array(new ArrayBuffer(bytes.length, { maxByteLength: 2 * bytes.length + 1 }));
      growing.set(bytes);
      return growing;
    },
    () => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return shared;
    },
  ])();
}

function changedSet(random) {
  let set = mangled(random, SET, 2);
  while (Buffer.from(set).equals(SET)) set = mangled(random, SET, 2);
  const half = random.below(set.length + 1);
  return random.pick([() => set, () => new Blob([set]), () => new Response(set), () => [set, set], () => [set.subarray(0, half), set.subarray(half)]])();
}

function loadOptions(random) {
  const value = () => oddValue(random);
  const options = { trust: random.chance(60) ? TRUST : random.chance(50) ? value() : JSON.parse(Buffer.from(TRUST)) };
  if (random.chance(10)) return value();
  if (random.chance(20)) options.trust.threshold = value();
  if (random.chance(30)) options.now = random.pick([new Date(0), new Date(NaN), new Date(8.64e15), new Date(), 7, "now", null, undefined]);
  if (random.chance(30)) options.lastSeen = random.chance(50) ? value() : { name: value(), version: value(), rootDigest: value() };
  if (random.chance(20)) options.signal = random.pick([null, undefined, {}, 7, AbortSignal.abort()]);
  return options;
}

/** Anything but texts, which would be addresses, and streams that never end. */
function oddSource(random) {
  const value = oddValue(random);
  return typeof value === "string" ? [value.length] : value;
}

async function many(scanner, random) {
  const images = random.chance(50) ? [picture(random), oddValue(random)] : oddValue(random);
  const options = random.chance(50) ? options_many(random) : oddValue(random);
  let kind = "none";
  for await (const found of scanner.scanMany(images, options)) kind = verdict(found.verdict);
  return kind;
}

function options_many(random) {
  return { ...options(random), concurrency: random.pick([1, 2, undefined, 0, -1, NaN, "2", 2n, null]) };
}

async function guarded(scanner, random) {
  let uploads = 0;
  const unscannable = random.pick(["block", "pass", undefined, null, "PASS", 7, () => "pass", () => 7]);
  const policy = random.chance(70) ? { unscannable, scan: options(random) } : oddValue(random);
  const upload = guardUpload(scanner, async () => ++uploads, policy);
  const file = random.chance(70) ? handed(random) : random.chance(50) ? LISTED : oddValue(random);
  try {
    await upload(file);
  } catch (error) {
    if (uploads > 0) throw new Error(`uploaded, and refused: ${describe(error)}`);
    throw error;
  }
  if (uploads !== 1 || file === LISTED) throw new Error(`${uploads} uploads`);
  return "uploaded";
}

async function scannerOf(random) {
  // Most of these are refused before a worker is started.
  const name = random.pick(["workers", "queue", "recycleAbove", "timeout", "policy", "wasmUrl", "wasmModule", "integrity", "createWorker"]);
  const value = random.pick([NaN, -1, 0.5, "\ud800", {}, [], null, 7n, Symbol("seven"), () => 7, Object.create(null)]);
  const scanner = await Scanner.create(random.chance(90) ? { [name]: value } : random.pick([null, 7, "x"]));
  await scanner.close();
  return "scanner";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [minutes = 1, seed = 1] = process.argv.slice(2).map(Number);
  const end = (share) => {
    const at = Date.now() + share * minutes * 60_000;
    return () => Date.now() > at;
  };
  for (const [name, attempt] of [["the module", tryModule], ["the package", tryPackage]]) {
    const { executions, answers, findings } = await attempt(seed, { until: end(0.5) });
    console.log(`${name}: ${executions} executions, ${findings.length} findings`);
    console.log(JSON.stringify(answers));
    for (const finding of findings.slice(0, 40)) console.log(finding);
  }
}

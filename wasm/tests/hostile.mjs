// Files that mean no good, and files at the edges of their formats: which there are, what the native program says of
// them, and where the package in a browser says something else.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { NATIVE, ROOT, shared } from "./vectors.mjs";

/** Where the files are, and their paths in it, every so many-th of them; `null`, and a printed reason, without them. */
export function hostileFiles(every = 1) {
  const root = shared("images/dev");
  if (root === null) return null;
  const files = (name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "expect.csv")
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort()
      .filter((_, i) => i % every === 0);
  return { root, conformance: files("conformance"), malformed: files("malformed"), photos: files("photos") };
}

/** So many of them, the same ones each time: half photographs, a quarter of each other collection. */
export function mixed({ photos, conformance, malformed }, count) {
  // A prime number strides through all of a list.
  const take = (list, i) => list[(i * 997) % list.length];
  return Array.from({ length: count }, (_, i) => {
    if (i % 2 === 0) return take(photos, i / 2);
    return i % 4 === 1 ? take(conformance, (i - 1) / 4) : take(malformed, (i - 3) / 4);
  });
}

/** The address under which a server shows a file of them. */
export function addressOf(path) {
  return `/pictures/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** What the native program says of files, by their paths: as the package's verdicts say it. */
export function nativeVerdicts(root, paths, { set, trust }) {
  const [program, ...before] = NATIVE;
  const files = paths.map((path) => join(root, path));
  const args = [...before, "scan", "--limits", "browser", "--format", "ndjson", "--set", set, "--trust", trust, ...files];
  let output;
  try {
    output = execFileSync(program, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // 1 says that some of them match, 2 that some cannot be judged.
    if (error.status !== 1 && error.status !== 2) throw error;
    output = error.stdout;
  }
  const records = output.trimEnd().split("\n").map((line) => JSON.parse(line));
  return new Map(records.map((record) => [relative(root, record.path), ofNative(record)]));
}

function ofNative({ outcome, reason, matches, format, width, height, frames, quality }) {
  const kind = outcome === "inconclusive" ? "unscannable" : outcome;
  return { kind, reason: reason?.code ?? null, distance: matches[0]?.distance ?? null, format, width, height, frames, quality };
}

/** The same of a verdict of the package. */
export function ofPackage({ kind, reason = null, matches = [], format, width, height, frames, quality }) {
  return { kind, reason, distance: matches[0]?.distance ?? null, format, width, height, frames, quality };
}

/** Formats that the native program reads and the module does not. */
const NATIVE_ONLY = new Set(["BMP", "TIFF"]);

/**
 * How two verdicts of one file differ: `null` where they are the same, a class of differences that is known, or
 * `"different"`.
 */
export function difference(native, web) {
  if (web.decoder === "image-decoder" || web.decoder === "canvas") return "read by the browser";
  const ours = ofPackage(web);
  // Of what cannot be decoded the native program does not say the format.
  const said = native.format === null ? ["kind", "reason", "distance"] : Object.keys(native);
  if (said.every((key) => native[key] === ours[key])) return null;
  const unsupported = ours.kind === "unscannable" && ours.reason === "unsupported";
  if (unsupported && NATIVE_ONLY.has(ours.format)) return `${ours.format}: the module has no decoder for it`;
  // The decoder is asked for the size of the picture first, which 32 bits cannot hold.
  if (ours.reason === "too-much-memory" && native.kind === "unscannable") return "more bytes than 32 bits can count";
  if (ours.reason === "timeout") return "over the time limit";
  return "different";
}

/** How many there are of each. */
export function counted(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// Pictures and what their hashes are: golden vectors of the reference, and shared pictures as the native program hashes
// them.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");
export const SYNTHETIC = join(ROOT, "hashsets/vectors/pdq/synthetic");
export const DEMO = join(ROOT, "hashsets/demo");
const SHARED = resolve(ROOT, "../shared");

/** The developers' pictures; `null`, and a printed reason, on a machine without them. */
export function shared(path) {
  const folder = join(SHARED, path);
  if (existsSync(folder)) return folder;
  console.log(`skipped: ${folder} is not on this machine`);
  return null;
}

/** The golden pictures: `{ name, hash, quality }` of the reference. Those too small to hash have a hash of zeros. */
export function synthetic() {
  return table(join(SYNTHETIC, "expected.csv")).map((row) => ({
    name: row.name,
    hash: row.core_no_resize_hash,
    quality: Number(row.core_no_resize_quality),
  }));
}

/** Photographs that the reference decoded and hashed: those of three channels, of which the pixels are shared. */
export function photographs() {
  const folder = shared("pdq/vectors");
  if (folder === null) return null;
  const rows = table(join(folder, "expected_core_no_resize.csv"));
  return rows
    .filter(({ name, reference_channels }) => reference_channels === "RGB" && existsSync(join(folder, "decoded", `${name}.png`)))
    .map(({ name, hash, quality }) => ({ name: `${name}.png`, hash, quality: Number(quality) }));
}

/** So many of the shared pictures, from all folders alike, by their paths in `images/dev`. */
export function sharedPictures(count) {
  const folder = shared("images/dev");
  if (folder === null) return null;
  const all = readdirSync(folder, { recursive: true })
    .filter((path) => /\.(jpe?g|png|webp|gif)$/i.test(path) && !path.startsWith("malformed"))
    .filter((path) => statSync(join(folder, path)).size < 4_000_000)
    .sort();
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
}

/** The native program, and what goes before its arguments: `PRESEND` names one that is built already. */
export const NATIVE = process.env.PRESEND
  ? [process.env.PRESEND]
  : ["cargo", "run", "--quiet", "--locked", "--package", "presend", "--"];

/** What the native program makes of files, by their paths in a folder: `{ hash, quality }` of the first frame, or `null`. */
export function nativeHashes(folder, paths) {
  const [program, ...before] = NATIVE;
  let output;
  try {
    const files = paths.map((path) => join(folder, path));
    output = execFileSync(program, [...before, "hash", "--format", "csv", ...files], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // 2 says that some of them cannot be hashed.
    if (error.status !== 2) throw error;
    output = error.stdout;
  }
  const hashes = new Map(paths.map((path) => [path, null]));
  for (const row of parse(output)) {
    if (row.frame === "0" && row.hash !== "") {
      hashes.set(relative(folder, row.path), { hash: row.hash, quality: Number(row.quality) });
    }
  }
  return hashes;
}

function table(path) {
  return parse(readFileSync(path, "utf8"));
}

/** Rows of a CSV with a header, quoted fields included. */
function parse(text) {
  const [head, ...rows] = text.trimEnd().split("\n").map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare),
  );
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

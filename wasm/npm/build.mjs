// Puts the package together: optimises the modules, compiles the TypeScript, and weighs the result.
// `cargo xtask wasm` runs this after it has made the modules.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { minifySync } from "rolldown/utils";
import { brotliCompressSync, constants } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const made = join(here, "../../target/web");
const dist = join(here, "dist");
const bin = (name) => join(here, "../node_modules/.bin", name);

// What wasm-opt may use is what the compiler used: `--all-features` makes modules that browsers refuse.
const FEATURES = [
  "simd", "bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue",
].map((name) => `--enable-${name}`);

// What the compiler did not inline stays functions: inlined, it makes the module 2 % larger and no faster.
const APART = ["--one-caller-inline-max-function-size=2", "--flexible-inline-max-function-size=7"];
// The first kilobyte of memory is the far end of the stack, where a program would be when it has run over it: no address is
// computed by wrapping around to it, so what is added to an address can become the offset of a load or store.
const OFFSETS = ["--low-memory-unused"];
// Names of the tools that made it, which say nothing to a browser.
const STRIPPED = ["--strip-producers", "--strip-target-features"];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const name of ["presend", "presend-hash"]) {
  const module = join(made, name, `${name}_bg.wasm`);
  execFileSync(bin("wasm-opt"), ["-O3", "--converge", ...OFFSETS, ...APART, ...STRIPPED, ...FEATURES, "--output", join(dist, `${name}.wasm`), module]);
  const script = readFileSync(join(made, name, `${name}_bg.js`), "utf8");
  writeFileSync(join(dist, `${name}.js`), forgetful(script).replace(/^ *\/\*\*[^]*?\*\/\n/gm, ""));
  copyFileSync(join(made, name, `${name}.d.ts`), join(dist, `${name}.d.ts`));
}
// Comments belong to the types; the code is sent to browsers.
for (const options of [["--emitDeclarationOnly"], ["--declaration", "false", "--removeComments"]]) {
  execFileSync(bin("tsc"), ["--project", here, ...options], { stdio: "inherit" });
}
for (const license of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, "../..", license), join(dist, license));
for (const file of readdirSync(dist).filter((file) => file.endsWith(".js"))) {
  const { code, errors } = minifySync(file, readFileSync(join(dist, file), "utf8"), { module: true });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  writeFileSync(join(dist, file), code);
}
const module = readFileSync(join(dist, "presend.wasm"));
writeFileSync(join(dist, "inline-module.js"), `export const MODULE = "${module.toString("base64")}";\n`);

/**
 * The JavaScript of a module keeps views of its memory. Given another instance it must forget them, or it writes pixels
 * into the memory of the one before.
 */
function forgetful(script) {
  const views = [...script.matchAll(/^let (cached\w+Memory0) = null;$/gm)].map(([, name]) => `    ${name} = null;\n`);
  const [before, after, ...more] = script.split("    wasm = val;\n");
  if (views.length === 0 || after === undefined || more.length > 0) throw new Error("the JavaScript of the module is of another form");
  return `${before}    wasm = val;\n${views.join("")}${after}`;
}

/** These files and all that they import. */
function reachable(...files) {
  for (const file of files) {
    const imports = readFileSync(join(dist, file), "utf8").matchAll(/(?:from|import) ?["']\.\/([^"']+)["']/g);
    for (const [, imported] of imports) if (!files.includes(imported)) files.push(imported);
  }
  return files;
}

// What every file must be: two builds of the same sources give the same, and so does whoever builds the package to compare.
const sums = readdirSync(dist).sort().map((file) => {
  const digest = createHash("sha256").update(readFileSync(join(dist, file))).digest("hex");
  return `${digest}  ${file}\n`;
});
writeFileSync(join(dist, "SHA256SUMS"), sums.join(""));

// Bytes of Brotli at its best, as a server that compresses once sends them.
const KB = 1000;
const BUDGETS = [
  { name: "full module", limit: 200 * KB, files: ["presend.wasm"] },
  { name: "hash-only module", limit: 20 * KB, files: ["presend-hash.wasm"] },
  { name: "JavaScript and worker", limit: 15 * KB, files: reachable("index.js", "worker.js") },
];
const weigh = (file) => {
  const bytes = readFileSync(join(dist, file));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
};
let over = false;
for (const { name, limit, files } of BUDGETS) {
  const weights = files.map(weigh);
  const [raw, brotli] = ["raw", "brotli"].map((key) => weights.reduce((sum, weight) => sum + weight[key], 0));
  console.log(`${name}: ${raw} bytes, ${brotli} of Brotli, of ${limit} allowed`);
  over ||= brotli > limit;
}
if (over) {
  console.error("the package is larger than it may be");
  process.exit(1);
}

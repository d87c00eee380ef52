// Somebody else's project: the packed package, a plain Vite build, a strict content security policy.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { build } from "vite";
import { launchChromium, serve } from "./browser.mjs";
import { unpackInto } from "./packed.mjs";
import { DEMO } from "./vectors.mjs";

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
const WASM = resolve(import.meta.dirname, "..");
const project = mkdtempSync(join(tmpdir(), "presend-consumer-"));
let server, browser;

const MAIN = `
import { PresendError, Scanner, guardUpload, type Match, type Verdict } from "@presend/scanner";
import { createHasher } from "@presend/scanner/hash";
import wasmUrl from "@presend/scanner/wasm?url";

async function scanned(scanner: Scanner, picture: string): Promise<Verdict> {
  await scanner.loadSet(new URL("/known.presend", location.href), { trust: await (await fetch("/trust.json")).text() });
  return await scanner.scan(await (await fetch(picture)).blob());
}

/** Reads of a verdict what each kind has. */
function summary(verdict: Verdict): string {
  switch (verdict.kind) {
    case "clean":
      return verdict.decoder;
    case "match":
      return String((verdict satisfies Match).matches[0].distance);
    case "unscannable":
      return verdict.reason;
  }
}

const checks = {
  standard: async (picture: string) => summary(await scanned(await Scanner.create(), picture)),
  byUrl: async (picture: string) => summary(await scanned(await Scanner.create({ wasmUrl }), picture)),
  inline: async (picture: string) => {
    const inline = await import("@presend/scanner/inline");
    return summary(await scanned(await inline.Scanner.create(), picture));
  },
  guarded: async (picture: string) => {
    const scanner = await Scanner.create();
    await scanned(scanner, picture);
    const upload = guardUpload(scanner, async (file: Blob, room: string) => \`\${room}: \${file.size > 0}\`);
    return await upload(await (await fetch(picture)).blob(), "room").catch((error: unknown) => (error as PresendError).code);
  },
  small: async () => {
    const hash = await createHasher();
    return hash(new ImageData(64, 64)).quality;
  },
};
Object.assign(globalThis, { check: (name: keyof typeof checks, picture: string) => checks[name](picture) });
`;

before(async () => {
  unpackInto(join(project, "node_modules/@presend/scanner"), project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  writeFileSync(join(project, "index.html"), '<!doctype html><title>A client</title><script type="module" src="/main.ts"></script>');
  writeFileSync(join(project, "main.ts"), MAIN);
  writeFileSync(join(project, "vite.d.ts"), 'declare module "*?url" { const url: string; export default url; }');
  mkdirSync(join(project, "public"));
  for (const file of ["known.presend", "trust.json", "listed/harbour.jpg", "outbox/beach.jpg"]) {
    cpSync(join(DEMO, file), join(project, "public", file.split("/").at(-1)));
  }
  await build({ root: project, logLevel: "warn", build: { target: "es2022" } });
  server = await serve(join(project, "dist"), { csp: STRICT });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await server?.close();
  rmSync(project, { recursive: true });
});

/** Runs a check in a page of its own: what it gives, and what was fetched. */
async function check(name, picture) {
  const page = await browser.newPage();
  const requests = [];
  page.context().on("request", (request) => requests.push(request.url()));
  await page.goto(server.url);
  await page.waitForFunction("globalThis.check");
  const result = await page.evaluate(([name, picture]) => globalThis.check(name, picture), [name, picture]);
  await page.close();
  assert.deepEqual(requests.filter((url) => !url.startsWith(server.url)), [], "nothing but the client's own server");
  return { result, modules: requests.filter((url) => url.endsWith(".wasm")).length };
}

test("the package holds what it should and nothing else", () => {
  const files = readdirSync(join(project, "node_modules/@presend/scanner"), { recursive: true });
  const others = files.filter((path) => !/^dist\/[a-z-]+\.(js|d\.ts|wasm)$/.test(path)).sort();
  const named = ["dist/LICENSE-APACHE", "dist/LICENSE-MIT", "dist/SHA256SUMS"];
  assert.deepEqual(others, ["README.md", "dist", ...named, "package.json"]);
});

test("the package lists the digest of every file of it", () => {
  const dist = join(project, "node_modules/@presend/scanner/dist");
  const files = readdirSync(dist).filter((file) => file !== "SHA256SUMS").sort();
  const sums = files.map((file) => `${createHash("sha256").update(readFileSync(join(dist, file))).digest("hex")}  ${file}\n`);
  assert.equal(readFileSync(join(dist, "SHA256SUMS"), "utf8"), sums.join(""));
});

test("its types are those of its code, for bundlers and for Node", () => {
  for (const [module, resolution] of [["ESNext", "Bundler"], ["NodeNext", "NodeNext"]]) {
    const options = ["--module", module, "--moduleResolution", resolution, "--target", "ES2022", "--lib", "ES2022,DOM,ESNext.Disposable"];
    const tsc = join(WASM, "node_modules/.bin/tsc");
    execFileSync(tsc, ["--noEmit", "--strict", "--skipLibCheck", "false", "--ignoreConfig", ...options, "main.ts", "vite.d.ts"], { cwd: project, stdio: "pipe" });
  }
});

test("a client that Vite built scans under a strict policy", async () => {
  assert.deepEqual(await check("standard", "/harbour.jpg"), { result: "0", modules: 1 });
  assert.deepEqual(await check("standard", "/beach.jpg"), { result: "wasm", modules: 1 });
});

test("the module can be served from where the client wants it", async () => {
  assert.deepEqual(await check("byUrl", "/harbour.jpg"), { result: "0", modules: 1 });
});

test("the inlined module needs no further file", async () => {
  assert.deepEqual(await check("inline", "/harbour.jpg"), { result: "0", modules: 0 });
});

test("a guarded upload works as it does in the types", async () => {
  assert.equal((await check("guarded", "/harbour.jpg")).result, "upload-blocked");
  assert.equal((await check("guarded", "/beach.jpg")).result, "room: true");
});

test("the small module hashes pixels on the page's own thread", async () => {
  assert.deepEqual(await check("small"), { result: 0, modules: 1 });
});

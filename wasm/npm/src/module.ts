/** Getting the WebAssembly module. */
import { PresendError, reading } from "./errors.js";
import type { ScannerOptions } from "./types.js";

/** Compiles the module that the options name, or the one at `standard`. */
export async function loadModule(options: ScannerOptions, standard: () => URL): Promise<WebAssembly.Module> {
  checkBrowser();
  const { wasmModule, wasmUrl, integrity } = reading(() => ({ ...options }));
  if (wasmModule !== undefined) {
    if (integrity !== undefined) {
      throw new PresendError("bad-argument", "the integrity of a module that is compiled already cannot be checked");
    }
    if (!reading(() => wasmModule instanceof WebAssembly.Module)) throw new PresendError("wasm-invalid", "`wasmModule` is no module");
    return wasmModule;
  }
  const expected = integrity === undefined ? null : parseIntegrity(integrity);
  const response = await fetchModule(reading(() => String(wasmUrl ?? standard())));
  if (expected !== null) return await compileChecked(await bytesOf(response), expected);
  try {
    // Where the server names another type, the bytes are compiled when all are there.
    const streams = response.headers.get("content-type")?.split(";")[0]?.trim() === "application/wasm";
    if (streams) return await WebAssembly.compileStreaming(response);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw invalid(error);
    throw unreachable(response.url, error);
  }
  return await compile(await bytesOf(response));
}

/** Compiles bytes. */
export async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw invalid(error);
  }
}

/** Compiles bytes that have this SHA-384 digest. */
export async function compileChecked(bytes: Uint8Array<ArrayBuffer>, expected: string): Promise<WebAssembly.Module> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new PresendError("unsupported-browser", "the integrity can be checked in secure contexts (HTTPS) only");
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-384", bytes));
  const found = btoa(String.fromCharCode(...digest));
  if (found !== expected) {
    throw new PresendError("wasm-integrity", `the module has the digest sha384-${found}, not sha384-${expected}`);
  }
  return await compile(bytes);
}

/** The Base64 digest of an `integrity`. */
export function parseIntegrity(integrity: string): string {
  if (typeof integrity !== "string") throw new PresendError("bad-argument", "an integrity is a text");
  const digest = /^sha384-([A-Za-z0-9+/]{64})$/.exec(integrity)?.[1];
  if (digest === undefined) throw new PresendError("bad-argument", `not a SHA-384 integrity: ${integrity}`);
  return digest;
}

/** A module of one function, `v128.const` and `drop`: valid where there are vectors. */
const VECTORS = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12],
  ...Array.from({ length: 16 }, () => 0),
  ...[26, 11],
);

/** Refuses what cannot run the module. */
export function checkBrowser(): void {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(VECTORS)) {
    const needed = "WebAssembly with vectors (Chrome 91, Firefox 89, Safari 16.4)";
    throw new PresendError("unsupported-browser", `this browser lacks ${needed}`);
  }
}

async function fetchModule(url: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw unreachable(url, error);
  }
  if (!response.ok) throw unreachable(url, `status ${response.status}`);
  return response;
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw unreachable(response.url, error);
  }
}

function unreachable(url: string, why: unknown): PresendError {
  return new PresendError("wasm-unreachable", `the module at ${url} cannot be fetched: ${why}`, { cause: why });
}

function invalid(error: unknown): PresendError {
  return new PresendError("wasm-invalid", `the module cannot be compiled: ${error}`, { cause: error });
}

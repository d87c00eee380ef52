/** Getting the WebAssembly module in Node, whose `fetch` does not read files. */
import { readFile } from "node:fs/promises";
import { PresendError, reading } from "./errors.js";
import { checkBrowser, compile, compileChecked, loadModule, parseIntegrity } from "./module.js";
import type { ScannerOptions } from "./types.js";

/** Compiles the module that the options name, or this file of the package. */
export async function loadModuleInNode(options: ScannerOptions, file: string): Promise<WebAssembly.Module> {
  const url = reading(() => new URL(options.wasmUrl ?? file, import.meta.url));
  if (options.wasmModule !== undefined || url.protocol !== "file:") return await loadModule(options, () => url);
  checkBrowser();
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await readFile(url));
  } catch (error) {
    throw new PresendError("wasm-unreachable", `the module at ${url} cannot be read: ${error}`, { cause: error });
  }
  const { integrity } = options;
  return integrity === undefined ? await compile(bytes) : await compileChecked(bytes, parseIntegrity(integrity));
}

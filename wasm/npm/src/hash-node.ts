/** `hash.ts` for Node. */
import { hasher, type RgbaPixels } from "./hasher.js";
import { loadModuleInNode } from "./node-module.js";
import type { PixelHash } from "./pixel-hash.js";
import type { ScannerOptions } from "./types.js";

export { PresendError, type ErrorCode } from "./errors.js";
export type { RgbaPixels } from "./hasher.js";
export type { PixelHash } from "./pixel-hash.js";

/** Reads the module, and gives the function that hashes. */
export async function createHasher(
  options: Pick<ScannerOptions, "wasmUrl" | "wasmModule" | "integrity"> = {},
): Promise<(pixels: RgbaPixels) => PixelHash> {
  return hasher(await loadModuleInNode(options, "./presend-hash.wasm"));
}

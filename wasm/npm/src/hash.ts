/** Hashing only, from pixels: a small module, on the caller's thread, without workers or sets. */
import { hasher, type RgbaPixels } from "./hasher.js";
import { loadModule } from "./module.js";
import type { PixelHash } from "./pixel-hash.js";
import type { ScannerOptions } from "./types.js";

export { PresendError, type ErrorCode } from "./errors.js";
export type { RgbaPixels } from "./hasher.js";
export type { PixelHash } from "./pixel-hash.js";

/** Fetches the module, and gives the function that hashes. */
export async function createHasher(
  options: Pick<ScannerOptions, "wasmUrl" | "wasmModule" | "integrity"> = {},
): Promise<(pixels: RgbaPixels) => PixelHash> {
  return hasher(await loadModule(options, () => new URL("./presend-hash.wasm", import.meta.url)));
}

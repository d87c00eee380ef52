/** Hashing only, from pixels: a small module, on the caller's thread, without workers or sets. */
import { PresendError, thrownByEngine } from "./errors.js";
import { instantiate } from "./instantiate.js";
import { loadModule } from "./module.js";
import { pixelHash, type PixelHash } from "./pixel-hash.js";
import * as glue from "./presend-hash.js";
import type { ScannerOptions } from "./types.js";

export { PresendError, type ErrorCode } from "./errors.js";
export type { PixelHash } from "./pixel-hash.js";

/** Pixels as a canvas gives them; `ImageData` is such. */
export interface RgbaPixels {
  /** Red, green, blue, straight alpha (which is ignored), row by row. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Fetches the module, and gives the function that hashes. */
export async function createHasher(
  options: Pick<ScannerOptions, "wasmUrl" | "wasmModule" | "integrity"> = {},
): Promise<(pixels: RgbaPixels) => PixelHash> {
  instantiate(await loadModule(options, () => new URL("./presend-hash.wasm", import.meta.url)), "presend-hash", glue);
  return ({ data, width, height }) => {
    try {
      return pixelHash(glue.hashPixels(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height));
    } catch (thrown) {
      throw thrownByEngine(thrown) ?? new PresendError("bad-argument", String(thrown));
    }
  };
}

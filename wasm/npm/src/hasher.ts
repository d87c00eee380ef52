/** Hashing pixels with the small module. */
import { PresendError, thrownByEngine } from "./errors.js";
import { instantiate } from "./instantiate.js";
import { pixelHash, type PixelHash } from "./pixel-hash.js";
import * as glue from "./presend-hash.js";

/** Pixels as a canvas gives them; `ImageData` is such. */
export interface RgbaPixels {
  /** Red, green, blue, straight alpha (which is ignored), row by row. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Brings the module to life, and gives the function that hashes. */
export function hasher(module: WebAssembly.Module): (pixels: RgbaPixels) => PixelHash {
  instantiate(module, "presend-hash", glue);
  return ({ data, width, height }) => {
    try {
      return pixelHash(glue.hashPixels(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height));
    } catch (thrown) {
      throw thrownByEngine(thrown) ?? new PresendError("bad-argument", String(thrown));
    }
  };
}

/** Hashing pixels with the small module. */
import { PresendError, reading, thrownByEngine } from "./errors.js";
import { instantiate } from "./instantiate.js";
import { isLength, pixelHash, type PixelHash } from "./pixel-hash.js";
import type { Pixels } from "./protocol.js";
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
  const start = (): void => void instantiate(module, "presend-hash", glue);
  start();
  return (pixels) => {
    const { rgba, width, height } = reading(() => rgbaOf(pixels));
    try {
      return pixelHash(glue.hashPixels(rgba, width, height));
    } catch (thrown) {
      const error = thrownByEngine(thrown);
      if (error !== null) throw error;
      // It stopped midway, for want of memory: the next picture has a new one.
      start();
      throw new PresendError("decoder-failed", `the engine stopped: ${thrown}`);
    }
  };
}

function rgbaOf({ data, width, height }: RgbaPixels): Pixels {
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array) || !isLength(width) || !isLength(height)) {
    throw new PresendError("bad-argument", "pixels are `data` of bytes, `width` and `height`");
  }
  return { rgba: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height };
}

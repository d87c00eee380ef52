// A picture that takes long to scan: every limit allows it, and nothing in it is broken.

import { deflateSync } from "node:zlib";
import { chunk } from "./large-picture.mjs";

/** Frames, and the pixels of a side: 500 megapixels together, as many as an animation may have. */
const FRAMES = 500;
const SIDE = 1000;
const BLOCK = 50;

/**
 * An animated PNG of four megabytes, half transparent, so that every frame is hashed on three backdrops. It is
 * clean, for whoever waits long enough: 12 s of the native program.
 */
export function slowPicture() {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 6, 0, 0, 0], 8); // eight bits of red, green, blue and alpha
  const pixels = deflateSync(blocks());
  const chunks = [chunk("IHDR", header), chunk("acTL", numbers(FRAMES, 0))];
  for (let frame = 0, sequence = 0; frame < FRAMES; frame++) {
    const control = numbers(sequence++, SIDE, SIDE, 0, 0);
    chunks.push(chunk("fcTL", Buffer.concat([control, Buffer.from([0, 1, 0, 10, 0, 0])])));
    if (frame === 0) chunks.push(chunk("IDAT", pixels));
    else chunks.push(chunk("fdAT", Buffer.concat([numbers(sequence++), pixels])));
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, ...chunks, chunk("IEND", Buffer.alloc(0))]);
}

/** Rows of blocks of many colours; those that are as the row above say so, and take no room. */
function blocks() {
  const rows = Buffer.alloc(SIDE * (1 + 4 * SIDE));
  for (let y = 0, at = 0; y < SIDE; y++, at += 1 + 4 * SIDE) {
    const first = y % BLOCK === 0;
    rows[at] = first ? 0 : 2;
    for (let x = 0; first && x < SIDE; x++) {
      const block = Math.floor(x / BLOCK) * 7 + (y / BLOCK) * 13;
      rows.set([(block * 53) % 256, (block * 97) % 256, (block * 151) % 256, 128], at + 1 + 4 * x);
    }
  }
  return rows;
}

function numbers(...values) {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

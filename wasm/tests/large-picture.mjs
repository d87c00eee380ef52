// A picture as large as a telephone's, made on the fly: it takes long enough to scan that one can look at the page.

import { crc32, deflateSync } from "node:zlib";

/** A PNG file of 12 megapixels, as Playwright takes files: hills and valleys of light, in colour. */
export function largePicture() {
  const [width, height] = [4000, 3000];
  const across = Array.from({ length: width }, (_, x) => 40 * Math.sin(x / 190) + 30 * Math.cos(x / 71));
  const rows = Buffer.alloc(height * (1 + 3 * width)); // the first byte of a row says that it is stored as it is
  for (let y = 0, at = 0; y < height; y++) {
    const down = 128 + 40 * Math.sin(y / 130) + 15 * Math.cos(y / 47);
    at += 1;
    for (let x = 0; x < width; x++) {
      const level = down + across[(x + y) % width];
      rows[at++] = level;
      rows[at++] = 255 - level;
      rows[at++] = level / 2;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // eight bits of red, green and blue
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(rows, { level: 1 });
  const chunks = [chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))];
  const buffer = Buffer.concat([signature, ...chunks]);
  return { name: "hills.png", mimeType: "image/png", buffer };
}

/** A chunk of a PNG file. */
export function chunk(type, data) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

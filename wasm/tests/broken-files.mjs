// Files with one fault each, and sets that are not to be trusted, made of the demo's.

import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { largePicture } from "./large-picture.mjs";
import { slowPicture } from "./slow-picture.mjs";
import { withMemory } from "./small-memory.mjs";
import { DEMO, ROOT } from "./vectors.mjs";

/** Writes them into a folder; the names say what is wrong. */
export function makeBrokenFiles(folder) {
  mkdirSync(folder, { recursive: true });
  const put = (name, bytes) => writeFileSync(join(folder, name), bytes);
  const picture = readFileSync(join(DEMO, "outbox/beach.jpg"));
  put("truncated.jpg", picture.subarray(0, picture.length / 2));
  put("no-scan.jpg", picture.subarray(0, 300));
  put("empty.jpg", "");
  put("text.jpg", "not a picture");
  put("200-megapixels.png", pngHeader(20_000, 10_000));
  // More than 2 GiB of pixels, which WebAssembly cannot hold in one piece.
  put("576-megapixels.png", pngHeader(24_000, 24_000));
  put("large.png", largePicture().buffer);
  put("slow.png", slowPicture());
  put("24-mebibytes.wasm", withMemory(readFileSync(join(ROOT, "wasm/npm/dist/presend.wasm")), 24 << 20));

  const set = readFileSync(join(DEMO, "known.presend"));
  const changed = (at, name) => {
    const bytes = Buffer.from(set);
    // Another hexadecimal digit, or another byte.
    bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
    put(name, bytes);
  };
  changed(set.indexOf('"sig":"') + 12, "bad-signature.presend");
  changed(set.length - 1, "changed-entry.presend");
  put("truncated.presend", set.subarray(0, set.length - 100));
  put("no-set.presend", "hash,quality\n");
  const trust = JSON.parse(readFileSync(join(DEMO, "trust.json"), "utf8"));
  put("other-keys.json", JSON.stringify({ ...trust, threshold: 1, endorsers: trust.endorsers.slice(0, 1) }));
  put("other-name.json", JSON.stringify({ ...trust, set: "another-set" }));
}

/** A PNG that says it is so large, and holds nothing. */
function pngHeader(width, height) {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write("IHDR", 4);
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  header.set([8, 6, 0, 0, 0], 16);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = Buffer.from([0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xaf, 0x06, 0x1e]);
  return Buffer.concat([signature, header, data]);
}

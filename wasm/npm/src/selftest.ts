/** Whether this device computes what the standard says. */
import type { CanvasState } from "./protocol.js";
import type { Hashed, ImageSource, SelfTest, SelfTestCheck } from "./types.js";

/** A picture of the golden vectors (`checker.ppm`): 8×8 squares, and what the reference says of it. */
const SIDE = 256;
const SQUARE = 32;
const HASH = "aafd00d5aad500d5a8d500d5a0d500d5ff2aff2a80d5ff2a80d5ff2a80d5ff2a";
const QUALITY = 100;

/** The same picture as a PNG of two colours. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEAAQAAAAB0CZXLAAAAQklEQVR42u3WsREAAAQEQf03jQaIzViJZKOPLqIv+7YPAMBPYAMAACZgCwAA" +
  "9AMAAPoBAAD9AACAfgAAQD8AAHAMFIpp8OJOIVPsAAAAAElFTkSuQmCC";

export async function selfTest(
  hash: (image: ImageSource) => Promise<Hashed>,
  canvas: () => Promise<CanvasState>,
): Promise<SelfTest> {
  const checks = [
    await hashes("pixels are hashed as the reference hashes them", () => hash(checker())),
    await hashes("a file is decoded and hashed as the reference does", () => hash(decodeBase64(PNG))),
    await canvasCheck(canvas),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

async function hashes(name: string, hash: () => Promise<Hashed>): Promise<SelfTestCheck> {
  try {
    const found = await hash();
    const ok = found.hash === HASH && found.quality === QUALITY;
    return { name, ok, detail: ok ? found.hash : `expected ${HASH} of quality ${QUALITY}, found ${JSON.stringify(found)}` };
  } catch (error) {
    return { name, ok: false, detail: String(error) };
  }
}

/** Never a failure: pictures are decoded without a canvas, but for the few that only the browser can read. */
async function canvasCheck(canvas: () => Promise<CanvasState>): Promise<SelfTestCheck> {
  const details: Readonly<Record<CanvasState, string>> = {
    true: "a canvas can be read back as it was drawn",
    noise: "this browser puts noise into what is read from a canvas: what only it can decode may be unscannable",
    missing: "there is no canvas here: what only a browser can decode is unscannable",
  };
  return { name: "the browser's own decoders", ok: true, detail: details[await canvas()] };
}

/** `ImageData`, which Node does not have. */
function checker(): ImageData {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const white = (Math.floor((i % SIDE) / SQUARE) + Math.floor(i / SIDE / SQUARE)) % 2;
    data.set([255 * white, 255 * white, 255 * white, 255], 4 * i);
  }
  return { data, width: SIDE, height: SIDE } as ImageData;
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * The browser's own decoders, for what WebAssembly cannot read. Which bits they give depends on the browser, so every
 * frame is looked up in all orientations: some turn pictures as their tags say, some do not.
 */
import type { CanvasState } from "./protocol.js";
import type { Decoder, UnscannableReason } from "./types.js";

/** Takes a frame; says whether a further one is of any use. */
export type Sink = (rgba: Uint8Array, width: number, height: number) => boolean;

export interface Decoded {
  readonly decoder: Decoder;
  /** Why not everything in the file was seen; `null` where it was. */
  readonly fault: { readonly reason: UnscannableReason; readonly message: string } | null;
}

/** What the engine calls a format, and what browsers do. */
const TYPES: Readonly<Record<string, string>> = {
  AVIF: "image/avif",
  HEIF: "image/heic",
  "JPEG XL": "image/jxl",
};

/** Decodes a file frame by frame. `format` is the engine's name for it. */
export async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>, format: string, sink: Sink): Promise<Decoded> {
  const type = TYPES[format];
  // The engine has said already what is wrong with it.
  if (type === undefined) return { decoder: "none", fault: null };
  const content = contentOf(bytes, format);
  let decoded: Decoded | null = null;
  if (typeof ImageDecoder !== "undefined" && (await ImageDecoder.isTypeSupported(type))) {
    decoded = await byImageDecoder(bytes, type, content, sink);
  }
  decoded ??= await byCanvas(bytes, type, format, content, sink);
  // Browsers decode what they have; whether that is all, the file says.
  return content === "damaged" && decoded.fault === null ? { ...decoded, fault: DAMAGED } : decoded;
}

const DAMAGED = { reason: "damaged", message: "the file ends too early" } as const;
const UNSEEN = { reason: "undecodable-frame", message: "the file has frames that the browser does not show" } as const;

/** What a file says that it holds. */
type Content = "still" | "sequence" | "damaged" | "unknown";

/**
 * Of AVIF and HEIF by their boxes: a sequence has a brand that says so, or a movie box. JPEG XL keeps its frames to itself.
 */
function contentOf(bytes: Uint8Array, format: string): Content {
  if (format === "JPEG XL") return "unknown";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (start: number, end: number): string => new TextDecoder("latin1").decode(bytes.subarray(start, end));
  let content: Content = "still";
  for (let start = 0; start < bytes.length; ) {
    if (start + 8 > bytes.length) return "damaged";
    const [size, type] = [view.getUint32(start), text(start + 4, start + 8)];
    // 0 is a box to the end of the file; a box of 64 bits has its size behind its type.
    let length = size === 0 ? bytes.length - start : size;
    if (size === 1) length = start + 16 <= bytes.length ? Number(view.getBigUint64(start + 8)) : Infinity;
    if (length < 8 || start + length > bytes.length) return "damaged";
    const sequence = type === "ftyp" && /avis|msf1|hevc|hevx/.test(text(start + 8, start + length));
    if (sequence || type === "moov") content = "sequence";
    start += length;
  }
  return content;
}

function unsupported(format: string): Decoded {
  return { decoder: "none", fault: { reason: "unsupported", message: `${format} is not supported by this browser` } };
}

/** `null` where not even the first frame can be had this way. */
async function byImageDecoder(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  content: Content,
  sink: Sink,
): Promise<Decoded | null> {
  const decoder = new ImageDecoder({ data: bytes, type, colorSpaceConversion: "none" });
  let seen = 0;
  try {
    // Where the first fails so does the second, which would be an error that nobody caught.
    await Promise.all([decoder.tracks.ready, decoder.completed]);
    // A still picture and an animation can be in one file, as two tracks: a person may be shown either.
    const tracks = Array.from(decoder.tracks);
    for (const track of tracks) {
      if (!track.selected) track.selected = true;
      for (let frame = 0; frame < track.frameCount; frame++) {
        const { image } = await decoder.decode({ frameIndex: frame });
        const goOn = await show(image, sink);
        seen++;
        if (!goOn) return { decoder: "image-decoder", fault: null };
      }
    }
    if (seen === 0) return null;
    const animated = tracks.some(({ animated, frameCount }) => animated && frameCount > 1);
    const all = content === "sequence" ? tracks.length > 1 && animated : content !== "unknown" || animated;
    return { decoder: "image-decoder", fault: all ? null : UNSEEN };
  } catch (error) {
    if (seen === 0) return null;
    const fault = { reason: "undecodable-frame", message: `frame ${seen} cannot be decoded: ${error}` } as const;
    return { decoder: "image-decoder", fault };
  } finally {
    decoder.close();
  }
}

async function show(image: VideoFrame, sink: Sink): Promise<boolean> {
  try {
    const rgba = new Uint8Array(image.allocationSize({ format: "RGBA" }));
    await image.copyTo(rgba, { format: "RGBA" });
    return sink(rgba, image.visibleRect!.width, image.visibleRect!.height);
  } finally {
    image.close();
  }
}

async function byCanvas(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  format: string,
  content: Content,
  sink: Sink,
): Promise<Decoded> {
  if (canvasState() === "missing") return unsupported(format);
  let bitmap: ImageBitmap;
  try {
    const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
    bitmap = await createImageBitmap(new Blob([bytes], { type }), options);
  } catch {
    return unsupported(format);
  }
  try {
    if (canvasState() === "noise") {
      const message = "this browser puts noise into what is read from a canvas, against fingerprinting";
      return { decoder: "none", fault: { reason: "canvas-noise", message } };
    }
    const { width, height } = bitmap;
    const context = contextOf(width, height)!;
    context.drawImage(bitmap, 0, 0);
    sink(new Uint8Array(context.getImageData(0, 0, width, height).data.buffer), width, height);
  } finally {
    bitmap.close();
  }
  // A canvas shows one frame and does not say whether there are more.
  return { decoder: "canvas", fault: content === "sequence" || content === "unknown" ? UNSEEN : null };
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D | null {
  if (typeof OffscreenCanvas === "undefined") return null;
  return new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
}

/** Whether a known pattern can be read back from a canvas as it was put there. */
export function canvasState(): CanvasState {
  const side = 64;
  const context = contextOf(side, side);
  if (context === null) return "missing";
  const pattern = new ImageData(side, side);
  // Every colour far from its neighbours, and opaque, so that nothing is rounded.
  pattern.data.forEach((_, i, data) => (data[i] = i % 4 === 3 ? 255 : (i * 157 + (i >> 3) * 31) % 256));
  context.putImageData(pattern, 0, 0);
  const read = context.getImageData(0, 0, side, side).data;
  return pattern.data.every((value, i) => value === read[i]) ? "true" : "noise";
}

/** Everything that goes in and comes out, in types. */

/**
 * Who is trusted to endorse hash sets: the content of a trust file (`presend.trust/1`), as text, as bytes, or parsed.
 * It must reach the app by another way than the set, or it proves nothing: ship it with the app's code.
 */
export type Trust = string | Uint8Array | ArrayBuffer | TrustFile;

/** A parsed trust file. */
export interface TrustFile {
  readonly schema: "presend.trust/1";
  /** The only set that is trusted; any, where it is missing. */
  readonly set?: string;
  /** How many of the endorsers must have signed. */
  readonly threshold: number;
  readonly allow_unknown_keys?: boolean;
  readonly endorsers: readonly { readonly organisation: string; readonly keys: readonly string[] }[];
}

/** Where a hash set comes from. A `URL`, or a text that is one, is fetched; nothing else touches a network. */
export type SetSource = string | URL | Response | ReadableStream<Uint8Array> | Blob | ArrayBuffer | Uint8Array;

/** Of a set that was used: keep it, and hand it to the next {@link LoadOptions.lastSeen}, to be safe from older ones. */
export interface LastSeen {
  readonly name: string;
  readonly version: number;
  /** 64 hexadecimal digits. */
  readonly rootDigest: string;
}

/** How far a set has been loaded. */
export interface LoadProgress {
  /** Bytes that have arrived and, as far as they can be, are verified. */
  readonly loaded: number;
  /** Bytes there will be, once that is known. */
  readonly total: number | null;
  /** Whom the set is from, once its manifest has arrived and was accepted. */
  readonly set: SetInfo | null;
}

/** What is asked when a set is loaded or verified. A set of several files is held to them only when all have arrived. */
export interface LoadOptions {
  /** Whose word counts. Without it nothing is loaded. */
  readonly trust: Trust;
  /** The set used last, if any: an older one, or another one of the same version, is refused. */
  readonly lastSeen?: LastSeen | null | undefined;
  /** What time it is, for a device whose clock is wrong; by default what the device says. */
  readonly now?: Date | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** A set that was verified. */
export interface SetInfo extends LastSeen {
  /** The organisations that signed it and are trusted. */
  readonly endorsers: readonly string[];
  /** Always `pdq`: a set of other hashes is refused. */
  readonly algorithm: "pdq";
  /** The largest distance that matches, in bits of 256. */
  readonly radius: number;
  /** Hashes in it; an image can have several. */
  readonly entries: number;
  readonly images: number;
  /** ISO 8601. */
  readonly created: string;
  /** ISO 8601. From then on nothing is scanned with it. */
  readonly expires: string;
  /** The lists it was made of. */
  readonly sources: readonly string[];
}

/** How a picture is judged. */
export interface ScanPolicy {
  /** The largest distance that matches, at most the set's radius; by default 31, of which a set's radius is what counts. */
  readonly threshold?: number | undefined;
  /** Pictures of less structure are unscannable: 0 to 100, by default 50. */
  readonly minQuality?: number | undefined;
  /** Look pictures up in all eight orientations; by default upright. */
  readonly dihedral?: boolean | undefined;
  /** How hard an edited copy is looked for: up to 2ⁿ lookups; by default 0, the picture as it is. */
  readonly effort?: number | undefined;
  /** What a file may ask for; the defaults are those of `presend scan --limits browser` (docs/limits.md). */
  readonly limits?: { readonly [limit in keyof Limits]?: number | undefined } | undefined;
}

export interface Limits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Pixels of one frame. */
  readonly pixels: number;
  /** Frames of an animation. */
  readonly frames: number;
  /** Pixels of all its frames. */
  readonly animationPixels: number;
  /** Bytes of metadata: colour profiles, Exif, comments. */
  readonly metadata: number;
  /** Bytes a decoder may hold at once. */
  readonly memory: number;
}

/** How a scanner is made. */
export interface ScannerOptions {
  /** Where the WebAssembly module is; by default beside this package's code. */
  readonly wasmUrl?: string | URL | undefined;
  /** The module, compiled already; nothing is fetched then. */
  readonly wasmModule?: WebAssembly.Module | undefined;
  /** `sha384-` and the Base64 digest that the fetched module must have (as `integrity` of a script element). */
  readonly integrity?: string | undefined;
  /** Makes a worker that runs this package's `./worker`; by default from the file beside this package's code. */
  readonly createWorker?: (() => Worker) | undefined;
  /** How many pictures are scanned at once, each by a worker; by default 2, or 1 on a device of two cores or fewer. */
  readonly workers?: number | undefined;
  /** Milliseconds a picture may take before its worker is killed and the picture unscannable; by default 15,000. */
  readonly timeout?: number | undefined;
  /** Pictures that may wait for a worker; more are refused with `busy`. By default 1,000. */
  readonly queue?: number | undefined;
  /** A worker that has grown beyond so many bytes of memory is replaced after its picture; by default 256 MiB. */
  readonly recycleAbove?: number | undefined;
  /** How pictures are judged, unless a scan says otherwise. */
  readonly policy?: ScanPolicy | undefined;
  /**
   * Whether the browser's decoder may read what WebAssembly cannot (AVIF, HEIC, JPEG XL, where the browser can); by
   * default yes. It does not give the same bits everywhere; the verdict says when it was used.
   */
  readonly browserDecoders?: boolean | undefined;
}

/** A picture to scan. Files keep the bits that were stored; `ImageData` is only as true as the canvas it was read from. */
export type ImageSource = Blob | ArrayBuffer | Uint8Array | ImageData;

export interface ScanOptions extends ScanPolicy {
  readonly signal?: AbortSignal | undefined;
  /** Instead of the scanner's. */
  readonly timeout?: number | undefined;
  /** Hand the bytes over to the worker instead of copying them: they cannot be used afterwards. */
  readonly transfer?: boolean | undefined;
}

/**
 * What read the pixels: this package's own decoders; the browser's, by `ImageDecoder` or a canvas; the caller, who gave
 * pixels; nothing, where the file itself is listed by its digest or could not be read.
 */
export type Decoder = "wasm" | "image-decoder" | "canvas" | "caller" | "none";

/** What every verdict says. */
export interface Scanned {
  readonly decoder: Decoder;
  /** Of a picture that was decoded: told by content. */
  readonly format: string | null;
  /** In pixels, as stored. */
  readonly width: number | null;
  readonly height: number | null;
  /** How many frames were looked up. */
  readonly frames: number | null;
  /** 0 to 100, of the first frame. */
  readonly quality: number | null;
  /** What it was held against. */
  readonly set: SetInfo;
  /** Milliseconds from the call to the verdict, and of them those that the worker took. */
  readonly time: { readonly total: number; readonly scan: number };
}

/** Every frame could be judged, and none is near an entry of the set. */
export interface Clean extends Scanned {
  readonly kind: "clean";
}

/** Something in the picture is near an entry of the set, or the file itself is listed. */
export interface Match extends Scanned {
  readonly kind: "match";
  /** The nearest first; at least one. */
  readonly matches: readonly [Found, ...Found[]];
}

/** The picture, or something in it, could not be judged, and nothing matched. It is not known to be clean. */
export interface Unscannable extends Scanned {
  readonly kind: "unscannable";
  readonly reason: UnscannableReason;
  /** In English, for logs; show people a text of your own, by `reason`. */
  readonly message: string;
}

/** The outcome for one picture. `unscannable` is never `clean`: decide what to do with each. */
export type Verdict = Clean | Match | Unscannable;

/** An entry of the set that was found. */
export interface Found {
  /** In how many of 256 bits the hashes differ. */
  readonly distance: number;
  /** Which entry of the set. */
  readonly entry: number;
  /** What the entry says of itself, if anything. */
  readonly label: string | null;
  /** Which frame, from 0. */
  readonly frame: number;
  /** The backdrop on which a transparent picture looks like the entry. */
  readonly backdrop: "ignored" | "white" | "black";
  /** How the stored picture was turned to look like it. */
  readonly orientation: string;
  /** By which guess at what the picture was before an edit; 0 is the picture as it is. */
  readonly lookup: number;
  /** The kind of digest by which the file itself was found: `md5`, `sha1`, `sha256`. */
  readonly digest: string | null;
  /**
   * What names this entry to the organisations that endorsed the set, to dispute it: it says nothing about the picture.
   * `null` for a file found by its digest.
   */
  readonly reference: { readonly segment: string; readonly entry: number; readonly tag: string } | null;
}

/**
 * Why a file gives no pixels.
 *
 * @internal
 */
export const UNDECODABLE = [
  "empty",
  "unknown-format",
  "unsupported",
  "malformed",
  "decoder-failed",
  "too-many-bytes",
  "too-many-pixels",
  "too-long",
  "too-many-frames",
  "too-much-metadata",
  "too-much-memory",
] as const;

/** Why pictures are unscannable: the names of the command line (docs/output.md), and in the last rows the web's. */
export const UNSCANNABLE_REASONS = [
  // Judged only in part.
  "too-small",
  "low-quality",
  "damaged",
  "undecodable-frame",
  // Not judged at all.
  ...UNDECODABLE,
  // Of the browser.
  "unreadable",
  "canvas-noise",
  "timeout",
  "worker-lost",
] as const;

export type UnscannableReason = (typeof UNSCANNABLE_REASONS)[number];

/** A hash, and how much structure the picture has. */
export interface Hashed {
  /** PDQ, 64 hexadecimal digits. */
  readonly hash: string;
  /** 0 to 100; below 50 the hash says little. */
  readonly quality: number;
  readonly decoder: Decoder;
  readonly width: number;
  readonly height: number;
  /** Data was missing or corrupt and the decoder filled in. */
  readonly damaged: boolean;
}

/** One of many pictures, and what came of it. */
export interface ScannedItem<T> {
  readonly index: number;
  readonly item: T;
  readonly verdict: Verdict;
}

export interface ScanManyOptions extends ScanOptions {
  /** How many are taken up at once; by default as many as there are workers. */
  readonly concurrency?: number | undefined;
  /** `total` is known if the pictures came in an array. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number | null }) => void;
}

/** One thing that was tried. */
export interface SelfTestCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was expected and found, where it failed; otherwise what is worth knowing. */
  readonly detail: string;
}

export interface SelfTest {
  /** Whether hashes on this device are the standard's. */
  readonly ok: boolean;
  readonly checks: readonly SelfTestCheck[];
}

/** What {@link guardUpload} does with what it cannot judge. */
export interface GuardPolicy {
  /**
   * `block` (the default), `pass`, or a decision for each: for example
   * `verdict => verdict.reason === "unknown-format" ? "pass" : "block"` where files that are no pictures are sent too.
   */
  readonly unscannable?: "block" | "pass" | ((verdict: Unscannable) => "block" | "pass" | Promise<"block" | "pass">) | undefined;
  /** Told every verdict, before the upload. */
  readonly onVerdict?: ((verdict: Verdict) => void) | undefined;
  /** How each picture is scanned. */
  readonly scan?: ScanOptions | undefined;
}

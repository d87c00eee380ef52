/** What a scanner and its workers say to one another. */
import type { ErrorCode } from "./errors.js";
import type { Decoder, Hashed, LoadProgress, SetInfo } from "./types.js";

/** A picture on its way: a file, or pixels as red, green, blue, alpha. */
export type Picture = Blob | Uint8Array | Pixels;

export interface Pixels {
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Whom to trust, as the engine takes it. */
export interface Trusting {
  readonly trust: Uint8Array;
  /** Seconds since 1970. */
  readonly now: number;
  readonly lastSeen: string | null;
}

/** What is asked of a worker, and what it answers. */
export interface Tasks {
  /** Starts the engine. */
  start: { ask: { module: WebAssembly.Module }; answer: null };
  hash: { ask: { picture: Picture; policy: string; browserDecoders: boolean }; answer: Hashed };
  scan: { ask: { picture: Picture; policy: string; browserDecoders: boolean }; answer: WorkerVerdict };
  /** Loads a set whole, from one file or several. */
  load: { ask: { trusting: Trusting; files: readonly Blob[]; use: boolean }; answer: SetInfo };
  /** Begins a set that arrives in pieces, takes a piece, and opens it. */
  begin: { ask: { trusting: Trusting }; answer: null };
  push: { ask: { bytes: Uint8Array }; answer: LoadProgress };
  open: { ask: { use: boolean }; answer: SetInfo };
  /** Whether what a canvas shows can be read back. */
  canvas: { ask: object; answer: CanvasState };
  /** How many entries a hash is near to, for measuring. */
  lookUp: { ask: { hash: string }; answer: number };
}

export type Task = keyof Tasks;
export type Ask<T extends Task> = Tasks[T]["ask"];
export type Answer<T extends Task> = Tasks[T]["answer"];

export type CanvasState = "true" | "noise" | "missing";

/** A verdict, but for what the scanner knows. */
export interface WorkerVerdict {
  readonly decoder: Decoder;
  /** Milliseconds. */
  readonly time: number;
  /** The engine's record: what is left of a `Verdict`. */
  readonly record: object;
}

/** One request. */
export type Request = { [T in Task]: { readonly id: number; readonly task: T; readonly ask: Ask<T> } }[Task];

/** The reply to one request. `memory` is how many bytes the engine holds; one that is `broken` must not be used again. */
export type Reply = { readonly id: number; readonly memory: number } & (
  | { readonly began: true }
  | { readonly answer: unknown }
  | { readonly code: ErrorCode; readonly message: string; readonly broken: boolean }
);

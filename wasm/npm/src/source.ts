/** Where the bytes of a set come from. */
import { PresendError, reading } from "./errors.js";
import { aborted } from "./pool.js";
import type { SetSource } from "./types.js";

/** The most bytes of a piece; larger ones are cut, so that progress is seen and an abort is heard. */
const PIECE = 1 << 20;

/** The bytes of a set in pieces, each with a buffer of its own. */
export async function* streamOf(
  source: SetSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const bytes = reading(() => bytesIn(source));
  if (bytes !== null) return yield* cut(bytes);
  if (source instanceof Blob) return yield* pieces(source.stream(), signal);
  if (source instanceof ReadableStream) return yield* pieces(source, signal);
  if (source instanceof Response) return yield* pieces(bodyOf(source), signal);
  if (typeof source === "string" || source instanceof URL) return yield* pieces(await fetched(source, signal), signal);
  throw new PresendError("bad-argument", "a set is a URL, a Response, a stream, a Blob, an ArrayBuffer or a Uint8Array");
}

/** The bytes, where they are there already. */
function bytesIn(source: SetSource): Uint8Array | null {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return source instanceof Uint8Array ? source : null;
}

/** Ends a download that nobody reads. */
export function discard(source: SetSource): void {
  try {
    const stream = source instanceof Response ? source.body : source instanceof ReadableStream ? source : null;
    // One that is being read is ended by its reader.
    if (stream !== null && !stream.locked) void stream.cancel().catch(() => undefined);
  } catch {
    // What cannot even be looked at is no download.
  }
}

async function fetched(url: string | URL, signal: AbortSignal | undefined): Promise<ReadableStream<Uint8Array>> {
  try {
    return bodyOf(await fetch(url, { signal: signal ?? null }));
  } catch (error) {
    if (signal?.aborted) throw aborted(signal);
    if (error instanceof PresendError) throw error;
    throw new PresendError("set-unreachable", `the set at ${url} cannot be fetched: ${error}`, { cause: error });
  }
}

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  const where = response.url === "" ? "the set" : `the set at ${response.url}`;
  if (!response.ok) throw new PresendError("set-unreachable", `${where} cannot be fetched: status ${response.status}`);
  if (response.body === null || response.bodyUsed) throw new PresendError("set-unreadable", `${where} has no bytes to read`);
  return response.body;
}

async function* pieces(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let reader: ReadableStreamDefaultReader<Uint8Array>;
  try {
    reader = stream.getReader();
  } catch (error) {
    throw new PresendError("set-unreadable", `the stream of the set cannot be read: ${error}`, { cause: error });
  }
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  // What is waited for then ends at once.
  signal?.addEventListener("abort", cancel);
  try {
    for (;;) {
      if (signal?.aborted) throw aborted(signal);
      const next = await reader.read().catch((error: unknown) => {
        throw new PresendError("set-unreadable", `the set ended too early: ${error}`, { cause: error });
      });
      if (signal?.aborted) throw aborted(signal);
      if (next.done) return;
      yield* cut(next.value);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    // What is not read is not fetched either.
    cancel();
  }
}

function* cut(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let start = 0; start < bytes.length; start += PIECE) yield new Uint8Array(bytes.subarray(start, start + PIECE));
}

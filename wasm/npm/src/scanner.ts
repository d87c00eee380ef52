/** The front door. */
import { PresendError, reading } from "./errors.js";
import { Pool, aborted, unusable, type RunOptions, type WorkerLike } from "./pool.js";
import { isLength } from "./pixel-hash.js";
import type { Picture, Trusting, WorkerVerdict } from "./protocol.js";
import { selfTest } from "./selftest.js";
import { discard, streamOf } from "./source.js";
import type {
  Hashed,
  ImageSource,
  LastSeen,
  LoadOptions,
  ScanManyOptions,
  ScanOptions,
  ScanPolicy,
  ScannedItem,
  ScannerOptions,
  SelfTest,
  SetInfo,
  SetSource,
  Trust,
  UnscannableReason,
  Verdict,
} from "./types.js";

/** What differs between browsers and Node. */
export interface Platform {
  readonly cores: number;
  module(options: ScannerOptions): Promise<WebAssembly.Module>;
  worker(options: ScannerOptions): WorkerLike;
}

/**
 * Hashes pictures and holds them against a set, in workers. Nothing is fetched but the module and the set, and nothing is
 * sent anywhere.
 *
 * Every call rejects with a `PresendError`.
 */
export class Scanner implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #options: ScannerOptions;
  /** Sets replace one another in the order in which they were asked for. */
  #loading: Promise<unknown> = Promise.resolve();
  /** Ends downloads. */
  readonly #closing = new AbortController();

  private constructor(pool: Pool, options: ScannerOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Makes a scanner: fetches and compiles the module and starts a worker. Make one and keep it. */
  static create(options: ScannerOptions = {}): Promise<Scanner> {
    return Scanner.on(platform(), options);
  }

  /** @internal */
  static async on(platform: Platform, options: ScannerOptions = {}): Promise<Scanner> {
    const pooling = reading(() => {
      checkTimeout(options.timeout);
      policyOf(options.policy, {});
      return {
        workers: atLeast(1, "workers", options.workers ?? Math.min(2, Math.max(1, platform.cores - 1))),
        queue: atLeast(1, "queue", options.queue ?? 1000),
        recycleAbove: atLeast(0, "recycleAbove", options.recycleAbove ?? 256 << 20),
      };
    });
    const module = await platform.module(options);
    const pool = new Pool(module, () => platform.worker(options), pooling);
    try {
      await pool.start();
    } catch (error) {
      pool.close();
      throw error;
    }
    return new Scanner(pool, options);
  }

  /** The set that pictures are held against; `null` until one is loaded. */
  get set(): SetInfo | null {
    return this.#pool.set?.info ?? null;
  }

  /** Workers that are running. */
  get workers(): number {
    return this.#pool.size;
  }

  /**
   * Loads a set, verifying it as it arrives: who endorsed it before the first entry, then every byte. It is used once it
   * is all there; until then, and if it is refused, the one before is.
   */
  loadSet(source: SetSource | readonly SetSource[], options: LoadOptions): Promise<SetInfo> {
    return this.#open(source, options, true);
  }

  /** The same, but the set is only looked at. */
  verifySet(source: SetSource | readonly SetSource[], options: LoadOptions): Promise<SetInfo> {
    return this.#open(source, options, false);
  }

  /** The PDQ hash of a picture's first frame, as it is stored. */
  async hash(image: ImageSource, options: Pick<ScanOptions, "signal" | "timeout" | "transfer"> = {}): Promise<Hashed> {
    const { picture, running } = reading(() => this.#asked(image, options));
    // Of a policy the limits count.
    const ask = { picture, policy: policyOf(this.#options.policy, {}), browserDecoders: this.#options.browserDecoders ?? true };
    return await this.#pool.run("hash", ask, running);
  }

  /** Holds a picture against the set. Pictures that cannot be judged are an outcome, `unscannable`, not an error. */
  async scan(image: ImageSource, options: ScanOptions = {}): Promise<Verdict> {
    const start = performance.now();
    const refused = unusable(this.#pool.set);
    if (refused !== null) throw refused;
    const { policy, picture, running } = reading(() => {
      return { policy: policyOf(this.#options.policy, options), ...this.#asked(image, options) };
    });
    const ask = { picture, policy, browserDecoders: this.#options.browserDecoders ?? true };
    // Another set can be loaded meanwhile: the verdict names the one that was used.
    let set: SetInfo | null = null;
    const finish = ({ record, decoder, time }: WorkerVerdict): Verdict =>
      ({ ...record, decoder, set, time: { total: performance.now() - start, scan: time } }) as unknown as Verdict;
    try {
      return finish(await this.#pool.runWithSet("scan", ask, running, ({ info }) => (set = info)));
    } catch (error) {
      if (set === null || !(error instanceof PresendError) || !OF_THE_PICTURE.has(error.code)) throw error;
      const reason = error.code as UnscannableReason;
      const facts = { format: null, width: null, height: null, frames: null, quality: null };
      const record = { kind: "unscannable", reason, message: error.message, ...facts };
      return finish({ record, decoder: "none", time: performance.now() - start });
    }
  }

  /**
   * Holds pictures against the set, some at a time, and gives each as soon as it is judged: `index` says which it is.
   * Pictures are taken from `images` only when there is room for them. What a single scan rejects with ends it all.
   */
  async *scanMany<T extends ImageSource>(
    images: Iterable<T> | AsyncIterable<T>,
    options: ScanManyOptions = {},
  ): AsyncGenerator<ScannedItem<T>, void, undefined> {
    const { concurrency = this.#options.workers ?? 2, onProgress, signal, ...scanOptions } = reading(() => ({ ...options }));
    const { total, source } = reading(() => {
      atLeast(1, "concurrency", concurrency);
      checkSignal(signal);
      return {
        total: Array.isArray(images) ? images.length : null,
        source: Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator](),
      };
    });
    // Ends what is still running when this ends, for whatever reason.
    const ending = new AbortController();
    const unlink = follow(ending, signal ?? undefined);
    const given = new Promise<never>((_, reject) => {
      ending.signal.addEventListener("abort", () => reject(aborted(ending.signal)), { once: true });
    });
    given.catch(() => undefined);
    const running = new Map<number, Promise<ScannedItem<T>>>();
    let next: Promise<IteratorResult<T>> | null = null;
    let [index, done, ended] = [0, 0, false];
    try {
      for (;;) {
        if (!ended && next === null && running.size < concurrency) next = Promise.resolve(source.next());
        if (next === null && running.size === 0) return;
        // Whichever comes first: a further picture, a verdict, or the end.
        const taken = next?.then((result) => ({ result })) ?? given;
        const event = await Promise.race([...running.values(), taken, given]);
        if ("verdict" in event) {
          running.delete(event.index);
          done++;
          onProgress?.({ done, total });
          yield event;
          continue;
        }
        next = null;
        if (event.result.done === true) {
          ended = true;
          continue;
        }
        const [place, item]: [number, T] = [index++, event.result.value];
        const scan = this.scan(item, { ...scanOptions, signal: ending.signal });
        const scanned = scan.then((verdict) => ({ index: place, item, verdict }));
        // Where another picture ends it all, nobody waits for this one.
        scanned.catch(() => undefined);
        running.set(place, scanned);
      }
    } finally {
      unlink();
      ending.abort();
      // A source that is waited for cannot be told before it has answered.
      if (next === null) await source.return?.();
      else void source.return?.();
    }
  }

  /** How many entries of the set are near a hash of 64 hexadecimal digits; for measuring. */
  async lookUp(hash: string): Promise<number> {
    const refused = unusable(this.#pool.set);
    if (refused !== null) throw refused;
    if (typeof hash !== "string") throw new PresendError("bad-argument", "a hash is a text of 64 hexadecimal digits");
    return await this.#pool.runWithSet("lookUp", { hash });
  }

  /** Tries whether this device computes what the standard says. */
  selfTest(): Promise<SelfTest> {
    return selfTest(
      (image) => this.hash(image),
      () => this.#pool.run("canvas", {}),
    );
  }

  /** Ends all workers; whatever is running or waiting is refused with `closed`. */
  async close(): Promise<void> {
    this.#pool.close();
    this.#closing.abort(new PresendError("closed", "the scanner was closed"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A picture on its way to a worker. Its bytes are handed over last, when all else is as it should be. */
  #asked(
    image: ImageSource,
    { signal, timeout, transfer = false }: Pick<ScanOptions, "signal" | "timeout" | "transfer">,
  ): { picture: Picture; running: RunOptions } {
    checkTimeout(timeout);
    checkSignal(signal);
    const { picture, transfer: buffers } = pictureOf(image, transfer);
    return { picture, running: { signal: signal ?? undefined, timeout: timeout ?? this.#options.timeout ?? 15_000, transfer: buffers } };
  }

  async #open(source: SetSource | readonly SetSource[], options: LoadOptions, use: boolean): Promise<SetInfo> {
    const sources = reading(() => (Array.isArray(source) ? [...(source as readonly SetSource[])] : [source as SetSource]));
    const stop = new AbortController();
    const unlink = [follow(stop, this.#closing.signal)];
    try {
      const { trusting, ahead, signal, onProgress } = reading(() => {
        checkSignal(options?.signal);
        const ahead = (options?.now?.getTime() ?? Date.now()) - Date.now();
        return { trusting: trustingOf(options), ahead, signal: options.signal, onProgress: options.onProgress };
      });
      unlink.push(follow(stop, signal ?? undefined));
      const before = this.#loading;
      const opened = stopping(before, stop.signal).then(() =>
        this.#openNow(sources, trusting, ahead, onProgress, use, stop.signal),
      );
      this.#loading = Promise.allSettled([before, opened]);
      return await opened;
    } catch (error) {
      // What is not read is not fetched either.
      sources.forEach(discard);
      throw error;
    } finally {
      for (const end of unlink) end();
    }
  }

  async #openNow(
    sources: readonly SetSource[],
    trusting: Trusting,
    ahead: number,
    onProgress: LoadOptions["onProgress"],
    use: boolean,
    signal: AbortSignal,
  ): Promise<SetInfo> {
    let opened: SetInfo | null = null;
    await this.#pool.load(async (session) => {
      const files: Blob[] = [];
      let info: SetInfo;
      const [only] = sources;
      if (only !== undefined && sources.length === 1) {
        const parts: BlobPart[] = [];
        await session.ask("begin", { trusting });
        for await (const bytes of streamOf(only, signal)) {
          parts.push(new Uint8Array(bytes));
          const progress = await session.ask("push", { bytes }, { signal, transfer: [bytes.buffer] });
          onProgress?.(progress);
        }
        info = await session.ask("open", { use }, { signal });
        files.push(new Blob(parts));
      } else {
        for (const file of sources) {
          const parts: BlobPart[] = [];
          for await (const bytes of streamOf(file, signal)) parts.push(bytes);
          files.push(new Blob(parts));
          onProgress?.({ loaded: files.reduce((sum, { size }) => sum + size, 0), total: null, set: null });
        }
        info = await session.ask("load", { trusting, files, use }, { signal });
      }
      opened = info;
      return use ? { info, trusting, files, ahead } : null;
    });
    // Closed at the last moment.
    if (opened === null || signal.aborted) throw aborted(signal);
    return opened;
  }
}

/** What the entry points set: where workers and the module come from. */
let standard: Platform | null = null;

export function setPlatform(platform: Platform): void {
  standard = platform;
}

function platform(): Platform {
  if (standard === null) throw new PresendError("bad-argument", "import the package by one of its entry points");
  return standard;
}

/** Codes that say something of a picture and not of the call. */
const OF_THE_PICTURE: ReadonlySet<string> = new Set(["timeout", "worker-lost", "decoder-failed", "unreadable"]);

function pictureOf(image: ImageSource, transfer: boolean): { picture: Picture; transfer: readonly ArrayBuffer[] } {
  if (image instanceof Blob) return { picture: image, transfer: [] };
  const handOver = (bytes: Uint8Array): { bytes: Uint8Array; transfer: readonly ArrayBuffer[] } => {
    // Of a part of a buffer, or of one that is shared, the part is copied: the rest is not ours to take.
    const whole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
    // Not `slice`, which of a Buffer of Node is no copy. Either throws where the bytes were given away before, which of
    // some messages nobody would hear.
    const ours = transfer && whole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
    return { bytes: ours, transfer: [ours.buffer as ArrayBuffer] };
  };
  if (image instanceof Uint8Array || image instanceof ArrayBuffer) {
    const { bytes, transfer } = handOver(image instanceof ArrayBuffer ? new Uint8Array(image) : image);
    return { picture: bytes, transfer };
  }
  const pixels = image as Partial<ImageData> | null;
  if (pixels?.data instanceof Uint8ClampedArray && isLength(pixels.width) && isLength(pixels.height)) {
    const { buffer, byteOffset, byteLength } = pixels.data;
    const { bytes, transfer } = handOver(new Uint8Array(buffer, byteOffset, byteLength));
    return { picture: { rgba: bytes, width: pixels.width, height: pixels.height }, transfer };
  }
  throw new PresendError("bad-argument", "a picture is a Blob, an ArrayBuffer, a Uint8Array or ImageData of bytes");
}

/** The policy, as the engine reads it: what is missing, or `undefined`, is as the scanner has it. */
function policyOf(general: ScanPolicy | undefined, options: ScanOptions): string {
  const { signal: _signal, timeout: _timeout, transfer: _transfer, ...special } = options;
  const limits = { ...given(general?.limits), ...given(special.limits) };
  return JSON.stringify({ ...given(general), ...given(special), limits });
}

/** What is not `undefined`. JSON would make `null` of some values, and that is what is missing. */
function given(values: object | undefined): object {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  for (const [name, value] of entries) {
    if (value === null || (typeof value === "number" && !Number.isFinite(value))) {
      throw new PresendError("bad-argument", `\`${name}\` cannot be ${value}`);
    }
  }
  return Object.fromEntries(entries);
}

function trustingOf(options: LoadOptions | undefined): Trusting {
  const { trust, now, lastSeen } = options ?? ({} as Partial<LoadOptions>);
  const seconds = Math.floor((now?.getTime() ?? Date.now()) / 1000);
  if (Number.isNaN(seconds)) throw new PresendError("bad-argument", "`now` is no date");
  const seen = lastSeen === undefined || lastSeen === null ? null : seenText(lastSeen);
  return { trust: trustBytes(trust), now: seconds, lastSeen: seen };
}

/** What was used last, without what a `SetInfo` has besides. */
function seenText({ name, version, rootDigest }: LastSeen): string {
  return JSON.stringify({ name, version, rootDigest });
}

/** A copy: workers that come later read it too. */
function trustBytes(trust: Trust | undefined | null): Uint8Array {
  if (trust === undefined || trust === null) {
    throw new PresendError("bad-argument", "`trust` is missing: a set is used only if somebody trusted endorsed it");
  }
  if (trust instanceof Uint8Array || trust instanceof ArrayBuffer) return new Uint8Array(trust).slice();
  return new TextEncoder().encode(typeof trust === "string" ? trust : JSON.stringify(trust));
}

/** Aborts with a signal; returns what ends that. */
function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return () => signal?.removeEventListener("abort", abort);
}

/** Waits, but no longer than a signal allows. */
function stopping(promise: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.reject(aborted(signal));
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(aborted(signal));
    signal.addEventListener("abort", abort, { once: true });
    void promise.then((value) => {
      signal.removeEventListener("abort", abort);
      resolve(value);
    }, reject);
  });
}

function atLeast(least: number, name: string, value: number): number {
  if (!Number.isInteger(value) || value < least) {
    throw new PresendError("bad-argument", `\`${name}\` is a whole number from ${least}, not ${value}`);
  }
  return value;
}

/** The longest that a timer can wait for. */
const LONGEST = 2 ** 31 - 1;

function checkTimeout(timeout: number | undefined): void {
  if (timeout === undefined || timeout === Infinity) return;
  if (typeof timeout === "number" && timeout > 0 && timeout <= LONGEST) return;
  throw new PresendError("bad-argument", `a timeout is Infinity, or up to ${LONGEST} milliseconds, not ${timeout}`);
}

/** Not by its class, of which every frame of a page has its own. */
function checkSignal(signal: AbortSignal | null | undefined): void {
  if (signal === undefined || signal === null) return;
  if (typeof signal.addEventListener === "function" && typeof signal.aborted === "boolean") return;
  throw new PresendError("bad-argument", "`signal` is no AbortSignal");
}

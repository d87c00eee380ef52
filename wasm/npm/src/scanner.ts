/** The front door. */
import { PresendError } from "./errors.js";
import { Pool, type RunOptions, type WorkerLike } from "./pool.js";
import type { Picture, Trusting, WorkerVerdict } from "./protocol.js";
import { selfTest } from "./selftest.js";
import { streamOf } from "./source.js";
import type {
  Hashed,
  ImageSource,
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
  #set: SetInfo | null = null;
  /** Sets replace one another in the order in which they were asked for. */
  #loading: Promise<unknown> = Promise.resolve();

  private constructor(pool: Pool, options: ScannerOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Makes a scanner: fetches and compiles the module and starts a worker. Make one and keep it. */
  static create(options: ScannerOptions = {}): Promise<Scanner> {
    return Scanner.on(platform(), options);
  }

  /** Makes a scanner on a platform of one's own. */
  static async on(platform: Platform, options: ScannerOptions = {}): Promise<Scanner> {
    const workers = atLeast(1, "workers", options.workers ?? Math.min(2, Math.max(1, platform.cores - 1)));
    const queue = atLeast(1, "queue", options.queue ?? 1000);
    const recycleAbove = atLeast(0, "recycleAbove", options.recycleAbove ?? 256 << 20);
    checkTimeout(options.timeout);
    const module = await platform.module(options);
    const pool = new Pool(module, () => platform.worker(options), { workers, queue, recycleAbove });
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
    return this.#set;
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
    const { picture, transfer } = pictureOf(image, options.transfer ?? false);
    const ask = { picture, browserDecoders: this.#options.browserDecoders ?? true };
    return await this.#pool.run("hash", ask, this.#running(options, transfer));
  }

  /** Holds a picture against the set. Pictures that cannot be judged are an outcome, `unscannable`, not an error. */
  async scan(image: ImageSource, options: ScanOptions = {}): Promise<Verdict> {
    const start = performance.now();
    const set = this.#usable();
    const { picture, transfer } = pictureOf(image, options.transfer ?? false);
    const ask = { picture, policy: policyOf(this.#options.policy, options), browserDecoders: this.#options.browserDecoders ?? true };
    const finish = ({ record, decoder, time }: WorkerVerdict): Verdict =>
      ({ ...record, decoder, set, time: { total: performance.now() - start, scan: time } }) as unknown as Verdict;
    try {
      return finish(await this.#pool.run("scan", ask, this.#running(options, transfer)));
    } catch (error) {
      if (!(error instanceof PresendError) || !OF_THE_PICTURE.has(error.code)) throw error;
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
    const { concurrency = this.#options.workers ?? 2, onProgress, ...scanOptions } = options;
    atLeast(1, "concurrency", concurrency);
    const total = Array.isArray(images) ? images.length : null;
    const source = Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
    const running = new Map<number, Promise<ScannedItem<T>>>();
    let [index, done, ended] = [0, 0, false];
    try {
      for (;;) {
        while (!ended && running.size < concurrency) {
          const next = await source.next();
          if (next.done === true) {
            ended = true;
          } else {
            const [place, item]: [number, T] = [index++, next.value];
            const scanned = this.scan(item, scanOptions).then((verdict) => ({ index: place, item, verdict }));
            // Where another picture ends it all, nobody waits for this one.
            scanned.catch(() => undefined);
            running.set(place, scanned);
          }
        }
        if (running.size === 0) return;
        const finished = await Promise.race(running.values());
        running.delete(finished.index);
        done++;
        onProgress?.({ done, total });
        yield finished;
      }
    } finally {
      await source.return?.();
    }
  }

  /** How many entries of the set are near a hash of 64 hexadecimal digits; for measuring. */
  async lookUp(hash: string): Promise<number> {
    this.#usable();
    return await this.#pool.run("lookUp", { hash });
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
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #running(options: Pick<ScanOptions, "signal" | "timeout">, transfer: readonly ArrayBuffer[]): RunOptions {
    checkTimeout(options.timeout);
    return { signal: options.signal, timeout: options.timeout ?? this.#options.timeout ?? 15_000, transfer };
  }

  /** The set, if pictures may be held against it now. */
  #usable(): SetInfo {
    if (this.#set === null) throw new PresendError("no-set", "no set was loaded: call loadSet first");
    if (Date.now() >= Date.parse(this.#set.expires)) {
      throw new PresendError("expired", `the set expired at ${this.#set.expires}: load a newer one`);
    }
    return this.#set;
  }

  #open(source: SetSource | readonly SetSource[], options: LoadOptions, use: boolean): Promise<SetInfo> {
    const opened = this.#loading.then(() => this.#openNow(source, options, use));
    this.#loading = opened.catch(() => undefined);
    return opened;
  }

  async #openNow(source: SetSource | readonly SetSource[], options: LoadOptions, use: boolean): Promise<SetInfo> {
    const trusting = trustingOf(options);
    const { signal, onProgress } = options;
    const files = Array.isArray(source) ? (source as readonly SetSource[]) : [source as SetSource];
    const info = await this.#pool.session(async (session, loaded) => {
      const kept: Blob[] = [];
      let info: SetInfo;
      const [only] = files;
      if (only !== undefined && files.length === 1) {
        const parts: BlobPart[] = [];
        await session.ask("begin", { trusting });
        for await (const bytes of streamOf(only, signal)) {
          parts.push(new Uint8Array(bytes));
          const progress = await session.ask("push", { bytes }, { signal, transfer: [bytes.buffer] });
          onProgress?.(progress);
        }
        info = await session.ask("open", { use }, { signal });
        kept.push(new Blob(parts));
      } else {
        for (const file of files) {
          const parts: BlobPart[] = [];
          for await (const bytes of streamOf(file, signal)) parts.push(bytes);
          kept.push(new Blob(parts));
          onProgress?.({ loaded: kept.reduce((sum, { size }) => sum + size, 0), total: null, set: null });
        }
        info = await session.ask("load", { trusting, files: kept, use }, { signal });
      }
      if (use) loaded({ trusting, files: kept });
      return info;
    }, signal);
    if (use) this.#set = info;
    return info;
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
    // Not `slice`, which of a Buffer of Node is no copy.
    const ours = transfer && whole ? bytes : new Uint8Array(bytes);
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

function isLength(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** The policy, as the engine reads it. */
function policyOf(general: ScanPolicy | undefined, options: ScanOptions): string {
  const { signal: _signal, timeout: _timeout, transfer: _transfer, ...special } = options;
  return JSON.stringify({ ...general, ...special, limits: { ...general?.limits, ...special.limits } });
}

function trustingOf({ trust, now, lastSeen }: LoadOptions): Trusting {
  const seconds = Math.floor((now?.getTime() ?? Date.now()) / 1000);
  if (Number.isNaN(seconds)) throw new PresendError("bad-argument", "`now` is no date");
  return { trust: trustBytes(trust), now: seconds, lastSeen: lastSeen === undefined ? null : seen(lastSeen) };
}

/** The file that says what was used last, without what a `SetInfo` has besides. */
function seen({ name, version, rootDigest }: NonNullable<LoadOptions["lastSeen"]>): string {
  return JSON.stringify({ name, version, rootDigest });
}

function trustBytes(trust: Trust | undefined | null): Uint8Array {
  if (trust === undefined || trust === null) {
    throw new PresendError("bad-argument", "`trust` is missing: a set is used only if somebody trusted endorsed it");
  }
  if (trust instanceof Uint8Array) return trust;
  if (trust instanceof ArrayBuffer) return new Uint8Array(trust);
  return new TextEncoder().encode(typeof trust === "string" ? trust : JSON.stringify(trust));
}

function atLeast(least: number, name: string, value: number): number {
  if (!Number.isInteger(value) || value < least) {
    throw new PresendError("bad-argument", `\`${name}\` is a whole number from ${least}, not ${value}`);
  }
  return value;
}

function checkTimeout(timeout: number | undefined): void {
  if (timeout !== undefined && !(timeout > 0)) {
    throw new PresendError("bad-argument", `a timeout is a positive number of milliseconds, not ${timeout}`);
  }
}

/** The worker's side: the engine, and what it is asked. */
import { decodeInBrowser, canvasState } from "./decoders.js";
import { PresendError, thrownByEngine, type ErrorCode } from "./errors.js";
import { instantiate } from "./instantiate.js";
import * as glue from "./presend.js";
import { pixelHash } from "./pixel-hash.js";
import type { Answer, Ask, Pixels, Picture, Reply, Request, Task, Trusting } from "./protocol.js";
import type { Decoder, Hashed, SetInfo, UnscannableReason } from "./types.js";

/** Where requests come from and replies go to. */
export interface Port {
  onRequest(listener: (request: Request) => void): void;
  reply(reply: Reply): void;
}

/** Answers requests, one after another. */
export function serve(port: Port): void {
  const worker = new Worker();
  port.onRequest(async ({ id, task, ask }) => {
    try {
      port.reply({ id, began: true, memory: worker.memory });
      const answer = await (worker[task] as (ask: unknown) => unknown)(ask);
      port.reply({ id, answer, memory: worker.memory });
    } catch (thrown) {
      port.reply({ id, ...failure(task, thrown), memory: worker.memory });
    }
  });
}

/** What was thrown, as a code. What neither the engine nor this file throws is a trap: the engine stopped midway. */
function failure(task: Task, thrown: unknown): { code: ErrorCode; message: string; broken: boolean } {
  const error = thrown instanceof PresendError ? thrown : thrownByEngine(thrown);
  if (error !== null) return { code: error.code, message: error.message, broken: false };
  const code = task === "scan" || task === "hash" ? "decoder-failed" : "worker-lost";
  return { code, message: `the engine stopped: ${thrown}`, broken: true };
}

/** What the engine says of a picture, before it is a verdict. */
interface EngineRecord {
  readonly kind: string;
  readonly format: string | null;
  readonly frames: number | null;
  readonly reason?: UnscannableReason;
  readonly message?: string;
}

class Worker implements Record<Task, (ask: never) => unknown> {
  #memory: WebAssembly.Memory | null = null;
  #engine: glue.Engine | null = null;
  #loader: glue.SetLoader | null = null;

  /** Bytes that the engine holds; they are not given back. */
  get memory(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  get #started(): glue.Engine {
    if (this.#engine === null) throw new PresendError("bad-argument", "the engine was not started");
    return this.#engine;
  }

  start = ({ module }: Ask<"start">): Answer<"start"> => {
    try {
      this.#memory = instantiate(module, "presend", glue);
      this.#engine = new glue.Engine();
    } catch (error) {
      throw new PresendError("wasm-invalid", `not the module of this package: ${error}`);
    }
    return null;
  };

  hash = async ({ picture, policy, browserDecoders }: Ask<"hash">): Promise<Hashed> => {
    if (isPixels(picture)) return hashedPixels(picture, "caller");
    const bytes = await bytesOf(picture);
    try {
      return { ...(JSON.parse(this.#started.hash(bytes, policy)) as Omit<Hashed, "decoder">), decoder: "wasm" };
    } catch (thrown) {
      const format = unreadFormat(thrown);
      if (format === null || !browserDecoders) throw thrown;
      return await hashedInBrowser(bytes, format);
    }
  };

  scan = async ({ picture, policy, browserDecoders }: Ask<"scan">): Promise<Answer<"scan">> => {
    const start = performance.now();
    const { decoder, record } = await this.#judge(picture, policy, browserDecoders);
    return { decoder, record, time: performance.now() - start };
  };

  async #judge(picture: Picture, policy: string, browserDecoders: boolean): Promise<Judged> {
    const engine = this.#started;
    if (isPixels(picture)) {
      engine.beginFrames(policy);
      engine.frame(picture.rgba, picture.width, picture.height);
      return { decoder: "caller", record: JSON.parse(engine.endFrames()) as EngineRecord };
    }
    const bytes = await bytesOf(picture);
    const record = JSON.parse(engine.scan(bytes, policy)) as EngineRecord;
    if (record.reason === "unsupported" && record.format !== null && browserDecoders) {
      return await this.#judgeInBrowser(bytes, record, policy);
    }
    return { decoder: record.frames === null ? "none" : "wasm", record };
  }

  async #judgeInBrowser(bytes: Uint8Array<ArrayBuffer>, unread: EngineRecord, policy: string): Promise<Judged> {
    const engine = this.#started;
    const format = unread.format!;
    let frames = 0;
    // Browsers disagree on which way is up.
    engine.beginFrames(JSON.stringify({ ...(JSON.parse(policy) as object), dihedral: true }));
    const { decoder, fault } = await decodeInBrowser(bytes, format, (rgba, width, height) => {
      frames++;
      return engine.frame(rgba, width, height);
    });
    if (frames === 0) return { decoder, record: { ...unread, ...(fault ?? {}) } };
    const record = { ...(JSON.parse(engine.endFrames()) as EngineRecord), format };
    // What was seen may match; what was not seen is not clean.
    if (fault !== null && record.kind === "clean") return { decoder, record: { ...record, kind: "unscannable", ...fault } };
    return { decoder, record };
  }

  load = async ({ trusting, files, use }: Ask<"load">): Promise<SetInfo> => {
    const loader = loaderFor(trusting);
    for (const file of files) loader.add(await bytesOf(file, "set-unreadable"));
    return this.#opened(loader, use);
  };

  begin = ({ trusting }: Ask<"begin">): Answer<"begin"> => {
    this.#loader?.free();
    // If this one is refused, there is none.
    this.#loader = null;
    this.#loader = loaderFor(trusting);
    return null;
  };

  push = ({ bytes }: Ask<"push">): Answer<"push"> => {
    if (this.#loader === null) throw new PresendError("bad-argument", "no set was begun");
    return JSON.parse(this.#loader.push(bytes)) as Answer<"push">;
  };

  open = ({ use }: Ask<"open">): SetInfo => {
    const loader = this.#loader;
    if (loader === null) throw new PresendError("bad-argument", "no set was begun");
    this.#loader = null;
    return this.#opened(loader, use);
  };

  #opened(loader: glue.SetLoader, use: boolean): SetInfo {
    const set: glue.OpenSet = loader.open();
    const info = JSON.parse(set.info()) as SetInfo;
    if (use) this.#started.useSet(set);
    else set.free();
    return info;
  }

  canvas = (): Answer<"canvas"> => canvasState();

  lookUp = ({ hash }: Ask<"lookUp">): number => this.#started.lookUp(hash);
}

interface Judged {
  readonly decoder: Decoder;
  readonly record: EngineRecord;
}

function loaderFor({ trust, now, lastSeen }: Trusting): glue.SetLoader {
  return new glue.SetLoader(trust, now, lastSeen);
}

function isPixels(picture: Picture): picture is Pixels {
  return "rgba" in picture;
}

async function bytesOf(
  file: Blob | Uint8Array,
  code: "unreadable" | "set-unreadable" = "unreadable",
): Promise<Uint8Array<ArrayBuffer>> {
  if (file instanceof Uint8Array) return file as Uint8Array<ArrayBuffer>;
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new PresendError(code, `the file cannot be read: ${error}`);
  }
}

function hashedPixels({ rgba, width, height }: Pixels, decoder: Decoder): Hashed {
  return { ...pixelHash(glue.hashPixels(rgba, width, height)), decoder, width, height, damaged: false };
}

/** The format of a file that the engine knows and cannot read. */
function unreadFormat(thrown: unknown): string | null {
  const error = thrownByEngine(thrown);
  return error?.code === "unsupported" ? (/^(.+?) is not supported/.exec(error.message)?.[1] ?? null) : null;
}

async function hashedInBrowser(bytes: Uint8Array<ArrayBuffer>, format: string): Promise<Hashed> {
  let first: Pixels | null = null;
  const { decoder, fault } = await decodeInBrowser(bytes, format, (rgba, width, height) => {
    first = { rgba, width, height };
    return false;
  });
  if (first !== null) return hashedPixels(first, decoder);
  throw new PresendError("unsupported", fault?.message ?? `${format} cannot be decoded`);
}

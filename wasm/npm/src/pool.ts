/** Workers, each with one request at a time; those that hang, die or grow are replaced. */
import { PresendError } from "./errors.js";
import type { Answer, Ask, Reply, Request, Task, Trusting } from "./protocol.js";
import type { SetInfo } from "./types.js";

/** A worker, in a browser or in Node. */
export interface WorkerLike {
  post(request: Request, transfer: readonly ArrayBuffer[]): void;
  /** `lost` is called when the worker ends or fails by itself, if that can be known. */
  listen(replied: (reply: Reply) => void, lost: (why: string) => void): void;
  terminate(): void;
}

export interface PoolOptions {
  readonly workers: number;
  readonly queue: number;
  readonly recycleAbove: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, once a worker has taken it up; none where it is missing or endless. */
  readonly timeout?: number | undefined;
  /** Buffers to hand over. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** A set as workers load it, those too that come later. */
export interface LoadedSet {
  readonly info: SetInfo;
  readonly trusting: Trusting;
  readonly files: readonly Blob[];
  /** How far the time that the set was loaded with is ahead of the device's clock, in milliseconds. */
  readonly ahead: number;
}

/** Several requests that one worker must answer. */
export interface Session {
  ask<T extends Task>(task: T, ask: Ask<T>, options?: RunOptions): Promise<Answer<T>>;
}

interface Job {
  readonly needsSet: boolean;
  /** Whoever asked has left. */
  gone: boolean;
  readonly run: (member: Member) => Promise<void>;
  readonly refuse: (error: PresendError) => void;
}

export class Pool {
  readonly #module: WebAssembly.Module;
  readonly #create: () => WorkerLike;
  readonly #options: PoolOptions;
  readonly #waiting: Job[] = [];
  readonly #members = new Set<Member>();
  readonly #idle: Member[] = [];
  /** Those that load a set, beside the others: a slow download is in nobody's way. */
  readonly #loading = new Set<Member>();
  #set: LoadedSet | null = null;
  #closed = false;

  constructor(module: WebAssembly.Module, create: () => WorkerLike, options: PoolOptions) {
    this.#module = module;
    this.#create = create;
    this.#options = options;
  }

  /** Workers there are now. */
  get size(): number {
    return this.#members.size + this.#loading.size;
  }

  /** The set that pictures are held against from now on. */
  get set(): LoadedSet | null {
    return this.#set;
  }

  /** Starts a worker, to know that one can be. */
  async start(): Promise<void> {
    await this.#take(false, undefined, async () => undefined);
  }

  /** Asks any worker. */
  run<T extends Task>(task: T, ask: Ask<T>, options: RunOptions = {}): Promise<Answer<T>> {
    return this.#take(false, options.signal, (member) => member.ask(task, ask, options));
  }

  /**
   * Asks a worker that has the set. `used` is told which one that is, as soon as it is certain; there may be a newer one
   * than when this was called.
   */
  runWithSet<T extends Task>(
    task: T,
    ask: Ask<T>,
    options: RunOptions = {},
    used: (set: LoadedSet) => void = () => undefined,
  ): Promise<Answer<T>> {
    return this.#take(true, options.signal, (member) => {
      used(member.set!);
      return member.ask(task, ask, options);
    });
  }

  /** Loads a set, by a worker of its own: it scans afterwards, in the place of one that does not have the set. */
  async load(work: (session: Session) => Promise<LoadedSet | null>): Promise<void> {
    if (this.#closed) throw closed();
    const member = this.#new();
    this.#loading.add(member);
    try {
      await member.started;
      const set = await work(member);
      if (set === null || this.#closed) return;
      this.#set = set;
      member.set = set;
      this.#loading.delete(member);
      const stale = this.#members.size < this.#options.workers ? null : this.#idle[0];
      if (stale === undefined) return;
      if (stale !== null) this.#end(stale);
      member.settle();
      this.#members.add(member);
      this.#idle.push(member);
      this.#next();
    } finally {
      if (!this.#members.has(member)) this.#end(member);
    }
  }

  /** Ends all workers. What runs or waits is refused. */
  close(): void {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.refuse(closed());
    for (const member of [...this.#members, ...this.#loading]) this.#end(member);
  }

  #take<R>(needsSet: boolean, signal: AbortSignal | undefined, work: (member: Member) => Promise<R>): Promise<R> {
    if (this.#closed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(aborted(signal));
    if (this.#waiting.length >= this.#options.queue) {
      return Promise.reject(new PresendError("busy", `${this.#options.queue} pictures are waiting already`));
    }
    return new Promise<R>((resolve, reject) => {
      let stop = (): void => undefined;
      const job: Job = {
        needsSet,
        gone: false,
        run: async (member) => {
          stop();
          await work(member).then(resolve, reject);
        },
        refuse: (error) => {
          stop();
          reject(error);
        },
      };
      if (signal !== undefined) {
        const leave = (): void => {
          job.gone = true;
          const place = this.#waiting.indexOf(job);
          if (place >= 0) this.#waiting.splice(place, 1);
          reject(aborted(signal));
        };
        signal.addEventListener("abort", leave, { once: true });
        stop = () => signal.removeEventListener("abort", leave);
      }
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** Gives waiting work to workers that are free, or new. */
  #next(): void {
    while (this.#waiting.length > 0) {
      const member = this.#idle.pop() ?? this.#grow();
      if (member === null) return;
      void this.#work(member, this.#waiting.shift()!);
    }
  }

  #new(): Member {
    const member = new Member(this.#create, this.#module);
    // One that dies while it has nothing to do must not be given anything.
    member.ifEnded(() => this.#forget(member));
    return member;
  }

  /** A new worker, if there may be another one. */
  #grow(): Member | null {
    if (this.#members.size >= this.#options.workers) return null;
    const member = this.#new();
    this.#members.add(member);
    return member;
  }

  async #work(member: Member, job: Job): Promise<void> {
    try {
      await member.started;
      if (job.needsSet) await this.#equip(member);
    } catch (error) {
      job.refuse(ofTheWorker(error as PresendError));
      this.#release(member);
      return;
    }
    if (!job.gone) await job.run(member);
    this.#release(member);
  }

  /** Gives a worker the newest set. */
  async #equip(member: Member): Promise<void> {
    for (let set = this.#set; set !== member.set; set = this.#set) {
      const { trusting, files } = set!;
      await member.ask("load", { trusting, files, use: true }, { timeout: LOAD_TIMEOUT });
      member.set = set;
      member.settle();
    }
    const refused = unusable(member.set);
    if (refused !== null) throw refused;
  }

  /** What becomes of a worker that has done its work. */
  #release(member: Member): void {
    if (member.ended || member.grown > this.#options.recycleAbove) this.#end(member);
    else this.#idle.push(member);
    this.#next();
  }

  #end(member: Member): void {
    member.end(this.#closed ? closed() : new PresendError("worker-lost", "the worker was replaced"));
    this.#forget(member);
  }

  #forget(member: Member): void {
    this.#members.delete(member);
    this.#loading.delete(member);
    const place = this.#idle.indexOf(member);
    if (place >= 0) this.#idle.splice(place, 1);
  }
}

/** Why nothing can be held against a set now, if so. */
export function unusable(set: LoadedSet | null): PresendError | null {
  if (set === null) return new PresendError("no-set", "no set was loaded: call loadSet first");
  const { expires } = set.info;
  if (Date.now() + set.ahead < Date.parse(expires)) return null;
  return new PresendError("expired", `the set expired at ${expires}: load a newer one`);
}

/** What went wrong before a picture was looked at says nothing of the picture. */
function ofTheWorker(error: PresendError): PresendError {
  const codes: readonly string[] = ["timeout", "worker-lost", "decoder-failed"];
  return codes.includes(error.code) ? new PresendError("worker-failed", error.message, { cause: error }) : error;
}

interface Pending {
  readonly id: number;
  /** Whether the worker has begun with it. */
  began: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: PresendError) => void;
}

/** One worker of a pool. */
class Member implements Session {
  /** The set that it scans with. */
  set: LoadedSet | null = null;
  ended = false;
  readonly started: Promise<null>;
  readonly #worker: WorkerLike | null;
  #ifEnded = (): void => undefined;
  #memory = 0;
  #settled = 0;
  #next = 0;
  #pending: Pending | null = null;

  constructor(create: () => WorkerLike, module: WebAssembly.Module) {
    try {
      this.#worker = create();
    } catch (error) {
      // A content security policy can refuse a worker at once.
      this.#worker = null;
      this.ended = true;
      this.started = Promise.reject(error instanceof PresendError ? error : failed(`${error}`));
      return;
    }
    let answered = false;
    this.#worker.listen(
      (reply) => {
        answered = true;
        this.#replied(reply);
      },
      (why) => this.end(answered ? new PresendError("worker-lost", `the worker ended: ${why}`) : failed(why)),
    );
    this.started = this.ask("start", { module }, { timeout: START_TIMEOUT }).catch((error: PresendError) => {
      this.end(error);
      throw error.code === "timeout" ? failed("it does not answer") : error;
    });
    // It is looked at when there is something to do.
    this.started.catch(() => undefined);
  }

  /** Bytes that its pictures have made it grow. */
  get grown(): number {
    return this.#memory - this.#settled;
  }

  /** What it holds now, it needs. */
  settle(): void {
    this.#settled = this.#memory;
  }

  ifEnded(then: () => void): void {
    this.#ifEnded = then;
  }

  ask<T extends Task>(task: T, ask: Ask<T>, { signal, timeout, transfer = [] }: RunOptions = {}): Promise<Answer<T>> {
    if (this.ended) return Promise.reject(new PresendError("worker-failed", "the worker has ended"));
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const id = this.#next++;
    return new Promise<unknown>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      // What a worker computes cannot be interrupted, so it ends with it.
      const abort = (): void => this.end(aborted(signal!));
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#pending = null;
      };
      this.#pending = {
        id,
        began: false,
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      if (timeout !== undefined && timeout !== Infinity) {
        timer = setTimeout(() => this.end(new PresendError("timeout", `no answer within ${timeout} ms`)), timeout);
      }
      try {
        this.#worker!.post({ id, task, ask } as Request, transfer);
      } catch (error) {
        this.#pending.reject(new PresendError("bad-argument", `cannot be given to a worker: ${error}`));
      }
    }) as Promise<Answer<T>>;
  }

  /** Ends the worker; what it was asked is refused. */
  end(why: PresendError): void {
    if (this.ended) return;
    this.ended = true;
    this.#worker?.terminate();
    this.#ifEnded();
    // One that was dead already has not looked at its picture.
    const pending = this.#pending;
    pending?.reject(pending.began || why.code !== "worker-lost" ? why : ofTheWorker(why));
  }

  #replied(reply: Reply): void {
    if (this.#pending?.id !== reply.id) return;
    this.#memory = reply.memory;
    if ("began" in reply) {
      this.#pending.began = true;
    } else if ("answer" in reply) {
      this.#pending.resolve(reply.answer);
    } else if (reply.broken) {
      this.end(new PresendError(reply.code, reply.message));
    } else {
      this.#pending.reject(new PresendError(reply.code, reply.message));
    }
  }
}

/** Milliseconds that a worker may take to start, and to load a set that is there. */
const START_TIMEOUT = 30_000;
const LOAD_TIMEOUT = 60_000;

function failed(why: string): PresendError {
  const hint = "does the content security policy allow it (worker-src 'self'; script-src 'self' 'wasm-unsafe-eval')?";
  return new PresendError("worker-failed", `the worker cannot be started: ${why}; ${hint}`);
}

function closed(): PresendError {
  return new PresendError("closed", "the scanner was closed");
}

/** What a call that was given up rejects with: the signal's reason, where that is one of ours. */
export function aborted({ reason }: AbortSignal): PresendError {
  return reason instanceof PresendError ? reason : new PresendError("aborted", "aborted by its signal", { cause: reason });
}

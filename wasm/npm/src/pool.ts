/** Workers, each with one request at a time; those that hang, die or grow are replaced. */
import { PresendError } from "./errors.js";
import type { Answer, Ask, Reply, Request, Task, Trusting } from "./protocol.js";

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
  /** Milliseconds, once a worker has taken it up; none where it is missing. */
  readonly timeout?: number | undefined;
  /** Buffers to hand over. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** A set as workers load it, those too that come later. */
export interface LoadedSet {
  readonly trusting: Trusting;
  readonly files: readonly Blob[];
}

/** Several requests that one worker must answer. */
export interface Session {
  ask<T extends Task>(task: T, ask: Ask<T>, options?: RunOptions): Promise<Answer<T>>;
}

interface Job {
  readonly needsSet: boolean;
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
  #set: LoadedSet | null = null;
  #closed = false;

  constructor(module: WebAssembly.Module, create: () => WorkerLike, options: PoolOptions) {
    this.#module = module;
    this.#create = create;
    this.#options = options;
  }

  /** Workers there are now. */
  get size(): number {
    return this.#members.size;
  }

  /** Starts a worker, to know that one can be. */
  async start(): Promise<void> {
    await this.session(async () => undefined);
  }

  /** Asks a worker that has the set. */
  run<T extends Task>(task: T, ask: Ask<T>, options: RunOptions = {}): Promise<Answer<T>> {
    return this.#take(true, options.signal, (member) => member.ask(task, ask, options));
  }

  /** Has one worker answer several requests. `loaded` is given what workers shall scan with from then on. */
  session<R>(work: (session: Session, loaded: (set: LoadedSet) => void) => Promise<R>, signal?: AbortSignal): Promise<R> {
    return this.#take(false, signal, (member) =>
      work(member, (set) => {
        this.#set = set;
        member.set = set;
      }),
    );
  }

  /** Ends all workers. What runs or waits is refused. */
  close(): void {
    this.#closed = true;
    const closed = new PresendError("closed", "the scanner was closed");
    for (const job of this.#waiting.splice(0)) job.refuse(closed);
    for (const member of [...this.#members]) this.#end(member, closed);
  }

  #take<R>(needsSet: boolean, signal: AbortSignal | undefined, work: (member: Member) => Promise<R>): Promise<R> {
    if (this.#closed) return Promise.reject(new PresendError("closed", "the scanner was closed"));
    if (signal?.aborted) return Promise.reject(aborted(signal));
    if (this.#waiting.length >= this.#options.queue) {
      return Promise.reject(new PresendError("busy", `${this.#options.queue} pictures are waiting already`));
    }
    return new Promise<R>((resolve, reject) => {
      let stop = (): void => undefined;
      const job: Job = {
        needsSet,
        run: (member) => {
          stop();
          return work(member).then(resolve, reject);
        },
        refuse: (error) => {
          stop();
          reject(error);
        },
      };
      if (signal !== undefined) {
        const leave = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(job), 1);
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

  /** A new worker, if there may be another one. */
  #grow(): Member | null {
    if (this.#members.size >= this.#options.workers) return null;
    const member = new Member(this.#create, this.#module);
    this.#members.add(member);
    return member;
  }

  async #work(member: Member, job: Job): Promise<void> {
    try {
      await member.started;
      const set = this.#set;
      if (job.needsSet && set !== null && member.set !== set) {
        await member.ask("load", { ...set, use: true });
        member.set = set;
      }
    } catch (error) {
      job.refuse(error as PresendError);
      this.#end(member, error as PresendError);
      this.#next();
      return;
    }
    await job.run(member);
    if (member.ended || member.memory > this.#options.recycleAbove) this.#end(member, null);
    else this.#idle.push(member);
    this.#next();
  }

  #end(member: Member, why: PresendError | null): void {
    member.end(why ?? new PresendError("closed", "the worker was replaced"));
    this.#members.delete(member);
    const place = this.#idle.indexOf(member);
    if (place >= 0) this.#idle.splice(place, 1);
  }
}

/** One worker of a pool. */
class Member implements Session {
  /** The set that it scans with. */
  set: LoadedSet | null = null;
  memory = 0;
  ended = false;
  readonly started: Promise<null>;
  readonly #worker: WorkerLike | null;
  #next = 0;
  #pending: { readonly id: number; readonly resolve: (answer: unknown) => void; readonly reject: (error: PresendError) => void } | null = null;

  constructor(create: () => WorkerLike, module: WebAssembly.Module) {
    try {
      this.#worker = create();
    } catch (error) {
      // A content security policy can refuse a worker at once.
      this.#worker = null;
      this.ended = true;
      this.started = Promise.reject(failed(`${error}`));
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
      throw error.code === "timeout" ? failed("it does not answer") : error;
    });
  }

  ask<T extends Task>(task: T, ask: Ask<T>, { signal, timeout, transfer = [] }: RunOptions = {}): Promise<Answer<T>> {
    if (this.ended) return Promise.reject(new PresendError("worker-lost", "the worker has ended"));
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
      if (timeout !== undefined) {
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
    this.#pending?.reject(why);
  }

  #replied(reply: Reply): void {
    if (this.#pending?.id !== reply.id) return;
    this.memory = reply.memory;
    if ("answer" in reply) {
      this.#pending.resolve(reply.answer);
    } else if (reply.broken) {
      this.end(new PresendError(reply.code, reply.message));
    } else {
      this.#pending.reject(new PresendError(reply.code, reply.message));
    }
  }
}

/** Milliseconds that a worker may take to start. */
const START_TIMEOUT = 30_000;

function failed(why: string): PresendError {
  const hint = "does the content security policy allow it (worker-src 'self'; script-src 'self' 'wasm-unsafe-eval')?";
  return new PresendError("worker-failed", `the worker cannot be started: ${why}; ${hint}`);
}

export function aborted(signal: AbortSignal): PresendError {
  return new PresendError("aborted", "aborted by its signal", { cause: signal.reason });
}

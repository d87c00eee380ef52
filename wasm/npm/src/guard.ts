/** Standing before an upload. */
import { PresendError, UploadBlocked, reading } from "./errors.js";
import type { Scanner } from "./scanner.js";
import type { GuardPolicy, ImageSource, Unscannable } from "./types.js";

/**
 * Wraps a client's function that thumbnails, encrypts and uploads a picture: the same function, which first scans the
 * picture and runs only if it may be sent. A picture that matches is never sent; one that cannot be judged is, if the
 * policy says so. What `next` is given is what was scanned: a copy, in memory, that nobody can change meanwhile.
 *
 * The wrapped function rejects with `UploadBlocked`, and with whatever `scan` and `next` reject with.
 */
export function guardUpload<F extends ImageSource, Rest extends unknown[], R>(
  scanner: Pick<Scanner, "scan">,
  next: (file: F, ...rest: Rest) => Promise<R>,
  policy: GuardPolicy = {},
): (file: F, ...rest: Rest) => Promise<R> {
  if (reading(() => policy.scan?.transfer) === true) {
    throw new PresendError("bad-argument", "what is uploaded afterwards cannot be handed over to the scan");
  }
  return async (file, ...rest) => {
    const scanned = await unchangeable(file);
    const verdict = await scanner.scan(scanned, policy.scan);
    policy.onVerdict?.(verdict);
    if (verdict.kind === "match") throw new UploadBlocked(verdict);
    if (verdict.kind === "unscannable" && !(await passes(verdict, policy))) throw new UploadBlocked(verdict);
    return await next(scanned, ...rest);
  };
}

async function passes(verdict: Unscannable, { unscannable = "block" }: GuardPolicy): Promise<boolean> {
  const decision = typeof unscannable === "function" ? await unscannable(verdict) : unscannable;
  return decision === "pass";
}

/** A copy that nobody else can change: even a file on disk can be another one by the time it is uploaded. */
async function unchangeable<F extends ImageSource>(file: F): Promise<F> {
  if (reading(() => file instanceof Blob)) return (await held(file as Blob)) as Blob & F;
  return reading(() => copyOf(file));
}

function copyOf<F extends ImageSource>(file: F): F {
  if (file instanceof ArrayBuffer) return file.slice(0) as F;
  if (file instanceof Uint8Array) return new Uint8Array(file) as Uint8Array & F;
  const { data, width, height, colorSpace } = file as ImageData;
  if (!(data instanceof Uint8ClampedArray)) throw new PresendError("bad-argument", "pixels of more than 8 bits are not scanned");
  const copy = new Uint8ClampedArray(data);
  // Node has no `ImageData`.
  if (typeof ImageData === "undefined") return { data: copy, width, height, colorSpace } as ImageData & F;
  return new ImageData(copy, width, height, { colorSpace }) as F;
}

/** The same file, its bytes in memory. */
async function held(file: Blob): Promise<Blob> {
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch (error) {
    throw new PresendError("unreadable", `the file cannot be read: ${error}`, { cause: error });
  }
  if (typeof File === "undefined" || !(file instanceof File)) return new Blob([bytes], { type: file.type });
  const { name, type, lastModified } = file;
  return new File([bytes], name, { type, lastModified });
}

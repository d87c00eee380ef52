/** What goes wrong, by codes that stay the same. */
import { UNDECODABLE, type Match, type Unscannable } from "./types.js";

/** Every code of a {@link PresendError}. From `trust-…` on they are the engine's: why a set or a trust file is refused. */
export const ERROR_CODES = [
  // The module and its workers.
  "unsupported-browser",
  "wasm-unreachable",
  "wasm-integrity",
  "wasm-invalid",
  "worker-failed",
  // Calls.
  "bad-argument",
  "no-set",
  "busy",
  "aborted",
  "timeout",
  "worker-lost",
  "closed",
  "upload-blocked",
  // Pictures that cannot be hashed; a scan says so in its verdict.
  "too-small",
  ...UNDECODABLE,
  "unreadable",
  // Sets that do not arrive.
  "set-unreachable",
  "set-unreadable",
  // Trust files.
  "trust-too-large",
  "trust-malformed",
  "trust-organisation",
  "trust-repeated-organisation",
  "trust-no-key",
  "trust-repeated-key",
  "trust-threshold",
  // Sets that are not trusted.
  "unknown-key",
  "bad-signature",
  "duplicate-endorser",
  "too-few-endorsers",
  "wrong-name",
  "rollback",
  "equivocation",
  "expired",
  "not-yet-valid",
  "wrong-algorithm",
  // Manifests.
  "manifest-too-large",
  "manifest-malformed",
  "manifest-not-canonical",
  "manifest-repeated-signature",
  "manifest-too-many",
  "manifest-algorithm",
  "manifest-text",
  "manifest-too-large-number",
  "manifest-version-zero",
  "manifest-expires-too-early",
  "manifest-rate",
  "manifest-no-segment",
  "manifest-entry-count",
  "manifest-cluster-count",
  "manifest-repeated-segment",
  "manifest-repeated-source",
  "manifest-revokes-nothing",
  "manifest-repeated-revocation",
  // The bytes of a set.
  "set-not-a-set",
  "set-not-a-segment",
  "set-unknown",
  "set-radius",
  "set-tag-cost",
  "set-truncated",
  "set-length",
  "set-misplaced",
  "set-reserved",
  "set-too-large",
  "set-counts",
  "set-bloom",
  "set-no-file",
  "set-mixed",
  "set-two-of-one-version",
  "set-slots",
  "set-missing-segment",
  "set-changed",
  "set-contradiction",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What every call of this package throws or rejects with. */
export class PresendError extends Error {
  override readonly name: string = "PresendError";

  constructor(
    /** Stays the same whatever the message says. */
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a guarded upload rejects with: it did not run. */
export class UploadBlocked extends PresendError {
  override readonly name = "UploadBlocked";

  constructor(readonly verdict: Match | Unscannable) {
    super("upload-blocked", verdict.kind === "match" ? "the picture matches a known one" : verdict.message);
  }
}

/**
 * What a call makes of its arguments. What cannot be used, a getter that throws or a buffer that was given away, is the
 * caller's mistake, and has a code as all others.
 */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PresendError) throw error;
    throw new PresendError("bad-argument", `an argument cannot be used: ${textOf(error)}`, { cause: error });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error;
}

const KNOWN: ReadonlySet<string> = new Set(ERROR_CODES);

/** An error of the engine, which throws text: a code, a space, a message. `null` for anything else. */
export function thrownByEngine(thrown: unknown): PresendError | null {
  if (typeof thrown !== "string") return null;
  const space = thrown.indexOf(" ");
  const code = thrown.slice(0, space);
  return KNOWN.has(code) ? new PresendError(code as ErrorCode, thrown.slice(space + 1)) : null;
}

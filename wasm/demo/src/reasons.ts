/** What people are told: why a picture could not be judged, and what an error means for them. */

import { PresendError, type ErrorCode, type UnscannableReason } from "@presend/scanner";

/** In one sentence, by reason. */
export const WHY_UNSCANNABLE: Readonly<Record<UnscannableReason, string>> = {
  "too-small": "It is too small to be compared with anything.",
  "low-quality": "It has too little in it to be compared: it is nearly one colour.",
  "damaged": "Its file is damaged, so that only some of it could be read.",
  "undecodable-frame": "Some of its frames could not be read.",
  "empty": "Its file is empty.",
  "unknown-format": "Its file is not a picture, or of a kind that is not known here.",
  "unsupported": "It is of a kind that cannot be read here.",
  "malformed": "Its file is broken and could not be read.",
  "decoder-failed": "Reading it failed.",
  "too-many-bytes": "Its file is too large.",
  "too-many-pixels": "It has more pixels than can be checked here.",
  "too-long": "The animation is too long.",
  "too-many-frames": "The animation has too many frames.",
  "too-much-metadata": "It comes with more data about itself than is allowed here.",
  "too-much-memory": "Reading it would take more memory than is allowed here.",
  "unreadable": "Your browser could not hand its file over. It may have been moved or changed.",
  "canvas-noise": "Your browser adds noise to pictures that pages read, so that this kind cannot be compared.",
  "timeout": "Checking it took too long.",
  "worker-lost": "Checking it was cut off, perhaps for lack of memory.",
};

/** An error as it is shown. */
export interface Told {
  readonly title: string;
  readonly why: string;
  readonly code: string;
  /** For whoever is asked for help. */
  readonly message: string;
}

/** What an error means. `fallback` stands for errors that have no code of their own. */
export function told(error: unknown, fallback: keyof typeof WITHOUT_CODE): Told {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PresendError)) return { ...WITHOUT_CODE[fallback], code: fallback, message };
  const title = "Pictures cannot be sent";
  return { title, why: WHY_ERROR[error.code] ?? REFUSED_SET, code: error.code, message };
}

const NOT_STARTED = "What checks pictures could not be started. Text can still be sent; pictures cannot.";

const WITHOUT_CODE = {
  "not-delivered": { title: "Not sent", why: "It was not delivered." },
  "not-connected": { title: "Not connected", why: "The server could not be reached, or did not let you in." },
  "not-started": { title: "Pictures cannot be sent", why: NOT_STARTED },
} as const;

const NO_SET = "The set of known pictures did not arrive. Text can still be sent; pictures cannot.";

const WHY_ERROR: Readonly<Partial<Record<ErrorCode, string>>> = {
  "unsupported-browser": "This browser is too old for what checks pictures. Text can still be sent; pictures cannot.",
  "wasm-unreachable": NOT_STARTED,
  "wasm-integrity": "What checks pictures is not what this app was made with. Text can still be sent; pictures cannot.",
  "wasm-invalid": NOT_STARTED,
  "worker-failed": NOT_STARTED,
  "no-set": NO_SET,
  "set-unreachable": NO_SET,
  "set-unreadable": NO_SET,
  "busy": "Too many pictures are waiting to be checked. This one was not sent.",
  "aborted": "Checking the picture was called off. It was not sent.",
  "timeout": "Checking the picture took too long. It was not sent.",
  "worker-lost": "Checking the picture was cut off. It was not sent.",
  "closed": "What checks pictures was shut down. The picture was not sent.",
  "bad-argument": "The picture could not be checked. It was not sent.",
};

// The engine has a code for each way in which a set can be wrong; for whoever sends a picture they come to the same.
const REFUSED_SET =
  "The set of known pictures was refused: it is not what its endorsers signed, or no longer current. " +
  "Text can still be sent; pictures cannot.";

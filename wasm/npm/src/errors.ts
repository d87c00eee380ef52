/** What goes wrong, by codes that stay the same. */

/** Every code of a {@link PresendError}. The last block is the engine's: why a set or a trust file is refused. */
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
  // Sets that do not arrive.
  "set-unreachable",
  "set-unreadable",
] as const;

/** What every entry point gives. */
export { ERROR_CODES, PresendError, UploadBlocked, type ErrorCode } from "./errors.js";
export { guardUpload } from "./guard.js";
export { Scanner } from "./scanner.js";
export type * from "./types.js";
export { UNSCANNABLE_REASONS } from "./types.js";

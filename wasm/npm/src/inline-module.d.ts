/** The module, in Base64; `build.mjs` writes the file. */
export const MODULE: string;

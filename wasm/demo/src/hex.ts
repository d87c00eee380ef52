/** Bytes as hexadecimal digits. */
export const hex = (bytes: Uint8Array, between = ""): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(between);

/** SHA-256 of a file, as 64 hexadecimal digits. */
export async function sha256(file: Blob): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
}

/** The PDQ hash of pixels, 64 hexadecimal digits, and its quality, 0 to 100. */
export interface PixelHash {
  readonly hash: string;
  readonly quality: number;
}

/** From what the engine gives: the hash's 32 bytes and one for the quality. */
export function pixelHash(bytes: Uint8Array): PixelHash {
  const hash = Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { hash, quality: bytes[32]! };
}

/** A number of pixels that the engine can be told: it has 32 bits for it. */
export function isLength(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

/**
 * Encryption between the two people of the local mode, with the browser's own primitives.
 *
 * Each file is encrypted with a key of its own (AES-256-GCM). The keys travel in a message, which is encrypted with a
 * key that only the two people can derive (ECDH over P-256, HKDF-SHA-256 with a fresh salt for each message,
 * AES-256-GCM). Real messengers add a ratchet, so that a key that is stolen later opens nothing older; that is left out.
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** What opens a file. */
export interface FileKey {
  readonly key: JsonWebKey;
  readonly iv: readonly number[];
}

/** Encrypts a file with a fresh key. */
export async function sealFile(file: Blob): Promise<{ readonly bytes: Bytes; readonly opens: FileKey }> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
  const iv = random(IV);
  const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, await file.arrayBuffer());
  return { bytes: new Uint8Array(bytes), opens: { key: await crypto.subtle.exportKey("jwk", key), iv: [...iv] } };
}

/** Decrypts a file; rejects if a bit of it is not what was encrypted. */
export async function openFile(bytes: Bytes, { key, iv }: FileKey, type: string): Promise<Blob> {
  const opens = await crypto.subtle.importKey("jwk", { ...key, key_ops: ["decrypt"] }, "AES-GCM", false, ["decrypt"]);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(iv) }, opens, bytes);
  return new Blob([plain], { type });
}

/** A person's long-lived keys. The private one cannot be read, not even by this page. */
export async function keyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
}

/** Messages in one direction. Each of the two makes it of their own private key and the other's public one. */
export class Channel {
  readonly #secret: Promise<CryptoKey>;
  readonly #direction: Bytes;

  constructor(mine: CryptoKey, theirs: CryptoKey, from: string, to: string) {
    this.#secret = crypto.subtle
      .deriveBits({ name: "ECDH", public: theirs }, mine, 256)
      .then((shared) => crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]));
    // In the key derivation: what Alice wrote cannot be handed back to her as Bob's.
    this.#direction = new TextEncoder().encode(`presend demo message 1: ${from} to ${to}`);
  }

  async seal(message: string): Promise<Bytes> {
    const salt = random(SALT);
    const iv = random(IV);
    const key = await this.#key(salt);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(message));
    return new Uint8Array(await new Blob([salt, iv, sealed]).arrayBuffer());
  }

  async open(bytes: Bytes): Promise<string> {
    const key = await this.#key(bytes.subarray(0, SALT));
    const iv = bytes.subarray(SALT, SALT + IV);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(SALT + IV));
    return new TextDecoder().decode(plain);
  }

  async #key(salt: Bytes): Promise<CryptoKey> {
    const derivation = { name: "HKDF", hash: "SHA-256", salt, info: this.#direction };
    const aes = { name: "AES-GCM", length: 256 };
    return crypto.subtle.deriveKey(derivation, await this.#secret, aes, false, ["encrypt", "decrypt"]);
  }
}

const SALT = 32;
const IV = 12;

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

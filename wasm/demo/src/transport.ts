/**
 * How messages get from one person to another. The page knows nothing else of it: the local mode (`local.ts`) and the
 * Matrix mode (`matrix.ts`) both look like this. What is handed to a transport was scanned before; it scans nothing.
 */

/** A picture to send, and a small one of it. */
export interface Outgoing {
  readonly file: Blob;
  readonly name: string;
  readonly thumbnail: Blob | null;
}

/** A message as its reader has it: decrypted. */
export interface Incoming {
  readonly kind: "text" | "image";
  readonly from: string;
  /** What was written; of an image, its file name. */
  readonly text: string;
  readonly file: Blob | null;
  readonly thumbnail: Blob | null;
  /** Of the decrypted file: 64 hexadecimal digits. */
  readonly sha256: string | null;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

/** One person's connection. */
export interface Transport {
  readonly me: string;
  readonly peer: string;
  sendText(text: string): Promise<void>;
  /** Encrypts and uploads the thumbnail, then the picture, then sends the message that has their keys. */
  sendImage(image: Outgoing): Promise<void>;
  /** Messages from the peer, decrypted. */
  onMessage(listener: (message: Incoming) => void): void;
  /** What the server holds, where that can be seen from here. */
  stored?(): readonly Stored[];
  onStored?(listener: () => void): void;
  close(): Promise<void>;
}

/** A file on the server, as the server sees it. */
export interface Stored {
  readonly name: string;
  readonly size: number;
  /** Its first bytes. */
  readonly head: Uint8Array;
}

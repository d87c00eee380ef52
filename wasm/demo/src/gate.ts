/**
 * The one gate between a picture and everything that could give it away.
 *
 * The order is the point: first the scan, then the thumbnail, then encryption, then the upload. A thumbnail is the
 * picture, and a ciphertext cannot be judged. So all three are inside the function that is guarded, and nothing else
 * on this page calls `sendImage`.
 */

import { guardUpload, type Scanner, type Verdict } from "@presend/scanner";
import { sha256 } from "./hex.ts";
import { thumbnailOf } from "./thumbnail.ts";
import type { Transport } from "./transport.ts";

/** Sends a picture that may be sent and returns what is shown of it; rejects with `UploadBlocked` where it may not. */
export type Gate = (picture: File) => Promise<{ readonly thumbnail: Blob | null; readonly sha256: string }>;

/** The gate to a peer. `onVerdict` is told every verdict, before anything is sent. */
export function gate(scanner: Scanner, transport: Transport, onVerdict: (verdict: Verdict) => void): Gate {
  const prepareAndSend = async (picture: File) => {
    const thumbnail = await thumbnailOf(picture);
    await transport.sendImage({ file: picture, name: picture.name, thumbnail });
    return { thumbnail, sha256: await sha256(picture) };
  };
  // What could not be judged is not sent: this app's choice, and the default.
  return guardUpload(scanner, prepareAndSend, { unscannable: "block", onVerdict, scan: { effort: 3 } });
}

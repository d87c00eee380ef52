/** Messages as one of the two sees them. */

import { element, one, part } from "./dom.ts";
import type { Incoming } from "./transport.ts";

/** A message that this person sent. */
export interface Sent {
  readonly text: string;
  /** What is shown of a picture. */
  readonly thumbnail: Blob | null;
  /** Of the picture's file. */
  readonly sha256: string | null;
}

/** The log of messages on a device, in the order in which they came. */
export class Conversation {
  readonly #log: HTMLElement;

  constructor(device: HTMLElement, who: string) {
    part(device, "me").textContent = who;
    part(device, "initial").textContent = who.replace(/^@/, "").slice(0, 1).toUpperCase();
    this.#log = one(".log", device);
    new ResizeObserver(() => this.#toEnd()).observe(this.#log); // a panel takes room from it
  }

  sent({ text, thumbnail, sha256 }: Sent): void {
    const picture = sha256 === null ? null : figure(thumbnail, text, sha256);
    this.#add("me", text, picture, Date.now());
  }

  received({ kind, text, file, sha256, sentAt }: Incoming): void {
    const picture = kind === "image" && sha256 !== null ? figure(file, text, sha256) : null;
    const image = picture?.querySelector("img");
    if (image && sha256 !== null) image.dataset.sha256 = sha256;
    this.#add("peer", text, picture, sentAt);
  }

  #add(from: "me" | "peer", text: string, picture: HTMLElement | null, at: number): void {
    const time = element("time", { dateTime: new Date(at).toISOString() }, clock.format(at));
    const message = element("article", {}, picture ?? element("p", {}, text), time);
    message.dataset.from = from;
    this.#log.querySelector(".nothing")?.remove();
    this.#log.append(message);
    this.#toEnd();
    message.querySelector("img")?.addEventListener("load", () => this.#toEnd()); // it has its height only then
  }

  #toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function figure(shown: Blob | null, name: string, sha256: string): HTMLElement {
  const picture = shown
    ? element("img", { src: URL.createObjectURL(shown), alt: name })
    : element("span", { className: "no-preview" }, "No preview");
  return element(
    "figure",
    {},
    picture,
    element("figcaption", {}, name, element("span", { className: "sha" }, "SHA-256 ", element("code", {}, sha256))),
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** What scans the pictures: the set, who vouches for it, and whether this device computes what it should. */

import type { Decoder, LoadProgress, SelfTest, SelfTestCheck, SetInfo, Verdict } from "@presend/scanner";
import { bytes, digest, element, facts, one, part } from "./dom.ts";
import { milliseconds } from "./outcome.ts";
import type { Told } from "./reasons.ts";
import type { StartEvents } from "./scanning.ts";

/** The panel that says so; `main[data-set]` has it in a word. */
export class About implements StartEvents {
  readonly #main: HTMLElement;
  readonly #section: HTMLElement;
  #set: SetInfo | null = null;
  #last: Verdict | null = null;

  constructor(main: HTMLElement) {
    this.#main = main;
    this.#section = one("#about", main);
  }

  loading({ loaded, total }: LoadProgress): void {
    this.#main.dataset.set = "loading";
    this.#say(`The set is being loaded: ${bytes(loaded)}${total === null ? "" : ` of ${bytes(total)}`}.`);
  }

  loaded(set: SetInfo): void {
    this.#set = set;
    this.#say(LOADED);
    this.#draw();
  }

  tested({ ok, checks }: SelfTest): void {
    const details = part(this.#section, "self-test");
    details.hidden = false;
    const passed = checks.filter((check) => check.ok).length;
    one("summary", details).textContent =
      `Self-test ${ok ? "passed" : "failed"}: ${passed} of ${checks.length} checks`;
    one("ul", details).replaceChildren(...checks.map(item));
  }

  ready(): void {
    this.#main.dataset.set = "ready";
  }

  failed({ why, code }: Told): void {
    this.#main.dataset.set = "error";
    part(this.#section, "state").replaceChildren(why, " ", element("code", {}, code));
  }

  judged(verdict: Verdict): void {
    this.#last = verdict;
    this.#draw();
  }

  #say(text: string): void {
    part(this.#section, "state").textContent = text;
  }

  #draw(): void {
    const set = this.#set;
    if (!set) return;
    facts(part(this.#section, "facts"), [
      ["Set", `${set.name}, version ${set.version}`],
      ["Endorsed by", set.endorsers.join(", ")],
      ["Root digest", digest(set.rootDigest)],
      ["Holds", `${set.entries} hashes of ${set.images} pictures`],
      ["Matches", `within ${set.radius} of 256 bits`],
      ["Made from", set.sources.join(", ") || "not said"],
      ["Created", day(set.created)],
      ["Expires", day(set.expires)],
      ["Last picture", this.#last ? lastPicture(this.#last) : "none yet"],
    ]);
  }
}

const LOADED = "On this device, in WebAssembly, against a sealed set: it can be matched against, but not read.";

function item({ name, ok, detail }: SelfTestCheck): HTMLElement {
  return element("li", { className: ok ? "ok" : "failed" }, name, " ", element("small", {}, detail));
}

function lastPicture({ decoder, format, time }: Verdict): string {
  const took = `scanned in ${milliseconds(time.scan)} of ${milliseconds(time.total)}`;
  return `${format ? `${format}, ` : ""}${DECODERS[decoder]}, ${took}`;
}

const DECODERS: Readonly<Record<Decoder, string>> = {
  "wasm": "read in WebAssembly",
  "image-decoder": "read by the browser (ImageDecoder)",
  "canvas": "read by the browser (canvas)",
  "caller": "read by the app",
  "none": "not decoded",
};

const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" });
const day = (iso: string) => element("time", { dateTime: iso, title: iso }, calendar.format(new Date(iso)));

/** What scans the pictures: the set, who vouches for it, and whether this device computes what it should. */

import type { Decoder, LoadProgress, SelfTest, SetInfo, Verdict } from "@presend/scanner";
import { bytes, digest, element, facts, one, part } from "./dom.ts";
import { milliseconds } from "./outcome.ts";
import type { Told } from "./reasons.ts";

export class About {
  readonly #section: HTMLElement;
  #set: SetInfo | null = null;
  #last: Verdict | null = null;

  constructor(section: HTMLElement) {
    this.#section = section;
  }

  loading({ loaded, total }: LoadProgress): void {
    this.#say(`The set is being loaded: ${bytes(loaded)}${total === null ? "" : ` of ${bytes(total)}`}.`);
  }

  failed({ why, code }: Told): void {
    part(this.#section, "state").replaceChildren(why, " ", element("code", {}, code));
  }

  loaded(set: SetInfo): void {
    this.#set = set;
    this.#say("On this device, by a module of WebAssembly, against a sealed set: it can be matched against, but not read.");
    this.#draw();
  }

  judged(verdict: Verdict): void {
    this.#last = verdict;
    this.#draw();
  }

  tested({ ok, checks }: SelfTest): void {
    const details = part(this.#section, "self-test");
    details.hidden = false;
    const passed = checks.filter((check) => check.ok).length;
    one("summary", details).textContent = `Self-test ${ok ? "passed" : "failed"}: ${passed} of ${checks.length} checks`;
    one("ul", details).replaceChildren(
      ...checks.map((check) => element("li", { className: check.ok ? "ok" : "failed" }, element("span", {}, check.name), " ", element("small", {}, check.detail))),
    );
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

/** What became of the last picture, as its sender is told. */

import type { Match, Unscannable, Verdict } from "@presend/scanner";
import { contacts, reference } from "./dispute.ts";
import { copies, copyOf, digest, element, facts, one, part } from "./dom.ts";
import { WHY_UNSCANNABLE, type Told } from "./reasons.ts";

type State = "empty" | "scanning" | "blocked" | "unscannable" | "delivered" | "error";

export class Outcome {
  readonly #main: HTMLElement;
  readonly #place: HTMLElement;
  readonly #status: HTMLElement;
  /** Where the focus was when a panel took it. */
  #before: Element | null = null;

  constructor(main: HTMLElement) {
    this.#main = main;
    this.#place = one("#outcome", main);
    this.#status = one("#status", main);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#place.hasChildNodes()) this.#close();
    });
  }

  scanning(name: string): void {
    this.#become("scanning", {});
    this.#busy(`Checking ${name} on this device…`);
  }

  /** Another picture was picked meanwhile, and not taken. */
  waiting(): void {
    this.#busy("One picture at a time, please: the last one is still on its way…");
  }

  /** The picture is clean, and on its way. */
  sending(): void {
    this.#busy("Checked. Encrypting and sending…");
  }

  delivered(verdict: Verdict | null): void {
    this.#become("delivered", {});
    const checked = verdict && `Checked in ${milliseconds(verdict.time.total)}, then encrypted and sent.`;
    this.say(checked ?? "Encrypted and sent.");
  }

  blocked(match: Match): void {
    const panel = copyOf("blocked");
    const { set, matches } = match;
    const [nearest] = matches;
    part(panel, "set").textContent = `${set.name}, version ${set.version}`;
    const near = nearest.digest
      ? `the same file, by its ${nearest.digest}`
      : `${nearest.distance} of 256 bits differ; up to ${set.radius} match`;
    facts(part(panel, "facts"), [
      ["How near", near],
      ["Endorsed by", set.endorsers.join(", ")],
      ["Root digest", digest(set.rootDigest)],
    ]);
    const text = reference(match);
    part(panel, "reference").textContent = text;
    part(panel, "contacts").append(
      ...contacts(match).map(({ organisation, mail, link }) =>
        element("li", {}, `${organisation}: `, element("a", { href: link }, mail)),
      ),
    );
    copies(one('[data-action="copy"]', panel), text);
    this.#become("blocked", { code: "upload-blocked" });
    this.#open(panel);
  }

  unscannable({ reason }: Unscannable): void {
    const panel = copyOf("unscannable");
    part(panel, "why").textContent = WHY_UNSCANNABLE[reason];
    part(panel, "reason").textContent = reason;
    this.#become("unscannable", { reason });
    this.#open(panel);
  }

  /** `retry` is offered where trying again could help. */
  failed({ title, why, code, message }: Told, retry?: () => void): void {
    const panel = copyOf("error");
    part(panel, "title").textContent = title;
    part(panel, "why").textContent = why;
    part(panel, "code").textContent = code;
    part(panel, "message").textContent = message;
    const again = one<HTMLButtonElement>('[data-action="retry"]', panel);
    if (retry) {
      again.addEventListener("click", () => {
        this.#close();
        retry();
      });
    } else {
      again.remove();
    }
    this.#become("error", { code });
    this.#open(panel);
  }

  /** Says something in passing. */
  say(text: string): void {
    this.#status.replaceChildren(text);
  }

  #busy(text: string): void {
    this.#status.replaceChildren(element("progress", { ariaLabel: "Checking the picture" }), text);
  }

  #become(state: State, { reason, code }: { reason?: string; code?: string }): void {
    this.#place.replaceChildren();
    this.#status.replaceChildren();
    this.#main.dataset.state = state;
    attribute(this.#main, "data-reason", reason);
    attribute(this.#main, "data-code", code);
  }

  #open(panel: HTMLElement): void {
    this.#before = document.activeElement;
    one('[data-action="close"]', panel).addEventListener("click", () => this.#close());
    this.#place.append(panel);
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
    one("h3", panel).scrollIntoView({ block: "nearest" }); // of a panel that does not fit, the beginning
  }

  #close(): void {
    this.#become("empty", {});
    if (this.#before instanceof HTMLElement) this.#before.focus();
  }
}

function attribute(of: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) of.removeAttribute(name);
  else of.setAttribute(name, value);
}

/** 0.8 ms, 42 ms. */
export const milliseconds = (time: number): string => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

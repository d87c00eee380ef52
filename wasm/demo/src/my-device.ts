/** The device of whoever sends: what is written and picked there, and what comes of it. */

import { UploadBlocked, type Verdict } from "@presend/scanner";
import type { About } from "./about.ts";
import { wireComposer } from "./composer.ts";
import { Conversation } from "./conversation.ts";
import { one, part } from "./dom.ts";
import { gate, type Gate } from "./gate.ts";
import type { Outcome } from "./outcome.ts";
import { told } from "./reasons.ts";
import { offerSamples } from "./samples.ts";
import { startScanner } from "./scanning.ts";
import type { Transport } from "./transport.ts";

export class MyDevice {
  readonly #transport: Transport;
  readonly #outcome: Outcome;
  readonly #about: About;
  readonly #conversation: Conversation;
  /** Rejects where there is no scanner. */
  #gate: Promise<Gate>;
  #latest: Verdict | null = null;
  #busy = false;

  /** Lets people write to the peer at once, and send pictures as soon as there is a scanner. */
  constructor(device: HTMLElement, transport: Transport, outcome: Outcome, about: About) {
    this.#transport = transport;
    this.#outcome = outcome;
    this.#about = about;
    this.#conversation = new Conversation(device, transport.me);
    part(device, "peer").textContent = `Your device, writing to ${transport.peer}`;
    transport.onMessage((message) => this.#conversation.received(message));
    this.#gate = this.#start();

    wireComposer(device, {
      onText: (text) => this.#sendText(text),
      onPicture: (picture) => void this.#sendPicture(picture.name, picture),
    });
    offerSamples(one("#samples", device), (name, picture) => void this.#sendPicture(name, picture));
  }

  /** Makes the gate, once there is a scanner. What becomes of that is shown. */
  #start(): Promise<Gate> {
    const started = startScanner(this.#about).then((scanner) =>
      gate(scanner, this.#transport, (verdict) => this.#judged(verdict)),
    );
    started.catch((error: unknown) => this.#about.failed(told(error, "not-started")));
    return started;
  }

  async #sendPicture(name: string, file: File | Promise<File>): Promise<void> {
    if (this.#busy) return this.#outcome.waiting();
    this.#busy = true;
    this.#outcome.scanning(name);
    try {
      const picture = await file;
      // Without a set there is no gate, and without a gate no way to send: the page fails closed.
      const send = await this.#gate.catch((error: unknown) => this.#notStarted(error));
      if (!send) return;
      const { thumbnail, sha256 } = await send(picture);
      this.#conversation.sent({ text: name, thumbnail, sha256 });
      this.#outcome.delivered(this.#latest);
    } catch (error) {
      this.#notSent(error);
    } finally {
      this.#busy = false;
    }
  }

  #judged(verdict: Verdict): void {
    this.#latest = verdict;
    this.#about.judged(verdict);
    if (verdict.kind === "clean") this.#outcome.sending();
  }

  #notStarted(error: unknown): void {
    this.#outcome.failed(told(error, "not-started"), () => (this.#gate = this.#start()));
  }

  #notSent(error: unknown): void {
    if (!(error instanceof UploadBlocked)) this.#outcome.failed(told(error, "not-delivered"));
    else if (error.verdict.kind === "match") this.#outcome.blocked(error.verdict);
    else this.#outcome.unscannable(error.verdict);
  }

  /** Whether it was sent. Text needs no gate, so it is sent without a set, too. */
  async #sendText(text: string): Promise<boolean> {
    try {
      await this.#transport.sendText(text);
      this.#conversation.sent({ text, thumbnail: null, sha256: null });
      return true;
    } catch (error) {
      this.#outcome.failed(told(error, "not-delivered"));
      return false;
    }
  }
}

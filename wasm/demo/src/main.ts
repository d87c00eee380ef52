/**
 * A messenger with the scanner in it. As it is, both people are in this page: the local mode. With
 * `?via=matrix&homeserver=…&me=…&password=…&peer=…` it is one person's page, on a Matrix server.
 */

import { UploadBlocked, type Verdict } from "@presend/scanner";
import { About } from "./about.ts";
import { wireComposer } from "./composer.ts";
import { Conversation } from "./conversation.ts";
import { element, one, part } from "./dom.ts";
import { gate, held, type Gate } from "./gate.ts";
import { sha256 } from "./hex.ts";
import { Outcome } from "./outcome.ts";
import { told } from "./reasons.ts";
import { offerSamples } from "./samples.ts";
import { startScanner } from "./scanning.ts";
import { showStored } from "./stored.ts";
import type { Transport } from "./transport.ts";

const main = one("#main");
const outcome = new Outcome(main);
const about = new About(one("#about"));

const parameters = new URLSearchParams(location.search);
const overMatrix = parameters.get("via") === "matrix";
document.body.classList.toggle("alone", overMatrix);
name(one("#mine"), parameters.get("me") ?? "Alice");

outcome.say("Connecting…");
try {
  const [mine, theirs] = await connect();
  outcome.say("");
  openMine(mine);
  if (theirs) openTheirs(theirs);
} catch (error) {
  const why = told(error, "not-connected");
  main.dataset.set = "error";
  about.failed(why);
  outcome.failed(why, () => location.reload());
}

/** The two ends, of which only one is in this page where a real server is between them. */
async function connect(): Promise<readonly [mine: Transport, theirs: Transport | null]> {
  if (overMatrix) {
    // Only now, so that the local mode loads nothing of it.
    const { connect } = await import("./matrix.ts");
    return [await connect(parameters), null];
  }
  if (import.meta.env.PROD) allowNoOtherServer();
  const { connect } = await import("./local.ts");
  return connect();
}

/** Gives up what only the Matrix mode needs. A second policy can take away from the first (vite.config.ts), never add. */
function allowNoOtherServer(): void {
  document.head.append(element("meta", { httpEquiv: "Content-Security-Policy", content: "connect-src 'self'" }));
}

/** The device of whoever sends. */
function openMine(transport: Transport): void {
  const device = one("#mine");
  name(device, transport.me);
  part(device, "peer").textContent = `Your device, writing to ${transport.peer}`;
  one("#composer").inert = false;
  one("#samples").inert = false;
  const conversation = new Conversation(one("#my-log"));
  transport.onMessage((message) => conversation.received(message));

  showStored(one("#server"), transport);

  let latest: Verdict | null = null;
  const judged = (verdict: Verdict) => {
    latest = verdict;
    about.judged(verdict);
    if (verdict.kind === "clean") outcome.sending();
  };
  let ready: Promise<Gate>;
  const start = () => {
    ready = prepare(transport, judged);
    ready.catch(() => {}); // shown already; whoever has a picture to send is told again
  };
  start();

  let busy = false;
  const sendPicture = async (name: string, file: File | Promise<File>) => {
    if (busy) return outcome.say("One picture at a time, please.");
    busy = true;
    outcome.scanning(name);
    try {
      // Without a set there is no gate, and without a gate no way to send: the page fails closed.
      const send = await ready;
      const picture = await held(await file);
      const { thumbnail } = await send(picture);
      conversation.sent({ text: picture.name, thumbnail, sha256: await sha256(picture) });
      outcome.delivered(latest);
    } catch (error) {
      if (!(error instanceof UploadBlocked)) {
        const isStarted = main.dataset.set !== "error";
        outcome.failed(told(error, isStarted ? "not-delivered" : "not-started"), isStarted ? undefined : start);
      } else if (error.verdict.kind === "match") {
        outcome.blocked(error.verdict);
      } else {
        outcome.unscannable(error.verdict);
      }
    } finally {
      busy = false;
    }
  };

  const sendText = async (text: string) => {
    try {
      await transport.sendText(text);
      conversation.sent({ text, thumbnail: null, sha256: null });
    } catch (error) {
      outcome.failed(told(error, "not-delivered"));
    }
  };

  wireComposer(device, {
    onText: (text) => void sendText(text),
    onPicture: (picture) => void sendPicture(picture.name, picture),
  });
  offerSamples(one("#samples"), (name, picture) => void sendPicture(name, picture));
}

/** The device of the other person, who only reads. */
function openTheirs(transport: Transport): void {
  name(one("#theirs"), transport.me);
  const conversation = new Conversation(one("#their-log"));
  transport.onMessage((message) => conversation.received(message));
}

/** Makes the gate, once there is a scanner. What becomes of that is shown here; whoever awaits it gets the error too. */
async function prepare(transport: Transport, onVerdict: (verdict: Verdict) => void): Promise<Gate> {
  main.dataset.set = "loading";
  try {
    const scanner = await startScanner({
      onProgress: (progress) => about.loading(progress),
      onSet: (set) => about.loaded(set),
      onTested: (test) => about.tested(test),
    });
    main.dataset.set = "ready";
    return gate(scanner, transport, onVerdict);
  } catch (error) {
    main.dataset.set = "error";
    about.failed(told(error, "not-started"));
    throw error;
  }
}

function name(device: HTMLElement, who: string): void {
  part(device, "me").textContent = who;
  part(device, "initial").textContent = who.replace(/^@/, "").slice(0, 1).toUpperCase();
}

/**
 * A messenger with the scanner in it. As it is, both people are in this page: the local mode. With
 * `?via=matrix&homeserver=…&me=…&password=…&peer=…` it is one person's page, on a Matrix server.
 */

import { About } from "./about.ts";
import { Conversation } from "./conversation.ts";
import { element, one } from "./dom.ts";
import { MyDevice } from "./my-device.ts";
import { Outcome } from "./outcome.ts";
import { told } from "./reasons.ts";
import { showStored } from "./stored.ts";
import type { Transport } from "./transport.ts";

const parameters = new URLSearchParams(location.search);
const overMatrix = parameters.get("via") === "matrix";
document.body.classList.toggle("alone", overMatrix);

const main = one("#main");
const outcome = new Outcome(main);
const about = new About(main);
outcome.say("Connecting…");
try {
  const [mine, theirs] = await connect();
  outcome.say("");
  showStored(one("#server"), mine);
  if (theirs) {
    // Whoever receives only reads here. What arrives is not scanned: the scan is the sender's.
    const conversation = new Conversation(one("#theirs"), theirs.me);
    theirs.onMessage((message) => conversation.received(message));
  }
  new MyDevice(one("#mine"), mine, outcome, about);
} catch (error) {
  const why = told(error, "not-connected");
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

/** Gives up what only the Matrix mode needs. A second policy can take from the first (vite.config.ts), never add. */
function allowNoOtherServer(): void {
  document.head.append(element("meta", { httpEquiv: "Content-Security-Policy", content: "connect-src 'self'" }));
}

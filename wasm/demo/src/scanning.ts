/** The scanner of this page: made once, with the set that comes with the demo. */

import { Scanner, type LastSeen, type LoadProgress, type SelfTest, type SetInfo } from "@presend/scanner";
import setUrl from "../../../hashsets/demo/known.presend?url";
// Whose signatures count is part of the app's code. Were it fetched from where the set is, whoever changed the set
// could change it too, and the signatures would prove nothing.
import trust from "../../../hashsets/demo/trust.json?raw";

/** Told how it goes. */
export interface StartEvents {
  loading(progress: LoadProgress): void;
  loaded(set: SetInfo): void;
  tested(test: SelfTest): void;
  ready(): void;
}

/** A scanner that has its set and computes what it should. Rejects otherwise, and then no picture is sent. */
export async function startScanner(events: StartEvents): Promise<Scanner> {
  events.loading({ loaded: 0, total: null, set: null });
  const scanner = await Scanner.create();
  try {
    const lastSeen = recalled();
    const set = await scanner.loadSet(new URL(setUrl, location.href), {
      trust,
      onProgress: (progress) => events.loading(progress),
      ...(lastSeen && { lastSeen }),
    });
    remember({ name: set.name, version: set.version, rootDigest: set.rootDigest });
    events.loaded(set);
    const test = await scanner.selfTest();
    events.tested(test);
    // With wrong hashes everything would seem clean.
    if (!test.ok) throw new Error("the self-test failed: hashes on this device are not the standard's");
    events.ready();
    return scanner;
  } catch (error) {
    await scanner.close();
    throw error;
  }
}

// The version is remembered between visits, so that an older set (one that lacks an entry, or has one that was taken
// out) is refused. It is all that this page stores.
const REMEMBERED = "presend-demo:last-seen";

function recalled(): LastSeen | null {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? "null") as LastSeen | null;
  } catch {
    return null; // storage is off, or was written by something else
  }
}

function remember(set: LastSeen): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(set));
  } catch {
    // Storage is off: the set was verified all the same.
  }
}

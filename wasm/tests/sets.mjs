// Sets of one's own, made by the native program.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVE, ROOT } from "./vectors.mjs";

/** Runs the native program. */
export function presend(...args) {
  const [program, ...before] = NATIVE;
  execFileSync(program, [...before, ...args], { cwd: ROOT, stdio: "pipe" });
}

/** A set of this name with one hash, signed: `NAME.json` says whom to trust, `NAME.presend` is the set. Both as bytes, too. */
export function oneEntrySet(folder, name, hash) {
  return setOf(folder, name, [hash]);
}

/** The same with many. */
export function setOf(folder, name, hashes) {
  const at = (kind) => join(folder, `${name}.${kind}`);
  writeFileSync(at("txt"), hashes.map((hash) => `pdq ${hash}\n`).join(""));
  presend("set", "keygen", "--organisation", "A Hotline", "-o", at("key"), "--trust", at("json"), "--threshold", "1");
  presend("set", "build", "--name", name, "-o", at("presend"), at("txt"));
  presend("set", "sign", at("presend"), "--key", at("key"));
  return [readFileSync(at("json")), readFileSync(at("presend"))];
}

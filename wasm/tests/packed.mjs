// The package as it is published.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** Packs the package by way of a folder, and unpacks it into another one. */
export function unpackInto(installed, by) {
  const pack = ["pack", "--workspace", "@presend/scanner", "--pack-destination", by];
  const packed = execFileSync("npm", pack, { cwd: resolve(import.meta.dirname, ".."), encoding: "utf8", stdio: "pipe" });
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["xzf", join(by, packed.trim().split("\n").at(-1)), "--strip-components", "1", "-C", installed]);
}

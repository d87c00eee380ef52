// How much memory the processes of a browser's tabs take, as Linux counts it.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";

/** The processes in which a browser runs its pages and their workers. */
export function tabProcesses(parent) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${name}/stat`);
    // The name of the program, in brackets, can hold anything.
    if (stat !== null) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const descends = (pid) => pid === parent || (parents.has(pid) && descends(parents.get(pid)));
  return [...parents.keys()].filter((pid) => descends(pid) && RUNS_PAGES.test(read(`/proc/${pid}/cmdline`) ?? ""));
}

/** Chromium names them by their type; Firefox, as the last argument, `tab`. */
const RUNS_PAGES = /--type=renderer|-contentproc[^]*[ \0]tab\0?$/;

/** The resident set of the largest of them now, and the largest that any has had since {@link forgetPeaks}, in bytes. */
export function residentMemory(pids) {
  const status = pids.map((pid) => read(`/proc/${pid}/status`) ?? "");
  const kibibytes = (text, field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
  const largest = (field) => 1024 * Math.max(0, ...status.map((text) => kibibytes(text, field)));
  return { now: largest("VmRSS"), peak: largest("VmHWM") };
}

/** Begins to look for the peaks anew. */
export function forgetPeaks(pids) {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

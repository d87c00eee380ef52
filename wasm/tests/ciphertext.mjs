// Telling what is encrypted from what only looks strange.

/**
 * What speaks against `stored` being a ciphertext of `plain`; empty if nothing does.
 *
 * A key stream gives all bytes equally often and shares no run of bytes with the plaintext. The bytes of a JPEG or PNG
 * file look random to the eye, but not to the count: the test asserts of each plaintext that it would be found out.
 */
export function signsOfPlaintext(stored, plain) {
  const signs = [];
  const picture = magic(stored);
  if (picture !== null) signs.push(`it begins as a ${picture} file`);
  if (stored.equals(plain)) signs.push("it is the plaintext");
  const at = sharedRun(stored, plain);
  if (at !== null) signs.push(`${RUN} bytes at ${at} are of the plaintext`);
  const uneven = unevenness(stored);
  if (uneven > EVEN) signs.push(`its bytes are not equally frequent: chi-square ${uneven.toFixed(0)}`);
  return signs;
}

/** The kind of picture that the first bytes announce. */
export function magic(bytes) {
  const found = MAGIC.find(([, head]) => bytes.subarray(0, head.length).equals(Buffer.from(head)));
  return found?.[0] ?? null;
}

/** Where `stored` has a run of bytes that is anywhere in `plain`. */
function sharedRun(stored, plain) {
  const run = (bytes, at) => bytes.toString("latin1", at, at + RUN);
  const runs = new Set();
  for (let at = 0; at + RUN <= plain.length; at++) runs.add(run(plain, at));
  for (let at = 0; at + RUN <= stored.length; at++) if (runs.has(run(stored, at))) return at;
  return null;
}

/** Pearson's chi-square of the byte counts against equal ones: 255, give or take 23, if all are equally likely. */
function unevenness(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const expected = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const RUN = 32;
/** Seven standard deviations: a ciphertext exceeds it less than once in a hundred million runs. */
const EVEN = 255 + 7 * Math.sqrt(2 * 255);
const MAGIC = [
  ["JPEG", [0xff, 0xd8, 0xff]],
  ["PNG", [0x89, 0x50, 0x4e, 0x47]],
  ["GIF", [0x47, 0x49, 0x46, 0x38]],
  ["WebP", [0x52, 0x49, 0x46, 0x46]],
];

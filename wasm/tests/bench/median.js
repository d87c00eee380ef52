/** Fewer calls have no median. */
const FEWEST_CALLS = 3;

/** The median nanoseconds of the calls that fit into so many milliseconds. `run` says how many milliseconds it took. */
export async function medianNanoseconds(run, milliseconds) {
  const end = performance.now() + milliseconds;
  const calls = [];
  while (calls.length < FEWEST_CALLS || performance.now() < end) calls.push(await run());
  calls.sort((a, b) => a - b);
  return Math.round(calls[calls.length >> 1] * 1e6);
}

// 20,000 times whatever can be put across the boundary to the engine, the same each time; `boundary.mjs` goes on for longer.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PresendError, Scanner, guardUpload } from "@presend/scanner";
import { createHasher } from "@presend/scanner/hash";
import { tryModule, tryPackage } from "./boundary.mjs";
import { detached } from "./random.mjs";
import { withMemory } from "./small-memory.mjs";
import { DEMO } from "./vectors.mjs";

const SEED = 2026;

test("whatever the module is given, it answers by a verdict or a documented code, and goes on", async () => {
  const { executions, answers, findings } = await tryModule(SEED, { count: 14_000 });
  console.log(`${executions} executions: ${JSON.stringify(answers)}`);
  assert.deepEqual(findings, []);
  for (const answer of ["clean", "match", "malformed", "bad-argument", "set-changed"]) assert.ok(answers[answer] > 0, answer);
});

test("what the module is given leaves nothing in its memory", async () => {
  const { memory, findings } = await tryModule(SEED, { count: 3_000, period: 1_000 });
  assert.deepEqual(findings, []);
  assert.equal(memory[2], memory[1]);
});

test("whatever the package is given, it answers by a verdict or a documented code, and goes on", async () => {
  const { executions, answers, findings } = await tryPackage(SEED, { count: 3_000 });
  console.log(`${executions} executions: ${JSON.stringify(answers)}`);
  assert.deepEqual(findings, []);
  for (const answer of ["clean", "malformed", "bad-argument", "uploaded", "upload-blocked"]) assert.ok(answers[answer] > 0, answer);
});

test("a hasher that runs out of memory says so, and hashes the next picture", async () => {
  const module = readFileSync(new URL(import.meta.resolve("@presend/scanner/hash/wasm")));
  const hash = await createHasher({ wasmModule: await WebAssembly.compile(withMemory(module, 2 << 20)) });
  const picture = (side) => ({ data: new Uint8ClampedArray(4 * side * side).fill(7), width: side, height: side });
  const before = hash(picture(64));
  for (let time = 0; time < 2; time++) {
    assert.throws(() => hash(picture(1000)), (error) => error instanceof PresendError && error.code === "decoder-failed");
    assert.deepEqual(hash(picture(64)), before);
  }
});

test("two hashers in one program give the same bits, in any order", async () => {
  const picture = (seed) => ({ data: Uint8ClampedArray.from({ length: 4 * 64 * 64 }, (_, i) => (i * seed) >> 3), width: 64, height: 64 });
  const [one, other] = [picture(5), picture(11)];
  const first = await createHasher();
  const expected = [one, other].map(first);
  assert.notEqual(expected[0].hash, expected[1].hash);
  const second = await createHasher();
  assert.deepEqual([one, other].map(second), expected);
  assert.deepEqual([one, other].map(first), expected);
});

test("arguments that cannot be used are refused by their code, and cost no worker", async (t) => {
  const scanner = await Scanner.create({ workers: 1 });
  t.after(() => scanner.close());
  const [set, trust] = ["known.presend", "trust.json"].map((file) => readFileSync(join(DEMO, file)));
  await scanner.loadSet(set, { trust });
  const picture = readFileSync(join(DEMO, "outbox/beach.jpg"));
  const circular = {};
  circular.itself = circular;
  const calls = {
    "a hash that is no text": () => scanner.lookUp({ length: 64 }),
    "bytes that were given away": () => scanner.scan(detached(new Uint8Array(8))),
    "bytes that were given away, to hand over": () => scanner.scan(detached(new Uint8Array(8)), { transfer: true }),
    "no options": () => scanner.scan(picture, null),
    "a number that JSON does not know": () => scanner.scan(picture, { effort: 1n }),
    "a signal that is none": () => scanner.scan(picture, { signal: {} }),
    "a time limit in words": () => scanner.scan(picture, { timeout: "1000" }),
    "a width beyond 32 bits": () => scanner.scan({ data: new Uint8ClampedArray(4 * 64), width: 2 ** 32 + 8, height: 8 }),
    "no pictures": () => scanner.scanMany(7).next(),
    "no options for a set": () => scanner.loadSet(set, null),
    "a set that was given away": () => scanner.loadSet(detached(new Uint8Array(8)).buffer, { trust }),
    "trust in circles": () => scanner.loadSet(set, { trust: circular }),
    "a date that is none": () => scanner.loadSet(set, { trust, now: "today" }),
    "no scanner's options": () => Scanner.create(null),
    "an address that is none": () => Scanner.create({ wasmUrl: Symbol("here") }),
    "nothing to upload": async () => guardUpload(scanner, async () => 7)(null),
    "an upload without a policy": async () => guardUpload(scanner, async () => 7, null),
  };
  for (const [what, call] of Object.entries(calls)) {
    await assert.rejects(call, (error) => error instanceof PresendError && error.code === "bad-argument", what);
  }
  assert.equal(scanner.workers, 1);
  assert.equal((await scanner.scan(picture)).kind, "clean");
});

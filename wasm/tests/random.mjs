// Randomness that is the same each time, and values that nobody expects.

/** Numbers by SplitMix32, from a seed: fast, and even enough to choose by. */
export class Random {
  #state;

  constructor(...seeds) {
    this.#state = seeds.reduce((state, seed) => mix(state ^ seed), 0x9e3779b9);
  }

  /** 32 bits. */
  next() {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mix(this.#state);
  }

  /** A whole number below another one. */
  below(limit) {
    return this.next() % limit;
  }

  chance(percent) {
    return this.below(100) < percent;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  bytes(length) {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.next());
    return new Uint8Array(words.buffer).slice(0, length);
  }
}

function mix(value) {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

const NUMBERS = [
  ...[0, -0, 1, -1, 2, 5, 31, 50, 100, 101, 255, 256, 0.5, NaN, Infinity, -Infinity, 65535, 65536],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 64, 1e300, 5e-324, -(2 ** 31), -(2 ** 53)],
];

/** A number at the edge of something. */
export function oddNumber(random) {
  return random.chance(40) ? random.below(300) : random.pick(NUMBERS);
}

const TEXTS = ["", "0", "7", "null", "\ud800", "a\udc00b", "\0", "ümläut", "{", '{"a":1}', "[1,2", "__proto__", "x".repeat(1000)];

/** A text, now and then one that is no Unicode. */
export function oddText(random) {
  if (random.chance(60)) return random.pick(TEXTS);
  return String.fromCharCode(...Array.from({ length: random.below(80) }, () => random.below(0x10000)));
}

/** A value of any type. */
export function oddValue(random) {
  return random.pick(MAKERS)(random);
}

const MAKERS = [
  oddNumber,
  oddText,
  () => null,
  () => undefined,
  () => true,
  () => 7n,
  () => Symbol("seven"),
  () => [],
  () => ({}),
  () => [1, "two", null],
  () => () => 7,
  () => Object.create(null),
  () => new Date(NaN),
  () => new Map(),
  () => Promise.resolve(7),
  () => new Float64Array(3),
  () => new DataView(new ArrayBuffer(3)),
  () => new SharedArrayBuffer(8),
  () => new Uint8Array(new SharedArrayBuffer(8)),
  () => detached(new Uint8Array(8)),
  () => detached(new Uint8Array(8)).buffer,
  () => new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
  () => circular(),
  () => new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing }),
  () => ({ toString: throwing, valueOf: throwing, toJSON: throwing }),
];

/** What happens when somebody looks at such a value. */
function throwing() {
  throw new Error("not to be looked at");
}

/** The same bytes, after their buffer was given away. */
export function detached(bytes) {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function circular() {
  const value = {};
  value.itself = value;
  return value;
}

/** A file with some of its bytes changed, lost, added or moved. */
export function mangled(random, bytes, most = 6) {
  let mangled = Uint8Array.from(bytes);
  for (let change = 1 + random.below(most); change > 0 && mangled.length > 0; change--) {
    const at = random.chance(50) ? random.below(mangled.length) : random.below(Math.min(64, mangled.length));
    switch (random.below(6)) {
      case 0:
        mangled[at] ^= 1 << random.below(8);
        break;
      case 1:
        mangled[at] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff]);
        break;
      case 2:
        mangled = mangled.subarray(0, at);
        break;
      case 3:
        mangled = Buffer.concat([mangled.subarray(0, at), random.bytes(random.below(9)), mangled.subarray(at)]);
        break;
      case 4:
        mangled = Buffer.concat([mangled.subarray(0, at), mangled.subarray(at + random.below(9))]);
        break;
      case 5:
        mangled.copyWithin(random.below(mangled.length), at, at + random.below(64));
    }
  }
  return Uint8Array.from(mangled);
}

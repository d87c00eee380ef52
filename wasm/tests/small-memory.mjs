// The module as on a device that has no more memory: the same code, of which every further page is refused.

/** Bytes of a page of WebAssembly memory. */
const PAGE = 1 << 16;
/** The number of the section that says how much memory there is. */
const MEMORY = 5;

/** The module with at most so many bytes of memory. */
export function withMemory(module, bytes) {
  const sections = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const [length, start] = number(module, at + 1);
    const section = module.subarray(at, start + length);
    sections.push(module[at] === MEMORY ? limited(module.subarray(start, start + length), bytes / PAGE) : section);
    at = start + length;
  }
  return Buffer.concat(sections);
}

/** One memory, with the least that it has and the most that it may have. */
function limited(section, pages) {
  const [least] = number(section, 2);
  const content = [1, 1, ...digits(least), ...digits(pages)];
  return Buffer.from([MEMORY, ...digits(content.length), ...content]);
}

/** A number in groups of seven bits (LEB128), and where what comes behind it begins. */
function number(bytes, at) {
  for (let value = 0, shift = 0; ; shift += 7) {
    value |= (bytes[at] & 0x7f) << shift;
    if (bytes[at++] < 0x80) return [value, at];
  }
}

function digits(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...digits(value >> 7)];
}

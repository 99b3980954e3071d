// Sets of slots, one bit each: what 100,000 offers have in common fits into the innermost cache.
export type Bits = Uint32Array;

export const wordsFor = (slots: number): number => (slots + 31) >>> 5;

export const isIn = (bits: Bits, slot: number): boolean => (((bits[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) === 1;

export function add(bits: Bits, slot: number): void {
  const word = slot >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (slot & 31));
}

export function take(bits: Bits, slot: number): void {
  const word = slot >>> 5;
  bits[word] = (bits[word] ?? 0) & ~(1 << (slot & 31));
}

/** Of the first so many slots. */
export function countIn(bits: Bits, slots: number): number {
  const words = wordsFor(slots);
  let count = 0;
  for (let at = 0; at < words; at += 1) {
    let word = bits[at] ?? 0;
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** Writes the slots behind `from` into the list, in their order; answers where it ends. */
export function listInto(list: Uint32Array, from: number, bits: Bits): number {
  let end = from;
  for (let at = 0; at < bits.length; at += 1) {
    let word = bits[at] ?? 0;
    while (word !== 0) {
      list[end] = (at << 5) + 31 - Math.clz32(word & -word);
      end += 1;
      word &= word - 1;
    }
  }
  return end;
}

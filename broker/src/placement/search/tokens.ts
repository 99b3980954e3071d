// The words in which offers are described, and which offers each is in.
import { add, wordsFor } from './bits.ts';
import type { Bits } from './bits.ts';
import { createSorted } from './sorted.ts';

export type Tokens = {
  put(slot: number, texts: readonly string[]): void;
  /** The slots that have, for each word, one that begins with it. The caller's own. */
  hits(text: string, slots: number): Bits;
};

const tokenCharactersMax = 40;
const tokensMax = 60;
const wordsMax = 8;

const tokensOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .normalize('NFKC')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '')
    .map((token) => token.slice(0, tokenCharactersMax));

export function createTokens(): Tokens {
  const slotsOf = new Map<string, number[]>();
  const sorted = createSorted<string>((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return {
    put(slot, texts) {
      for (const token of new Set(texts.flatMap(tokensOf).slice(0, tokensMax))) {
        const slots = slotsOf.get(token);
        if (slots !== undefined) slots.push(slot);
        else {
          slotsOf.set(token, [slot]);
          sorted.add(token);
        }
      }
    },
    hits(text, slots) {
      const words = tokensOf(text).slice(0, wordsMax);
      const hits = new Uint32Array(wordsFor(slots)).fill(0xffffffff);
      const tokens = sorted.read();
      for (const word of words) {
        const having = new Uint32Array(hits.length);
        for (let at = firstFrom(tokens, word); at < tokens.length && tokens[at]?.startsWith(word) === true; at += 1)
          mark(having, slotsOf.get(tokens[at] ?? '') ?? []);
        for (let at = 0; at < hits.length; at += 1) hits[at] = (hits[at] ?? 0) & (having[at] ?? 0);
      }
      return hits;
    },
  };
}

function mark(bits: Bits, slots: readonly number[]): void {
  for (let at = 0; at < slots.length; at += 1) add(bits, slots[at] ?? 0);
}

function firstFrom(tokens: readonly string[], word: string): number {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tokens[middle] ?? '') < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

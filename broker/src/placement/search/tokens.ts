// The words in which offers are described, and which offers each is in.
import { createSorted } from './sorted.ts';

export type Tokens = {
  put(slot: number, texts: readonly string[]): void;
  /** Marks every slot that has, for each word, one that begins with it. */
  hits(text: string, slots: number): Uint8Array;
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
      const marks = new Uint8Array(slots);
      const words = tokensOf(text).slice(0, wordsMax);
      if (words.length === 0) return marks.fill(1);
      const tokens = sorted.read();
      for (const [index, word] of words.entries())
        for (let at = firstFrom(tokens, word); at < tokens.length && tokens[at]?.startsWith(word) === true; at += 1)
          for (const slot of slotsOf.get(tokens[at] ?? '') ?? []) if (marks[slot] === index) marks[slot] = index + 1;
      return marks.map((mark) => (mark === words.length ? 1 : 0));
    },
  };
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

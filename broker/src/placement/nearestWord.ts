/** The word of the list that takes the fewest edits to reach (Levenshtein), if that is at most a third of its length; ties by the list's order. */
export function nearestWord(word: string, words: readonly string[]): string | null {
  let best: { readonly word: string; readonly edits: number } | null = null;
  for (const candidate of words) {
    const edits = editsBetween(word.slice(0, 40), candidate);
    if (edits <= Math.max(1, candidate.length / 3) && (best === null || edits < best.edits)) best = { word: candidate, edits };
  }
  return best?.word ?? null;
}

const namedMax = 3;

/** Of words with dots: those of which one part is meant, else the one that is misspelt, else those of which one part is. At most three; `memory` means `memory.gib`. */
export function nearestWords(word: string, words: readonly string[]): readonly string[] {
  const given = word.toLowerCase();
  const having = (part: string): readonly string[] => words.filter((candidate) => candidate.split('.').includes(part)).slice(0, namedMax);
  const [meant, misspelt] = [having(given), nearestWord(given, words)];
  if (meant.length > 0) return meant;
  if (misspelt !== null) return [misspelt];
  const part = nearestWord(given.split('.')[0] ?? '', [...new Set(words.flatMap((candidate) => candidate.split('.')))]);
  return part === null ? [] : having(part);
}

const editsBetween = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
};

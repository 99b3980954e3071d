// One fact of every offer: what each states, as a number into the list of all that is stated by anybody.
import type { ToldFact } from '../../catalogue/index.ts';
import type { Statement } from '../criteria/fact.ts';

export type Column = {
  /** By slot; 0: nothing is stated. Longer than there are slots. */
  readonly codes: Uint32Array;
  /** By code; [0] is empty. */
  readonly cells: readonly (readonly Statement[])[];
  /** The code of what a slot states. */
  put(slot: number, facts: readonly ToldFact[]): void;
  /** Answers of a question about cells, asked of each cell once. 0 and 1. */
  verdicts(question: string, ask: (statements: readonly Statement[]) => boolean): Uint8Array;
};

const questionsMax = 32;

type Verdict = { answers: Uint8Array; known: number };

export function createColumn(): Column {
  let codes = new Uint32Array(1024);
  const cells: (readonly Statement[])[] = [[]];
  const codeOf = new Map<string, number>();
  const verdicts = new Map<string, Verdict>();
  return {
    get codes() {
      return codes;
    },
    cells,
    put(slot, facts) {
      const key = keyOf(facts);
      let code = codeOf.get(key);
      if (code === undefined) {
        code = cells.push(facts.map(({ value, assurance }) => ({ value, assurance }))) - 1;
        codeOf.set(key, code);
      }
      if (slot >= codes.length) codes = grown(codes, slot);
      codes[slot] = code;
    },
    verdicts(question, ask) {
      const found = verdicts.get(question) ?? { answers: new Uint8Array(0), known: 0 };
      // the one that was asked longest ago is forgotten
      verdicts.delete(question);
      const [oldest] = verdicts.keys();
      if (verdicts.size >= questionsMax && oldest !== undefined) verdicts.delete(oldest);
      verdicts.set(question, found);
      if (found.answers.length < cells.length) {
        const longer = new Uint8Array(cells.length * 2);
        longer.set(found.answers);
        found.answers = longer;
      }
      for (; found.known < cells.length; found.known += 1) found.answers[found.known] = ask(cells[found.known] ?? []) ? 1 : 0;
      return found.answers;
    },
  };
}

export function grown(from: Uint32Array<ArrayBuffer>, slot: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(Math.max(slot + 1, from.length * 2));
  longer.set(from);
  return longer;
}

/** The same for the same statements, in whatever order. */
const keyOf = (facts: readonly ToldFact[]): string => {
  const [only] = facts;
  if (facts.length === 1 && only !== undefined) return one(only);
  return facts
    .map(one)
    .toSorted((left, right) => (left < right ? -1 : 1))
    .join('\n');
};

const one = ({ value, assurance }: ToldFact): string => `${assurance} ${typeof value === 'string' ? '"' : ''}${String(value)}`;

// One fact of every offer: what each states, as a number into the list of all that is stated by anybody. What a slot states never changes.
import type { Fact, ToldFact } from '../../catalogue/index.ts';
import { strongest } from '../criteria/fact.ts';
import type { Statement } from '../criteria/fact.ts';
import { countedOrder } from '../criteria/preference.ts';
import type { Ordering } from '../placement.ts';
import { wordsFor } from './bits.ts';
import type { Bits } from './bits.ts';

/** By slot; 0: nothing is stated. The narrow ones as long as there are not more different statements than they can tell apart. */
export type Codes = Uint16Array | Uint32Array;

export type Column = {
  /** Longer than there are slots. */
  readonly codes: Codes;
  /** By code; [0] is empty. */
  readonly cells: readonly (readonly Statement[])[];
  /** By code, of how many living slots. [0] is not kept. */
  readonly living: Uint32Array;
  /** The code of what a slot states. */
  put(slot: number, facts: readonly ToldFact[]): void;
  /** That slot is dead. */
  drop(slot: number): void;
  /** Of a column that may be shorter than there are slots. */
  cover(slots: number): Column;
  /** The slots whose statements answer a question with yes: each code and each slot is asked once. */
  holding(question: string, ask: (code: number) => boolean, slots: number): Bits;
  /** By code, what a preference counts; NaN: nothing. */
  orders(preference: Ordering): Float64Array;
  /** The different values of the most assured of a cell. */
  valuesOf(code: number): readonly Fact['value'][];
};

const questionsMax = 32;
const narrowMax = 65_536;

type Answer = { verdicts: Uint8Array; known: number; bits: Uint32Array<ArrayBuffer>; slots: number };
type Ordered = { orders: Float64Array; known: number };

export function createColumn(): Column {
  let codes: Codes = new Uint16Array(1024);
  let living = new Uint32Array(16);
  const cells: (readonly Statement[])[] = [[]];
  const codeOf = new Map<string, number>();
  const answers = new Map<string, Answer>();
  const ordered = new Map<Ordering['direction'], Ordered>();
  const values: (readonly Fact['value'][])[] = [];
  const coded = (facts: readonly ToldFact[]): number => {
    const key = keyOf(facts);
    const known = codeOf.get(key);
    if (known !== undefined) return known;
    const code = cells.push(facts.map(({ value, assurance }) => ({ value, assurance }))) - 1;
    codeOf.set(key, code);
    if (cells.length > narrowMax && codes instanceof Uint16Array) codes = Uint32Array.from(codes);
    if (code >= living.length) living = longer(living, new Uint32Array(living.length * 2));
    return code;
  };
  const column: Column = {
    get codes() {
      return codes;
    },
    get living() {
      return living;
    },
    cells,
    put(slot, facts) {
      const code = coded(facts);
      column.cover(slot + 1);
      codes[slot] = code;
      living[code] = (living[code] ?? 0) + 1;
    },
    drop(slot) {
      const code = codes[slot] ?? 0;
      if (code > 0) living[code] = (living[code] ?? 0) - 1;
    },
    cover(slots) {
      const length = wordsFor(slots) * 32;
      if (length > codes.length) {
        const most = Math.max(length, codes.length * 2);
        codes = codes instanceof Uint16Array ? longer(codes, new Uint16Array(most)) : longer(codes, new Uint32Array(most));
      }
      return column;
    },
    holding(question, ask, slots) {
      const answer = answers.get(question) ?? { verdicts: new Uint8Array(0), known: 0, bits: new Uint32Array(0), slots: 0 };
      // the one that was asked longest ago is forgotten
      answers.delete(question);
      const [oldest] = answers.keys();
      if (answers.size >= questionsMax && oldest !== undefined) answers.delete(oldest);
      answers.set(question, answer);
      if (answer.verdicts.length < cells.length) answer.verdicts = longer(answer.verdicts, new Uint8Array(cells.length * 2));
      for (; answer.known < cells.length; answer.known += 1) answer.verdicts[answer.known] = ask(answer.known) ? 1 : 0;
      if (answer.slots < slots) {
        column.cover(slots);
        const words = wordsFor(slots);
        if (answer.bits.length < words) answer.bits = longer(answer.bits, new Uint32Array(words));
        mark(answer, codes, { from: answer.slots >>> 5, to: words });
        answer.slots = slots;
      }
      return answer.bits;
    },
    orders(preference) {
      // of points there is no end
      if (preference.from !== undefined) return Float64Array.from(cells, (statements) => countedOrder(preference, statements));
      const found = ordered.get(preference.direction) ?? { orders: new Float64Array(0), known: 0 };
      ordered.set(preference.direction, found);
      if (found.orders.length < cells.length) found.orders = longer(found.orders, new Float64Array(cells.length * 2).fill(Number.NaN));
      for (; found.known < cells.length; found.known += 1) found.orders[found.known] = countedOrder(preference, cells[found.known] ?? []);
      return found.orders;
    },
    valuesOf: (code) => (values[code] ??= [...new Set(strongest(cells[code] ?? [], undefined).map(({ value }) => value))]),
  };
  return column;
}

/** Plain loops over typed arrays: this runs for every offer when something is asked the first time (bench search). */
function mark({ verdicts, bits }: Answer, codes: Codes, { from, to }: { readonly from: number; readonly to: number }): void {
  for (let word = from; word < to; word += 1) {
    const first = word << 5;
    let set = 0;
    for (let bit = 0; bit < 32; bit += 1) set |= (verdicts[codes[first + bit] ?? 0] ?? 0) << bit;
    bits[word] = set;
  }
}

function longer<Kind extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: Kind): Kind {
  to.set(from);
  return to;
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

// Every offer held against every criterion, as sets. The meaning of a criterion is that of `place`: each different statement is asked about once.
import { factTable } from '../../catalogue/index.ts';
import { boundOf } from '../criteria/compare.ts';
import { satisfies } from '../criteria/fact.ts';
import { printCriterion } from '../criterion.ts';
import type { Criterion } from '../placement.ts';
import { countIn, listInto, wordsFor } from './bits.ts';
import type { Bits } from './bits.ts';
import type { Column } from './column.ts';
import type { Reading } from './offerIndex.ts';

/** Lists of slots are valid until the next reading. */
export type Tally = {
  /** What lives and is found by the text. */
  readonly found: Bits;
  readonly total: number;
  /** What satisfies every criterion. */
  readonly matching: Bits;
  readonly matched: Uint32Array;
  /** Where more than half of all match: what does not, which is less to be counted. */
  readonly others: Uint32Array | null;
  /** By criterion, what fails this one alone. */
  readonly near: readonly Uint32Array[];
};

type Asked = { readonly criteria: readonly Criterion[]; readonly text: string };

export function tallyOf(reading: Reading, { criteria, text }: Asked): Tally {
  const { slots, lists } = reading;
  const words = wordsFor(slots);
  const found = foundBy(reading, text);
  const holding = criteria.map((criterion) => holdingOf(reading, criterion));
  const [none, once] = failing(found, holding, words);
  let end = listInto(lists, 0, none);
  const matched = lists.subarray(0, end);
  const near = holding.map((holds) => {
    const from = end;
    const alone = new Uint32Array(words);
    for (let at = 0; at < words; at += 1) alone[at] = (once[at] ?? 0) & ~(holds[at] ?? 0);
    end = listInto(lists, from, alone);
    return lists.subarray(from, end);
  });
  const others = matched.length * 2 > reading.size ? lists.subarray(end, listBut(lists, end, { alive: reading.alive, none })) : null;
  return { found, total: countIn(found, slots), matching: none, matched, others, near };
}

function listBut(lists: Uint32Array, from: number, { alive, none }: { readonly alive: Bits; readonly none: Bits }): number {
  return listInto(
    lists,
    from,
    none.map((word, at) => (alive[at] ?? 0) & ~word),
  );
}

/** Of what is found: what satisfies all, and what fails exactly one. */
function failing(found: Bits, holding: readonly Bits[], words: number): readonly [none: Bits, once: Bits] {
  const [none, once, twice] = [found.slice(0, words), new Uint32Array(words), new Uint32Array(words)];
  for (const holds of holding)
    for (let at = 0; at < words; at += 1) {
      const fails = (found[at] ?? 0) & ~(holds[at] ?? 0);
      const before = none[at] ?? 0;
      twice[at] = (twice[at] ?? 0) | (fails & ~before);
      none[at] = before & ~fails;
    }
  for (let at = 0; at < words; at += 1) once[at] = (found[at] ?? 0) & ~(none[at] ?? 0) & ~(twice[at] ?? 0);
  return [none, once];
}

/** What is found and satisfies all but these criteria. */
export function matchingBut(reading: Reading, { found, criteria }: { readonly found: Bits; readonly criteria: readonly Criterion[] }, leftOut: string): Bits {
  const words = wordsFor(reading.slots);
  const holding = criteria.filter(({ fact }) => fact !== leftOut).map((criterion) => holdingOf(reading, criterion));
  return failing(found, holding, words)[0];
}

function foundBy({ slots, alive, tokens }: Reading, text: string): Bits {
  if (text.trim() === '') return alive;
  const hits = tokens.hits(text, slots);
  for (let at = 0; at < hits.length; at += 1) hits[at] = (hits[at] ?? 0) & (alive[at] ?? 0);
  return hits;
}

/** Of whom nothing is known in a column, nothing is satisfied. */
function holdingOf({ slots, column }: Reading, criterion: Criterion): Bits {
  const of = column(criterion.fact);
  return of?.holding(printCriterion(criterion), askOf(of, criterion), slots) ?? new Uint32Array(wordsFor(slots));
}

/**
 * Whether what a code stands for satisfies the criterion. A bound is held against numbers that the column has anyway, which is ten times as quick where thousands
 * of different prices are stated (bench search); several statements, and any other question, are asked one by one.
 */
function askOf(column: Column, criterion: Criterion): (code: number) => boolean {
  const { cells } = column;
  const isSatisfied = satisfies(criterion);
  const { fact, operator, values, assurance } = criterion;
  const bound = operator === '=' || operator === '!=' ? null : boundOf(values[0] ?? '', factTable[fact]?.type ?? 'text');
  if (bound === null || assurance !== undefined || criterion.from !== undefined) return (code) => isSatisfied(cells[code] ?? []);
  const orders = column.orders({ fact, direction: 'highest', weight: 1 });
  const [isMore, isEqual] = [operator === '>' || operator === '>=', operator === '>=' || operator === '<='];
  return (code) => {
    const statements = cells[code] ?? [];
    if (statements.length !== 1) return isSatisfied(statements);
    const order = orders[code] ?? Number.NaN;
    return order === bound ? isEqual : isMore ? order > bound : order < bound;
  };
}

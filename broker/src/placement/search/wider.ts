// What would let more offers in: of each criterion the smallest change that does, and how many it lets in.
import { factTable } from '../../catalogue/index.ts';
import { boundOf } from '../criteria/compare.ts';
import { satisfies } from '../criteria/fact.ts';
import type { Statement } from '../criteria/fact.ts';
import { printCriterion } from '../criterion.ts';
import type { Criterion } from '../placement.ts';
import { nearestCriterion } from '../relax.ts';
import type { Column } from './column.ts';
import { count } from './facet.ts';
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

export type Wider = {
  readonly criterion: string;
  /** The smallest change of it that lets more in, and how many more; null: only leaving it away does. */
  readonly instead: { readonly criterion: string; readonly more: number } | null;
  /** How many more there are without it. */
  readonly without: number;
};

/** Of the different statements that fail, as many are tried. */
const triedMax = 50;

type Within = { readonly tally: Tally; readonly index: number };

export function wider(reading: Reading, criterion: Criterion, { tally, index }: Within): Wider[] {
  const slots = tally.near[index];
  if (slots === undefined || slots.length === 0) return [];
  const column = reading.column(criterion.fact);
  const instead = column === undefined ? null : smallest(criterion, failingBy(column, criterion, slots), heldBy(column, criterion, tally));
  return [{ criterion: printCriterion(criterion), instead, without: slots.length }];
}

type Failing = {
  /** What is stated, differently each. */
  readonly cells: readonly (readonly Statement[])[];
  /** Of each, how many state it, and how far that is from what is asked. */
  readonly counts: Uint32Array;
  readonly distances: Float64Array;
  /** Places of the nearest. */
  readonly nearest: readonly number[];
};
type Widest = { readonly criterion: string; readonly more: number; readonly distance: number };

/** The one that lets the fewest in is the smallest; of equals the first by its text. `held`: what nothing may let out. */
function smallest(criterion: Criterion, failing: Failing, held: readonly (readonly Statement[])[]): Wider['instead'] {
  const { cells, counts, distances, nearest } = failing;
  const { assurance, ...bare } = criterion;
  const tried = new Set([printCriterion(criterion)]);
  const better = (changed: Criterion | null, than: Widest | null, distance: number): Widest | null => {
    const text = changed === null ? '' : printCriterion(changed);
    if (changed === null || tried.has(text)) return than;
    tried.add(text);
    const isSatisfied = satisfies(changed);
    const most = than?.more ?? Number.POSITIVE_INFINITY;
    const more = letIn(failing, isSatisfied, { distance, most });
    if (more === 0 || more > most || (more === most && than !== null && than.criterion <= text)) return than;
    // another assurance may let some in and others out: that is no wider
    return assurance === undefined || held.every(isSatisfied) ? { criterion: text, more, distance } : than;
  };
  let found = cells.length > 0 ? better(bare, null, Number.POSITIVE_INFINITY) : null;
  for (const at of nearest) {
    const [statements, distance] = [cells[at] ?? [], distances[at] ?? 0];
    // of several statements together another one may be the bound
    const reach = isBound(criterion) && statements.length === 1 ? distance : Number.POSITIVE_INFINITY;
    // what lets these in lets in as many at least, and where only the bound moves, all that is nearer too
    if (found !== null && ((counts[at] ?? 0) > found.more || (reach < Number.POSITIVE_INFINITY && reach > found.distance))) continue;
    found = better(nearestCriterion(criterion, statements), found, reach);
    if (assurance !== undefined) found = better(nearestCriterion(bare, statements), found, reach);
  }
  return found === null ? null : { criterion: found.criterion, more: found.more };
}

/** How many more, counted until they are more than `most`. */
function letIn(
  { cells, counts, distances }: Failing,
  isSatisfied: (statements: readonly Statement[]) => boolean,
  { distance, most }: { readonly distance: number; readonly most: number },
): number {
  let more = 0;
  for (let at = 0; at < cells.length && more <= most; at += 1) {
    const statements = cells[at] ?? [];
    // beyond a bound nothing satisfies it
    if ((distances[at] ?? 0) > distance && statements.length === 1) continue;
    if (isSatisfied(statements)) more += counts[at] ?? 0;
  }
  return more;
}

const isBound = ({ operator, assurance }: Criterion): boolean => assurance === undefined && operator !== '=' && operator !== '!=';

/** What is stated by those who fail this criterion alone. Those that state nothing are not among them. */
function failingBy(column: Column, { fact, from, operator, values }: Criterion, slots: Uint32Array): Failing {
  const bound = operator === '=' || operator === '!=' ? null : boundOf(values[0] ?? '', factTable[fact]?.type ?? 'text');
  const orders = bound === null ? null : column.orders({ fact, ...(from !== undefined && { from }), direction: 'highest', weight: 1 });
  const all = countsOf(column, slots);
  let different = 0;
  for (let code = 1; code < all.length; code += 1) if ((all[code] ?? 0) > 0) different += 1;
  const cells: (readonly Statement[])[] = [];
  const [counts, distances] = [new Uint32Array(different), new Float64Array(different)];
  for (let code = 1; cells.length < different; code += 1) {
    const of = all[code] ?? 0;
    if (of === 0) continue;
    const distance = orders === null ? 0 : Math.abs((orders[code] ?? Number.NaN) - (bound ?? 0));
    counts[cells.length] = of;
    distances[cells.length] = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    cells.push(column.cells[code] ?? []);
  }
  return { cells, counts, distances, nearest: nearestOf(distances, counts) };
}

/** Of equally near ones first what fewer state. */
function nearestOf(distances: Float64Array, counts: Uint32Array): readonly number[] {
  const kept: number[] = [];
  const isBefore = (left: number, right: number): boolean => {
    const [near, far] = [distances[left] ?? 0, distances[right] ?? 0];
    return near === far ? (counts[left] ?? 0) < (counts[right] ?? 0) : near < far;
  };
  for (let at = 0; at < distances.length; at += 1) {
    if (kept.length === triedMax && !isBefore(at, kept[triedMax - 1] ?? 0)) continue;
    let place = kept.length;
    while (place > 0 && isBefore(at, kept[place - 1] ?? 0)) place -= 1;
    kept.splice(place, 0, at);
    if (kept.length > triedMax) kept.pop();
  }
  return kept;
}

/** What is stated by those who match; asked for only where a change could let one of them out. */
const heldBy = (column: Column, { assurance }: Criterion, { matched }: Tally): readonly (readonly Statement[])[] => {
  if (assurance === undefined) return [];
  const counts = countsOf(column, matched);
  return column.cells.filter((_, code) => (counts[code] ?? 0) > 0);
};

function countsOf(column: Column, slots: Uint32Array): Uint32Array {
  const counts = new Uint32Array(column.cells.length);
  count(counts, column.codes, slots);
  return counts;
}

// Holds a criterion against what is known of a cluster. A fact that nobody stated satisfies nothing, not even `!=`.
import { assurances, factTable } from '../../catalogue/index.ts';
import type { Assurance, Fact } from '../../catalogue/index.ts';
import { printCriterion } from '../criterion.ts';
import type { Criterion, Opinion } from '../placement.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import { matcher, orderingOf } from './compare.ts';
import { tellAway } from './distance.ts';
import type { Point } from './distance.ts';

export type Judge = (cluster: SnapshotCluster) => Opinion;

const ranks: Readonly<Record<Assurance, number>> = { asserted: 0, declared: 1, notarised: 2, certified: 3, measured: -1 };

export const rankOf = (assurance: Assurance): number => ranks[assurance];

/** `measured` stands beside the order: it is enough where nothing or itself is demanded. */
const isEnough = (assurance: Assurance, demanded: Assurance | undefined): boolean => {
  if (demanded === undefined || assurance === demanded) return true;
  return assurance !== 'measured' && demanded !== 'measured' && ranks[assurance] >= ranks[demanded];
};

/** What is counted of a statement: what it says, and how far that can be relied on. */
export type Statement = Pick<Fact, 'value' | 'assurance'>;

/** Whether statements of the fact that the criterion names satisfy it. Worked out once for each criterion, called for every cluster. */
export function satisfies(criterion: Criterion): (statements: readonly Statement[]) => boolean {
  const meaning = factTable[criterion.fact];
  if (meaning === undefined) return () => false;
  const matches = matcher(criterion, meaning.type);
  const needsAll = meaning.combine === 'all' || criterion.operator === '!=';
  return (statements) => {
    const [only] = statements;
    // nearly always: this is asked of each different statement of 100,000 offers (bench search)
    if (only !== undefined && statements.length === 1) return isEnough(only.assurance, criterion.assurance) && matches(only.value);
    const counted = strongest(statements, criterion.assurance);
    if (counted.length === 0) return false;
    return needsAll ? counted.every(({ value }) => matches(value)) : counted.some(({ value }) => matches(value));
  };
}

export function factJudge(criterion: Criterion, say: Teller = tell): Judge {
  const judge = judgeStated(criterion, say);
  return ({ facts }) => judge(facts, onlyNamed(facts, criterion.fact));
}

/** As `factJudge`; `only` is the fact of the criterion's name where there is exactly one, null where there is none or more. */
export function judgeStated(criterion: Criterion, sayPlainly: Teller): (facts: readonly Fact[], only: Fact | null) => Opinion {
  const say = criterion.from === undefined ? sayPlainly : tellerFrom(criterion.from);
  const asked = printCriterion(criterion);
  const isSatisfied = satisfies(criterion);
  const judgeOne = remembering(criterion, say);
  const unknown: Opinion = { criterion: asked, verdict: 'excluded', asked, found: 'unknown', source: 'none' };
  return (facts, only) => {
    if (only !== null) {
      const { verdict, found } = judgeOne(only);
      return { criterion: asked, verdict, asked, found, source: only.credential };
    }
    const stated = factsNamed(facts, criterion.fact);
    if (stated.length === 0) return unknown;
    const counted = strongest(stated, criterion.assurance);
    const shown = counted.length > 0 ? counted : strongest(stated, undefined);
    return {
      criterion: asked,
      verdict: isSatisfied(stated) ? 'satisfied' : 'excluded',
      asked,
      found: shown.map(say).join(separator),
      source: shown[0]?.credential ?? 'none',
    };
  };
}

/** Reads a cluster's facts once for all the names that a request asks about. Plain loops: this runs for every fact of every cluster. */
export function readerOf(names: readonly string[]): (facts: readonly Fact[]) => readonly (Fact | null)[] {
  const firstOf = new Map<string, number>();
  for (let index = names.length - 1; index >= 0; index -= 1) firstOf.set(names[index] ?? '', index);
  /** The next place of the same name; -1: none. */
  const next = names.map((name, index) => names.indexOf(name, index + 1));
  const counts = new Uint32Array(names.length);
  const found: (Fact | null)[] = names.map(() => null);
  /** The same list at every call. */
  return (facts) => {
    found.fill(null);
    counts.fill(0);
    for (let at = 0; at < facts.length; at += 1) {
      const fact = facts[at];
      if (fact === undefined) continue;
      for (let index = firstOf.get(fact.name) ?? -1; index >= 0; index = next[index] ?? -1) {
        const count = (counts[index] ?? 0) + 1;
        counts[index] = count;
        found[index] = count === 1 ? fact : null;
      }
    }
    return found;
  };
}

type Judged = { readonly verdict: Opinion['verdict']; readonly found: string };

/** Many clusters state the same: each statement is judged once for a decision. Halves the time of one over 1000 clusters (bench decide). */
function remembering(criterion: Criterion, say: Teller): (fact: Statement) => Judged {
  const isSatisfied = satisfies(criterion);
  return oncePerStatement((fact) => ({ verdict: isSatisfied([fact]) ? 'satisfied' : 'excluded', found: say(fact) }));
}

export type Teller = (fact: Statement) => string;

/** `tell`, for many clusters: one text for all that state the same. */
export const telling = (): Teller => oncePerStatement(tell);

/** Of positions: also how far that is from a point. */
export function tellerFrom(from: Point): Teller {
  const kmOf = orderingOf({ from }, 'position');
  return oncePerStatement(({ value, assurance }) => {
    const km = kmOf(value);
    return tell({ value: km === null ? value : tellAway(km, String(value)), assurance });
  });
}

type Known<Found> = { readonly assurance: Assurance; readonly found: Found; readonly next: Known<Found> | undefined };

function oncePerStatement<Found>(find: (fact: Statement) => Found): (fact: Statement) => Found {
  const known = new Map<Fact['value'], Known<Found>>();
  return (fact) => {
    const { value, assurance } = fact;
    const sameValue = known.get(value);
    for (let each = sameValue; each !== undefined; each = each.next) if (each.assurance === assurance) return each.found;
    const found = find(fact);
    known.set(value, { assurance, found, next: sameValue });
    return found;
  };
}

/** The fact of that name where there is exactly one, which is nearly always: this runs for every criterion of every cluster and makes no list. */
function onlyNamed(facts: readonly Fact[], name: string): Fact | null {
  let only: Fact | null = null;
  for (const fact of facts) {
    if (fact.name !== name) continue;
    if (only !== null) return null;
    only = fact;
  }
  return only;
}

export const factsNamed = (facts: readonly Fact[], wanted: string): readonly Fact[] => facts.filter(({ name }) => name === wanted);

/** Of those that are assured enough the most assured, measured ones beside them, in an order that does not depend on the one they came in. */
export function strongest<Said extends Statement & { readonly credential?: string }>(
  statements: readonly Said[],
  demanded: Assurance | undefined,
): readonly Said[] {
  const enough = statements.every(({ assurance }) => isEnough(assurance, demanded))
    ? statements
    : statements.filter(({ assurance }) => isEnough(assurance, demanded));
  if (enough.length < 2) return enough;
  const best = Math.max(...enough.map(({ assurance }) => rankOf(assurance)));
  return enough
    .filter(({ assurance }) => assurance === 'measured' || rankOf(assurance) === best)
    .toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

const keyOf = ({ value, assurance, credential }: Statement & { readonly credential?: string }): string => `${String(value)}\n${assurance}\n${credential ?? ''}`;

const separator = ' and ';

export const tell = ({ value, assurance }: Statement): string => `${value} (${assurance})`;

/** What `found` of an opinion tells, read back. A value cannot hold a bracket (catalogue/facts), so nothing is ambiguous. */
export const statementsIn = (found: string): { readonly value: string; readonly assurance: Assurance }[] =>
  [...found.matchAll(/(?:^|\) and )([^()]*) \((asserted|declared|notarised|certified|measured)(?=\)(?: and |$))/g)].flatMap(([, value, word]) => {
    const assurance = [...assurances, 'measured' as const].find((each) => each === word);
    return value === undefined || assurance === undefined ? [] : [{ value, assurance }];
  });

// Holds a criterion against what is known of a cluster. A fact that nobody stated satisfies nothing, not even `!=`.
import { assurances, factTable } from '../../catalogue/index.ts';
import type { Assurance, Fact } from '../../catalogue/index.ts';
import { printCriterion } from '../criterion.ts';
import type { Criterion, Opinion } from '../placement.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import { matcher } from './compare.ts';

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
    const counted = strongest(statements, criterion.assurance);
    if (counted.length === 0) return false;
    return needsAll ? counted.every(({ value }) => matches(value)) : counted.some(({ value }) => matches(value));
  };
}

export function factJudge(criterion: Criterion): Judge {
  const asked = printCriterion(criterion);
  const isSatisfied = satisfies(criterion);
  const judgeOne = remembering(criterion);
  const unknown: Opinion = { criterion: asked, verdict: 'excluded', asked, found: 'unknown', source: 'none' };
  return ({ facts }) => {
    const index = indexNamed(facts, criterion.fact, 0);
    const fact = facts[index];
    if (fact === undefined) return unknown;
    if (indexNamed(facts, criterion.fact, index + 1) === -1) {
      const { verdict, found } = judgeOne(fact);
      return { criterion: asked, verdict, asked, found, source: fact.credential };
    }
    const stated = factsNamed(facts, criterion.fact);
    const counted = strongest(stated, criterion.assurance);
    const shown = counted.length > 0 ? counted : strongest(stated, undefined);
    return {
      criterion: asked,
      verdict: isSatisfied(stated) ? 'satisfied' : 'excluded',
      asked,
      found: shown.map(tell).join(separator),
      source: shown[0]?.credential ?? 'none',
    };
  };
}

type Judged = { readonly verdict: Opinion['verdict']; readonly found: string };

/** Many clusters state the same: each statement is judged once for a decision. Halves the time of one over 1000 clusters (bench decide). */
function remembering(criterion: Criterion): (fact: Statement) => Judged {
  const isSatisfied = satisfies(criterion);
  return oncePerStatement((fact) => ({ verdict: isSatisfied([fact]) ? 'satisfied' : 'excluded', found: tell(fact) }));
}

/** `tell`, for many clusters. */
export const telling = (): ((fact: Statement) => string) => oncePerStatement(tell);

function oncePerStatement<Found>(find: (fact: Statement) => Found): (fact: Statement) => Found {
  const found = new Map<Assurance, Map<Fact['value'], Found>>();
  return (fact) => {
    let byValue = found.get(fact.assurance);
    if (byValue === undefined) found.set(fact.assurance, (byValue = new Map()));
    let known = byValue.get(fact.value);
    if (known === undefined) byValue.set(fact.value, (known = find(fact)));
    return known;
  };
}

/** A plain loop: it runs for every criterion of every cluster. */
const indexNamed = (facts: readonly Fact[], name: string, from: number): number => {
  for (let index = from; index < facts.length; index += 1) if (facts[index]?.name === name) return index;
  return -1;
};

const none: readonly Fact[] = [];

export function factsNamed(facts: readonly Fact[], name: string): readonly Fact[] {
  const first = indexNamed(facts, name, 0);
  if (first === -1) return none;
  // most often the only one: a slice costs less than a filter
  return indexNamed(facts, name, first + 1) === -1 ? facts.slice(first, first + 1) : facts.slice(first).filter((fact) => fact.name === name);
}

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

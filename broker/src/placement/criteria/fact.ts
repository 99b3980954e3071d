// Holds a criterion against what is known of a cluster. A fact that nobody stated satisfies nothing, not even `!=`.
import { assurances, factTable } from '../../catalogue/index.ts';
import type { Assurance, Fact, FactMeaning } from '../../catalogue/index.ts';
import { isWritable, printCriterion } from '../criterion.ts';
import type { Criterion, Opinion } from '../placement.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import { matcher, orderOf } from './compare.ts';
import type { Matches } from './compare.ts';

export type Judge = (cluster: SnapshotCluster) => Opinion;

const rankOf = (assurance: Assurance): number => assurances.findIndex((each) => each === assurance);

/** `measured` stands beside the order: it is enough where nothing or itself is demanded. */
const isEnough = (fact: Fact, demanded: Assurance | undefined): boolean => {
  if (demanded === undefined || fact.assurance === demanded) return true;
  return fact.assurance !== 'measured' && demanded !== 'measured' && rankOf(fact.assurance) >= rankOf(demanded);
};

export function factJudge(criterion: Criterion): Judge {
  const meaning = factTable[criterion.fact];
  const asked = printCriterion(criterion);
  if (meaning === undefined) return () => ({ criterion: asked, verdict: 'excluded', asked, found: 'unknown', source: 'none' });
  const matches = matcher(criterion, meaning.type);
  return (cluster) => {
    const stated = factsNamed(cluster.facts, criterion.fact);
    const counted = strongest(stated, criterion.assurance);
    if (holds(counted, matches, { meaning, criterion }))
      return { criterion: asked, verdict: 'satisfied', asked, found: tell(counted), source: sourceOf(counted) };
    const shown = counted.length === 0 ? strongest(stated, undefined) : counted;
    const opinion = { criterion: asked, verdict: 'excluded', asked, found: tell(shown), source: sourceOf(shown) } as const;
    const relaxed = shown.length === 0 ? null : relax(criterion, shown, { meaning, matches });
    return relaxed === null ? opinion : { ...opinion, relaxation: printCriterion(relaxed) };
  };
}

const none: readonly Fact[] = [];

export const factsNamed = (facts: readonly Fact[], name: string): readonly Fact[] => {
  let found: Fact[] | undefined;
  for (const fact of facts) if (fact.name === name) (found ??= []).push(fact);
  return found ?? none;
};

/** Of those that are assured enough the most assured, measured ones beside them, in an order that does not depend on the one they came in. */
export const strongest = (facts: readonly Fact[], demanded: Assurance | undefined): readonly Fact[] => {
  const enough = facts.length === 1 && isEnough(facts[0] as Fact, demanded) ? facts : facts.filter((fact) => isEnough(fact, demanded));
  if (enough.length < 2) return enough;
  const best = Math.max(...enough.map((fact) => rankOf(fact.assurance)));
  return enough
    .filter((fact) => fact.assurance === 'measured' || rankOf(fact.assurance) === best)
    .toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
};

const keyOf = (fact: Fact): string => `${String(fact.value)}\n${fact.assurance}\n${fact.credential}`;

type Rule = { readonly meaning: FactMeaning; readonly criterion: Criterion };

const holds = (facts: readonly Fact[], matches: Matches, { meaning, criterion }: Rule): boolean => {
  if (facts.length === 0) return false;
  return meaning.combine === 'all' || criterion.operator === '!=' ? facts.every(({ value }) => matches(value)) : facts.some(({ value }) => matches(value));
};

const tell = (facts: readonly Fact[]): string => {
  const first = facts[0];
  if (first === undefined) return 'unknown';
  if (facts.length === 1) return `${String(first.value)} (${first.assurance})`;
  return facts.map(({ value, assurance }) => `${String(value)} (${assurance})`).join(' and ');
};

const sourceOf = (facts: readonly Fact[]): string => facts[0]?.credential ?? 'none';

type Strictness = { readonly meaning: FactMeaning; readonly matches: Matches };

/** The criterion with as little changed as lets these facts satisfy it; null: no change of values or assurance does. */
function relax(criterion: Criterion, facts: readonly Fact[], { meaning, matches }: Strictness): Criterion | null {
  const isAssured = facts.every((fact) => isEnough(fact, criterion.assurance));
  const { assurance: _, ...bare } = criterion;
  const weakest = facts.map(({ assurance }) => assurance).toSorted((left, right) => rankOf(left) - rankOf(right))[0];
  const assured: Criterion = isAssured || weakest === undefined ? criterion : isMixed(facts) ? bare : { ...bare, assurance: weakest };
  if (holds(facts, matches, { meaning, criterion })) return assured;
  const values = relaxedValues(criterion, facts, meaning);
  if (values === null) return null;
  const operator = criterion.operator === '>' ? '>=' : criterion.operator === '<' ? '<=' : criterion.operator;
  return { ...assured, operator, values };
}

const isMixed = (facts: readonly Fact[]): boolean => new Set(facts.map(({ assurance }) => assurance)).size > 1;

function relaxedValues(criterion: Criterion, facts: readonly Fact[], { type, combine }: FactMeaning): string[] | null {
  const found = [...new Set(facts.map(({ value }) => String(value)))];
  if (!found.every(isWritable)) return null;
  if (criterion.operator === '=') return [...new Set([...criterion.values, ...(combine === 'all' ? found : found.slice(0, 1))])];
  if (criterion.operator === '!=') {
    const kept = criterion.values.filter((value) => facts.every((fact) => matcher({ ...criterion, values: [value] }, type)(fact.value)));
    return kept.length === 0 ? null : kept;
  }
  const ordered = facts
    .filter(({ value }) => orderOf(value, type) !== null)
    .toSorted((left, right) => (orderOf(left.value, type) ?? 0) - (orderOf(right.value, type) ?? 0));
  const wantsHigh = criterion.operator === '>=' || criterion.operator === '>';
  const bound = wantsHigh === (combine === 'all') ? ordered[0] : ordered.at(-1);
  return bound === undefined ? null : [String(bound.value)];
}

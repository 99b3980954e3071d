// The nearest criterion that a rejected offer satisfies, worked out from the opinion that rejected it.
import { factTable } from '../catalogue/index.ts';
import { boundOf, isOrdered, orderingOf, rangeIn } from './criteria/compare.ts';
import { withoutAway } from './criteria/distance.ts';
import { rankOf, satisfies, statementsIn } from './criteria/fact.ts';
import type { Statement } from './criteria/fact.ts';
import { plainly } from './criteria/units.ts';
import { isWritable } from './criteria/values.ts';
import { parseCriterion, printCriterion } from './criterion.ts';
import type { Criterion, Opinion } from './placement.ts';

/** As it would be written; null: no other values or assurance help, only leaving the criterion away. */
export function relaxed({ verdict, criterion: word, found }: Opinion): string | null {
  const statements = statementsIn(found);
  if (verdict !== 'excluded' || statements.length === 0) return null;
  const criterion = parseCriterion(word);
  const told = criterion.from === undefined ? statements : statements.map((each) => ({ ...each, value: withoutAway(each.value) }));
  const nearest = nearestCriterion(criterion, told);
  return nearest === null ? null : printCriterion(nearest);
}

/** The nearest criterion that these statements satisfy; null: only leaving it away helps. */
export function nearestCriterion(criterion: Criterion, statements: readonly Statement[]): Criterion | null {
  if (statements.length === 0) return null;
  return candidates(criterion, statements).find((candidate) => satisfies(candidate)(statements)) ?? null;
}

/** The least change first: assurance alone, values alone, both, and values without any assurance. */
function candidates(criterion: Criterion, statements: readonly Statement[]): Criterion[] {
  const { assurance: _, ...bare } = criterion;
  const weakest = statements.map(({ assurance }) => assurance).toSorted((left, right) => rankOf(left) - rankOf(right))[0];
  const lowered = weakest === undefined ? bare : { ...bare, assurance: weakest };
  const values = nearestValues(criterion, statements);
  if (values === null) return criterion.assurance === undefined ? [] : [lowered, bare];
  const operator = criterion.operator === '>' ? '>=' : criterion.operator === '<' ? '<=' : criterion.operator;
  const widened = (from: Criterion): Criterion => ({ ...from, operator, values });
  return criterion.assurance === undefined ? [widened(criterion)] : [lowered, bare, widened(criterion), widened(lowered), widened(bare)];
}

function nearestValues(criterion: Criterion, statements: readonly Statement[]): string[] | null {
  const { fact, operator, values } = criterion;
  const { type, combine } = factTable[fact] ?? { type: 'text', combine: 'all' };
  if (operator === '!=') {
    const { assurance: _, ...bare } = criterion;
    const kept = values.filter((value) => satisfies({ ...bare, values: [value] })(statements));
    return kept.length === 0 ? null : kept;
  }
  if (isOrdered(type) && type !== 'label') return nearestInOrder(criterion, statements);
  const found = [...new Set(statements.map(({ value }) => String(value)))];
  if (!found.every(isWritable)) return null;
  if (operator === '=') return [...new Set([...values, ...(combine === 'all' ? found : found.slice(0, 1))])];
  return nearestInOrder(criterion, statements);
}

type Stated = { readonly order: number; readonly text: string };

/** The found value that is the least that has to be let in; a range is widened to it. */
function nearestInOrder(criterion: Criterion, statements: readonly Statement[]): string[] | null {
  const { fact, operator, values } = criterion;
  const { type, combine } = factTable[fact] ?? { type: 'text', combine: 'all' };
  const orderOf = orderingOf(criterion, type);
  const stated = statements
    .flatMap(({ value }): Stated[] => {
      const order = orderOf(value);
      return order === null
        ? []
        : [
            {
              order,
              text:
                type === 'number' || type === 'position'
                  ? plainly(order)
                  : String(value)
                      .replace(/^v/, '')
                      .replace(/[+-].*$/, ''),
            },
          ];
    })
    .toSorted((left, right) => left.order - right.order);
  const [lowest, highest] = [stated[0], stated.at(-1)];
  if (lowest === undefined || highest === undefined || !stated.every(({ text }) => isWritable(text))) return null;
  if (operator !== '=') {
    const nearest = operator.startsWith('>') === (combine === 'all') ? lowest : highest;
    // at least none of a thing is no demand
    return operator.startsWith('>') && type === 'number' && nearest.order <= 0 ? null : [nearest.text];
  }
  const counted = combine === 'all' ? stated : stated.slice(0, 1);
  const [range] = values.length === 1 ? values.flatMap((value) => [rangeIn(value) ?? []]) : [];
  const [from, to] = range ?? [];
  if (from === undefined || to === undefined) return [...new Set([...values, ...counted.map(({ text }) => text)])];
  const below = counted.find(({ order }) => order < (boundOf(from, type) ?? 0));
  const above = counted.findLast(({ order }) => order > (boundOf(to, type) ?? 0));
  return [`${below?.text ?? from}..${above?.text ?? to}`];
}

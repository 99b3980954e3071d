// The nearest criterion that a rejected offer satisfies, worked out from the opinion that rejected it.
import { factTable } from '../catalogue/index.ts';
import { orderOf } from './criteria/compare.ts';
import { rankOf, satisfies, statementsIn } from './criteria/fact.ts';
import type { Statement } from './criteria/fact.ts';
import { isWritable, parseCriterion, printCriterion } from './criterion.ts';
import type { Criterion, Opinion } from './placement.ts';

/** As it would be written; null: no other values or assurance help, only leaving the criterion away. */
export function relaxed({ verdict, criterion: word, found }: Opinion): string | null {
  const statements = statementsIn(found);
  if (verdict !== 'excluded' || statements.length === 0) return null;
  const nearest = nearestCriterion(parseCriterion(word), statements);
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

function nearestValues({ fact, operator, values, assurance: _ }: Criterion, statements: readonly Statement[]): string[] | null {
  const { type, combine } = factTable[fact] ?? { type: 'text', combine: 'all' };
  const found = [...new Set(statements.map(({ value }) => String(value)))];
  if (!found.every(isWritable)) return null;
  if (operator === '=') return [...new Set([...values, ...(combine === 'all' ? found : found.slice(0, 1))])];
  if (operator === '!=') {
    const kept = values.filter((value) => satisfies({ fact, operator, values: [value] })(statements));
    return kept.length === 0 ? null : kept;
  }
  const ordered = found.filter((value) => orderOf(value, type) !== null).toSorted((left, right) => (orderOf(left, type) ?? 0) - (orderOf(right, type) ?? 0));
  const wantsHigh = operator === '>=' || operator === '>';
  const bound = wantsHigh === (combine === 'all') ? ordered[0] : ordered.at(-1);
  return bound === undefined ? null : [bound.replace(/^v/, '').replace(/[+-].*$/, '')];
}

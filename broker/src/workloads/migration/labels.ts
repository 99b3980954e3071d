// Which labels to change so that a pod leaves every Service that selects it, and goes on answering.
// Changed, not removed: Liqo hands a changed value on to the provider's twin of the pod, but not that a label is gone.
import { HanseError } from '../../errors.ts';
import type { Labels, Selector } from './facts.ts';

/** No Service selects it: see leavingLabels. */
export const leavingValue = 'hanse-leaving';
/** On pods that are being taken out: the operation that does it. */
export const leavingLabel = 'hanse.dev/leaving';
/** On the same pods: the labels as they were, as JSON. */
export const originalsAnnotation = 'hanse.dev/labels-before-leaving';

export const selects = (selector: Labels, labels: Labels): boolean => {
  const wanted = Object.entries(selector);
  // A Service without a selector selects nothing: somebody else writes its endpoints.
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
};

/**
 * The fewest labels, first those that no network policy looks at (a pod that goes on answering should go on being let through), then by name.
 * Throws REFUSED when a Service selects the value that marks the pods that leave.
 */
export function leavingLabels(labels: Labels, services: readonly Selector[], policyKeys: readonly string[]): Record<string, string> {
  const changed: Record<string, string> = {};
  for (;;) {
    const remaining = services.filter(({ selector }) => selects(selector, { ...labels, ...changed }));
    if (remaining.length === 0) return changed;
    const keys = [...new Set(remaining.flatMap(({ selector }) => Object.keys(selector)))].filter((key) => changed[key] === undefined);
    const [best] = keys.toSorted((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
    if (best === undefined)
      throw new HanseError('REFUSED', `Service ${remaining[0]?.name ?? ''} selects ${leavingValue}, the value with which pods leave.`, {
        fix: 'Give the Service another selector.',
      });
    changed[best] = leavingValue;
    function rank(key: string): number {
      return (policyKeys.includes(key) ? 1000 : 0) - remaining.filter(({ selector }) => Object.hasOwn(selector, key)).length;
    }
  }
}

/** The labels as they were before; null: the pod was not taken out by anyone. */
export function originalLabels(annotations: Labels): Record<string, string> | null {
  const text = annotations[originalsAnnotation];
  if (text === undefined) return null;
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) return null;
  return Object.fromEntries(Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

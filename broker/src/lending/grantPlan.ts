// The plan to change the word that we gave to a consumer.
import type { PlanOutcome } from '../operations/plan.ts';
import type { Grant } from './consumer.ts';

export type Word = {
  readonly answer?: 'yes' | 'ask' | 'no' | undefined;
  /** '' takes it away, as for the limits. */
  readonly reason?: string | undefined;
  readonly maxCpu?: string | undefined;
  readonly maxMemory?: string | undefined;
  readonly maxPods?: string | undefined;
};

/** What is said of the rest stays; other keys that somebody wrote stay too. */
export const grantAfter = (before: Grant | null, { answer, ...limits }: Word): Grant => {
  // an answer without a reason takes the reason of the last answer away
  const said: Readonly<Record<string, string | undefined>> = { ...(answer === undefined ? {} : { accept: answer, reason: '' }), ...defined(limits) };
  const all = { accept: 'yes', ...before, ...said };
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value]])));
};

const defined = (word: object): Record<string, string> =>
  Object.fromEntries(Object.entries(word).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

const entriesOf = (grant: Grant): [string, string][] => Object.entries(grant).toSorted(([left], [right]) => (left < right ? -1 : 1));

/** null, no grant at all, is not the same as an empty one. */
export const sameGrant = (left: Grant | null, right: Grant | null): boolean =>
  left === null || right === null ? left === right : JSON.stringify(entriesOf(left)) === JSON.stringify(entriesOf(right));

const shown = (grant: Grant | null): string =>
  grant === null
    ? 'nothing, which is a yes'
    : entriesOf(grant)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ');

export const planGrant = (
  about: { readonly cluster: string; readonly consumer: string; readonly namespace: string; readonly before: Grant | null },
  word: Word,
): PlanOutcome => {
  const { cluster, consumer, namespace, before } = about;
  const after = grantAfter(before, word);
  if (sameGrant(before, after)) return { kind: 'nothing', reason: `${consumer} has that word already: ${shown(before)}.` };
  return {
    kind: 'plan',
    plan: {
      kind: 'lend',
      subject: consumer,
      title: `tell ${consumer}, a consumer of ${cluster}: ${shown(after)}`,
      steps: [
        {
          kind: 'lending-grant',
          title: `write ConfigMap ${namespace}/hanse-grant at ${cluster} (now ${shown(before)})`,
          side: { role: 'consumer', cluster },
          input: { cluster, namespace, before, after },
          undo: { kind: 'undo', title: 'write what it said before' },
          destructive: false,
          attempts: 5,
          timeoutSeconds: 30,
        },
      ],
      pointOfNoReturn: null,
      madeFrom: { before },
      notes: [
        { topic: 'meaning', text: 'the Hanse of the consumer reads it before it federates and before it borrows more; what is lent already stays lent' },
        ...(after['accept'] === 'ask' ? [{ topic: 'waiting', text: 'what it asks for waits until you accept or refuse' }] : []),
      ],
    },
  };
};

// The plan to change the word that we gave to a consumer, and with it what Liqo lets it do.
import type { Plan, PlanOutcome, Step } from '../operations/plan.ts';
import { conditionOf, type Grant, type Running, type Standing, standingOf, type Tenant } from './consumer.ts';

export type Word = {
  readonly answer?: 'yes' | 'ask' | 'no' | undefined;
  /** '' takes it away, as for the limits. */
  readonly reason?: string | undefined;
  readonly maxCpu?: string | undefined;
  readonly maxMemory?: string | undefined;
  readonly maxPods?: string | undefined;
  readonly standing?: Standing | undefined;
};

/** What is said of the rest stays; other keys that somebody wrote stay too. */
export const grantAfter = (before: Grant | null, { answer, standing, ...limits }: Word): Grant => {
  // an answer or a standing without a reason takes the reason of the last one away
  const isAnswer = answer !== undefined || standing !== undefined;
  const said: Readonly<Record<string, string | undefined>> = {
    ...(isAnswer ? { reason: '' } : {}),
    ...(answer === undefined ? {} : { accept: answer }),
    ...(standing === undefined ? {} : { standing: standing === 'open' ? '' : standing }),
    ...defined(limits),
  };
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

export type About = {
  readonly cluster: string;
  readonly consumer: string;
  readonly namespace: string;
  readonly before: Grant | null;
  /** null: it is not federated, so there is nothing for Liqo to hold. */
  readonly tenant: Tenant | null;
  readonly running: Running;
};

/** `force`: end also what runs, and what was not asked to move away. */
export const planGrant = (about: About, word: Word, force = false): PlanOutcome => {
  const { cluster, consumer, before, tenant, running } = about;
  const after = grantAfter(before, word);
  const condition = word.standing === undefined ? undefined : conditionOf[word.standing];
  const isTenantRight = tenant === null || condition === undefined || tenant.condition === condition;
  if (sameGrant(before, after) && isTenantRight) return { kind: 'nothing', reason: `${consumer} has that word already: ${shown(before)}.` };
  const isEnd = word.standing === 'ended';
  const reasons = isEnd && !force ? whyNotEnd(about) : [];
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const steps = [...(sameGrant(before, after) ? [] : [grantStep(about, after)]), ...(isTenantRight ? [] : [tenantStep(about, condition)])];
  const cut = steps.findIndex(({ undo }) => undo.kind === 'irreversible');
  return {
    kind: 'plan',
    plan: {
      kind: 'lend',
      subject: consumer,
      title: `tell ${consumer}, a consumer of ${cluster}: ${shown(after)}`,
      steps,
      pointOfNoReturn: cut === -1 ? null : cut,
      madeFrom: { before, consumer, cluster, ends: isEnd && !force, pods: running.pods },
      notes: notesOf(about, word, after),
    },
  };
};

const whyNotEnd = ({ consumer, before, tenant, running }: About): { readonly message: string; readonly fix: string }[] => {
  const isAsked = standingOf(before, tenant) === 'draining';
  const force = 'or end it with --force, which cuts what runs';
  const fix = `Run hanse provider drain ${consumer} and wait until it has moved, ${force}.`;
  const wait = `Wait until hanse provider requests shows that nothing of it runs, ${force}.`;
  return [
    ...(isAsked ? [] : [{ message: `${consumer} was not asked to move away yet.`, fix }]),
    ...(running.pods === 0 ? [] : [{ message: `${running.pods} pods of ${consumer} run here still.`, fix: isAsked ? wait : fix }]),
  ];
};

const grantStep = ({ cluster, namespace, before }: About, after: Grant): Step => ({
  kind: 'lending-grant',
  title: `write ConfigMap ${namespace}/hanse-grant at ${cluster} (now ${shown(before)})`,
  side: { role: 'consumer', cluster },
  input: { cluster, namespace, before, after },
  undo: { kind: 'undo', title: 'write what it said before' },
  destructive: false,
  attempts: 5,
  timeoutSeconds: 30,
});

const tenantStep = ({ cluster, namespace, tenant, running }: About, condition: Tenant['condition'] | undefined): Step => {
  const { name = '', condition: from = 'Active' } = tenant ?? {};
  const cuts = condition === 'Drained';
  return {
    kind: 'lending-tenant',
    title: `set Tenant ${namespace}/${name} at ${cluster} to ${condition} (now ${from})`,
    side: { role: 'consumer', cluster },
    input: { cluster, namespace, name, from, to: condition ?? from },
    undo:
      cuts && running.pods > 0
        ? { kind: 'irreversible', why: `${running.pods} pods are deleted with their namespaces` }
        : { kind: 'undo', title: `set it to ${from} again` },
    destructive: cuts,
    attempts: 5,
    timeoutSeconds: 30,
  };
};

const standingNotes: Readonly<Record<Standing, string>> = {
  open: 'what it asks for is lent again',
  cordoned: 'no new slice, no larger one and no new pod of it is taken; what runs stays. Undone by hanse provider accept',
  draining:
    'its Hanse sees that it is asked to move away, and plans it as its policies say; no pod is ended by this. Nothing new is lent. Undone by hanse provider accept',
  ended: 'Liqo here takes back the rights of its control plane and deletes its slices, quotas and namespaces, with everything in them',
};

const notesOf = ({ consumer, namespace, tenant, running }: About, { standing }: Word, after: Grant): Plan['notes'] => {
  const { pods, cpuMillis, memoryBytes } = running;
  const uses = `${pods} pods of ${consumer} (CPU ${cpuMillis / 1000}, memory ${Math.round(memoryBytes / 2 ** 20)} Mi)`;
  return [
    standing === undefined
      ? { topic: 'meaning', text: 'the Hanse of the consumer reads it before it federates and before it borrows more; what is lent already stays lent' }
      : { topic: 'meaning', text: standingNotes[standing] },
    ...(standing === 'ended'
      ? [
          { topic: 'cuts', text: pods === 0 ? `nothing of ${consumer} runs here` : `${uses} are deleted` },
          {
            topic: 'undo',
            text: `hanse provider accept ${consumer} admits it again: its Liqo then makes its slices anew and starts its pods afresh. Its account stays, so that it can leave in order; deleting the namespace ${namespace.replace('liqo-tenant-', 'hanse-')} takes it away`,
          },
        ]
      : []),
    ...(standing !== undefined && tenant === null ? [{ topic: 'federation', text: `${consumer} is not federated: only its Hanse is told` }] : []),
    ...(after['accept'] === 'ask' ? [{ topic: 'waiting', text: 'what it asks for waits until you accept or refuse' }] : []),
  ];
};

// Verbs that do to the tables what the real ones do, after steps that do nothing: the page cannot tell them from the real ones, and they take no clusters and no time.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { JsonObject } from '../../broker/src/ids.ts';
import { HanseError } from '../../broker/src/errors.ts';
import type { Performer, Verb } from '../../broker/src/operations/io/index.ts';
import type { Plan, PlanOutcome, Step } from '../../broker/src/operations/plan.ts';
import type { Rows } from './rows.ts';

export type Gates = {
  /** Steps of this kind wait until what is answered is called. */
  hold(kind: string): () => void;
  passed(kind: string, signal: AbortSignal): Promise<void>;
  openAll(): void;
};

export const makeGates = (): Gates => {
  const held = new Map<string, { readonly opened: Promise<void>; open(): void }>();
  return {
    openAll: () => held.forEach(({ open }) => open()),
    hold(kind) {
      let end = (): void => {};
      const opened = new Promise<void>((resolve) => (end = resolve));
      const open = (): void => {
        held.delete(kind);
        end();
      };
      held.set(kind, { opened, open });
      return open;
    },
    async passed(kind, signal) {
      const gate = held.get(kind);
      if (gate) await Promise.race([gate.opened, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))]);
    },
  };
};

/** As the real steps of a move measure. */
const results: Readonly<Record<string, JsonObject>> = {
  arrive: { requests: { total: 412, lost: 0 } },
  detach: { readyMin: 6, belowMs: 0, interruptedMs: 0 },
};

const aStep = (kind: string, title: string, undo: string | null, more: Partial<Step> = {}): Step => ({
  kind,
  title,
  side: { role: 'consumer', cluster: 'harbour' },
  input: {},
  undo: undo === null ? { kind: 'nothing' } : { kind: 'undo', title: undo },
  destructive: false,
  attempts: 1,
  timeoutSeconds: 60,
  ...more,
});

const aPlan = (kind: string, subject: string, title: string, steps: readonly Step[], more: Partial<Plan> = {}): PlanOutcome => ({
  kind: 'plan',
  plan: { kind, subject, title, steps, pointOfNoReturn: null, madeFrom: {}, notes: [], ...more },
});

const names = z.array(z.string()).default([]);

export const pageVerbs = (rows: Rows, gates: Gates): readonly Verb[] => {
  const wait: Performer = {
    async perform({ step, signal, progress }) {
      progress(`${step.title.charAt(0).toLowerCase()}${step.title.slice(1)}`, 0.5);
      await pause(15);
      await gates.passed(step.kind, signal);
      if (step.input['fails'] === true)
        throw new HanseError('CLUSTER_REJECTED', 'ebro refuses the resource slice: its quota is used up.', {
          fix: 'Ask ebro for more, or choose another provider.',
        });
      return { kind: 'done', result: results[step.kind] ?? {} };
    },
    undo: async () => ({ kind: 'done' }),
  };
  const change = (act: (step: Step) => Promise<void>): Performer => ({
    async perform({ step, signal }) {
      await gates.passed(step.kind, signal);
      await act(step);
      return { kind: 'done' };
    },
    undo: async () => ({ kind: 'done' }),
  });
  const text = (step: Step, name: string): string => z.string().parse(step.input[name]);
  const waits = Object.fromEntries(
    ['account', 'authenticate', 'slice', 'apply', 'open', 'targets', 'arrive', 'detach', 'drain', 'end', 'soak'].map((kind) => [kind, wait]),
  );
  const verb = <Shape extends z.ZodObject>(
    name: string,
    request: Shape,
    plan: (request: z.output<Shape>) => Promise<PlanOutcome>,
    performers: Verb['performers'],
  ): Verb => ({ name, summary: name, request, plan, performers: { ...waits, ...performers } }) as Verb;

  const moveSteps = (application: string, from: string, to: string): Step[] => [
    aStep('open', `Open the namespace of ${application} to ${to} beside ${from}`, `Take it back from ${to}`),
    aStep('targets', `6 replicas of ${application} ready at ${to}`, 'Take the new replicas out, drain them, and delete them'),
    aStep('arrive', 'Every data plane has them', null),
    aStep('detach', `Take ${from} out of the endpoints`, 'Give them their labels back'),
    aStep('drain', 'Connections end', null),
    aStep('end', `Delete the replicas at ${from}`, null, {
      destructive: true,
      undo: { kind: 'irreversible', why: 'pods that were ended cannot be brought back' },
    }),
    aStep('soak', `Watch for 10 s that ${application} stays ready`, null),
    aStep('place', `Write down where ${application} runs`, null, { input: { application, cluster: to }, side: { role: 'broker' } }),
  ];
  const place = change((step) => rows.place(text(step, 'application'), text(step, 'cluster')));

  return [
    verb(
      'federate',
      z.strictObject({ providers: names, where: names }),
      async ({ providers }) =>
        aPlan(
          'federate',
          providers.join(', '),
          `Federate with ${providers.join(', ')}`,
          providers.flatMap((provider) => [
            aStep('account', `Look at the account that ${provider} granted`, null, { side: { role: 'provider', cluster: provider } }),
            aStep('authenticate', `Authenticate with ${provider}`, 'Take the identity back', { side: { role: 'provider', cluster: provider } }),
            aStep('slice', `Ask ${provider} for 4 CPU and 8 GiB`, 'Delete the resource slice', { input: { fails: provider === 'ebro' } }),
            aStep('peer', `Wait until the virtual node of ${provider} is ready`, 'Forget the peering', { input: { provider } }),
          ]),
          { notes: [{ topic: 'cost', text: 'Nothing for the peering itself; what runs there costs € 0.041 per CPU and hour at main.' }] },
        ),
      {
        peer: { ...change((step) => rows.peer(text(step, 'provider'))), undo: async ({ step }) => (await rows.part(text(step, 'provider')), { kind: 'done' }) },
      },
    ),
    verb(
      'deploy',
      z.looseObject({
        name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'has to be lower case letters, digits and "-"'),
        manifests: z.array(z.looseObject({ text: z.string() })),
        clusters: names,
      }),
      async ({ name, manifests, clusters }) => {
        if (!manifests.every(({ text: one }) => one.includes('kind:')))
          return {
            kind: 'refused',
            reasons: [{ message: 'The manifests hold no Kubernetes object.', fix: 'Give each a kind.', place: { file: 'pasted.yaml', line: 1 } }],
          };
        const at = clusters[0] ?? (await rows.joined())[0] ?? 'harbour';
        return aPlan('deploy', name, `Deploy ${name} at ${at}`, [
          aStep('apply', `Make the namespace ${name} and open it to ${at}`, 'Delete the namespace'),
          aStep('place', `Write down where ${name} runs`, 'Forget it', { input: { application: name, cluster: at } }),
        ]);
      },
      { place },
    ),
    verb(
      'migrate',
      z.looseObject({ application: z.string(), from: z.string(), to: z.string() }),
      async ({ application, from, to }) =>
        aPlan('migrate', application, `Move ${application} from ${from} to ${to}`, moveSteps(application, from, to), {
          pointOfNoReturn: 5,
          notes: [{ topic: 'prediction', text: 'No request on a fresh connection is lost: predicted interruption 0 s. Ready endpoints never fall below 6.' }],
        }),
      { place },
    ),
    verb(
      'evacuate',
      z.looseObject({ provider: z.string() }),
      async ({ provider }) => {
        const moving = await rows.at(provider);
        const to = (await rows.joined()).find((name) => name !== provider);
        if (moving.length === 0) return { kind: 'nothing', reason: `no application runs at ${provider}.` };
        if (to === undefined) return { kind: 'refused', reasons: [{ message: 'There is nowhere to go.', fix: 'Federate with another provider first.' }] };
        return aPlan(
          'evacuate',
          provider,
          `Evacuate ${provider}`,
          moving.flatMap((name) => moveSteps(name, provider, to)),
          { pointOfNoReturn: 5 },
        );
      },
      { place },
    ),
    verb(
      'lend',
      z.looseObject({ consumer: z.string(), cluster: z.string().optional(), answer: z.enum(['yes', 'ask', 'no']).optional(), maxPods: z.int().optional() }),
      async ({ consumer, answer }) =>
        aPlan('lend', consumer, `Say ${answer ?? 'nothing'} to ${consumer}`, [
          aStep('account', `Write the word into the grant of ${consumer}`, 'Write what it was'),
        ]),
      {},
    ),
    verb(
      'leave',
      z.looseObject({ provider: z.string(), evacuate: z.boolean().default(false) }),
      async ({ provider }) => {
        const used = await rows.at(provider);
        if (used.length > 0)
          return { kind: 'refused', reasons: [{ message: `${used.join(', ')} runs at ${provider}.`, fix: 'Evacuate it first, or leave with moving away.' }] };
        return aPlan('leave', provider, `Leave ${provider}`, [
          aStep('slice', 'Delete the resource slice', 'Make it again'),
          aStep('part', `Take the identity back, and prove that nothing is left at ${provider}`, null, { input: { provider }, destructive: true }),
        ]);
      },
      { part: change((step) => rows.part(text(step, 'provider'))) },
    ),
  ];
};

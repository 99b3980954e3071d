// cluster-scale: how many nodes a cluster has, through the manager that made them.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Outcome, Performer, StepContext, Verb } from '../../operations/io/performer.ts';
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../address.ts';
import type { Managed, ManagerRef } from '../entry.ts';
import { planScale, scaleSeen, scaleStillValid } from '../scalePlan.ts';
import type { ClusterRegistry } from './clusters.ts';
import { readManaged, scalePool } from './managers/managers.ts';
import type { Scope } from './managers/http.ts';
import { findRow } from './rows.ts';
import { latestSnapshots } from './snapshots.ts';

const request = z.strictObject({
  name: z.string().min(1).max(63),
  /** How many nodes the node pool shall have. */
  nodes: z.number().int().min(0).max(100_000).optional(),
  /** How many more, or fewer. */
  change: z.number().int().min(-1000).max(1000).optional(),
  nodePool: z.string().min(1).max(253).optional(),
});
export const scaleRequest = request.refine(({ nodes, change }) => (nodes === undefined) !== (change === undefined), 'needs either nodes or change');
export type ScaleRequest = z.infer<typeof scaleRequest>;

type Dependencies = { readonly store: Store; readonly clusters: ClusterRegistry; readonly allowedAddresses: Allowed };
type Kept = { readonly ref: ManagerRef; readonly credential: string };

const keptOf = async ({ store }: Dependencies, owner: string, name: string): Promise<Kept | null> => {
  const manager = (await findRow(store, owner, name))?.record.standing.manager ?? null;
  return manager === null ? null : { ref: manager, credential: await store.unseal(owner, manager.secret) };
};

const need = async (dependencies: Dependencies, owner: string, name: string): Promise<Kept> => {
  const kept = await keptOf(dependencies, owner, name);
  if (kept !== null) return kept;
  throw new HanseError('REFUSED', `Nobody who makes nodes of ${name} is known: it was not entered through Rancher or OpenNebula.`, {
    fix: 'Add the node where the cluster was made; or remove the cluster and add it again with --rancher or --opennebula.',
  });
};

/** null: no manager stands behind the cluster. Throws what the manager answers. */
export const observeManaged = async (dependencies: Dependencies, owner: string, name: string, scope: Scope = {}): Promise<Managed | null> => {
  const kept = await keptOf(dependencies, owner, name);
  return kept === null ? null : readManaged(kept.ref, kept.credential, dependencies.allowedAddresses, scope);
};

const inputShape = z.object({ name: z.string(), pool: z.string(), from: z.number(), to: z.number(), before: z.array(z.string()) });
const inputOf = ({ step }: StepContext): z.infer<typeof inputShape> => inputShape.parse(step.input);

const lookAgainSeconds = 4;

const set = async (dependencies: Dependencies, context: StepContext, nodes: number): Promise<Outcome> => {
  const { name, pool } = inputOf(context);
  const { ref, credential } = await need(dependencies, context.owner, name);
  if (await scalePool(ref, credential, { pool, nodes }, dependencies.allowedAddresses, context))
    return { kind: 'done', result: { at: new Date().toISOString() } };
  return { kind: 'wait', reason: `${name} is still being scaled`, seconds: lookAgainSeconds };
};

const poolStep = (dependencies: Dependencies): Performer => ({
  perform: (context) => set(dependencies, context, inputOf(context).to),
  undo: (context) => set(dependencies, context, inputOf(context).from),
});

const toldShape = z.object({ at: z.string() });
// Images are pulled, disks written; draining waits for what disruption budgets allow.
const patienceMs = 30 * 60 * 1000;

const seenStep = ({ store }: Dependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const asked = inputOf(context);
    const snapshot = (await latestSnapshots(store, context.owner)).find(({ snapshot: { cluster } }) => cluster === asked.name);
    const { done, seen } = scaleSeen(asked, snapshot?.snapshot.managed ?? null);
    if (done) return { kind: 'done', result: { seen, snapshot: snapshot?.seq ?? null } };
    const told = toldShape.safeParse(context.result(context.index - 1)).data;
    if (told !== undefined && Date.now() - Date.parse(told.at) > patienceMs)
      throw new HanseError('TIMED_OUT', `${asked.name}: after ${patienceMs / 60_000} minutes ${seen}.`, {
        fix: 'Look at the machines where they are made; then scale again.',
      });
    context.progress(seen);
    return { kind: 'wait', reason: seen, seconds: lookAgainSeconds };
  },
});

const madeFromShape = z.object({ pool: z.string(), wanted: z.number() });

export const scaleVerb = (dependencies: Dependencies): Verb<ScaleRequest> => ({
  name: 'cluster-scale',
  summary: 'Give a cluster more nodes or fewer, through Rancher or OneKS.',
  request: scaleRequest,
  async plan({ name, nodes, change, nodePool }, { owner }) {
    const { side, state } = await dependencies.clusters.find(owner, name);
    if (state !== 'ready')
      throw new HanseError('CONFLICT', `The cluster ${name} is ${state}.`, { fix: 'Wait until hanse cluster list shows it as ready, or add it again.' });
    const { ref, credential } = await need(dependencies, owner, name);
    const managed = await readManaged(ref, credential, dependencies.allowedAddresses);
    return planScale({ name, side, manager: ref, managed, wish: nodes === undefined ? { change: change ?? 0 } : { nodes }, pool: nodePool });
  },
  async stillValid(plan, { owner }) {
    const managed = await observeManaged(dependencies, owner, plan.subject);
    return managed === null ? { valid: false, reasons: [`${plan.subject} was removed`] } : scaleStillValid(madeFromShape.parse(plan.madeFrom), managed);
  },
  performers: { 'cluster-scale-pool': poolStep(dependencies), 'cluster-scale-seen': seenStep(dependencies) },
});

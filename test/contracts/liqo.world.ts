// Two clusters with Liqo as administrator sees them, federation over them, and the smallest runner that carries a plan out: enough to hold Liqo, or what claims to be Liqo, against what we rely on.
import { randomBytes } from 'node:crypto';
import type { Cluster } from '../../broker/src/clusters/cluster.ts';
import type { Clusters } from '../../broker/src/clusters/io/registry.ts';
import { type ConnectOptions, connectKube, type KubeConnection } from '../../broker/src/clusters/io/kubernetes/client.ts';
import type { Kube } from '../../broker/src/clusters/io/kubernetes/kube.ts';
import { HanseError } from '../../broker/src/errors.ts';
import type { Peering } from '../../broker/src/federation/index.ts';
import { federationVerbs, type FederationDeps, type FederationVerbs, type Peerings } from '../../broker/src/federation/io/index.ts';
import { clusterName, type Json, operationId, ownerId } from '../../broker/src/ids.ts';
import type { Made } from '../../broker/src/operations/journal.ts';
import type { Outcome, Performers, StepContext } from '../../broker/src/operations/io/performer.ts';
import type { Plan, PlanOutcome } from '../../broker/src/operations/plan.ts';

export type Site = {
  readonly name: string;
  readonly options: Omit<ConnectOptions, 'cluster'>;
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** With Liqo's networking module. */
  readonly networking?: boolean;
};

/** Two clusters that Liqo runs on, with administrators' credentials. */
export type LiqoSystem = { readonly home: Site; readonly provider: Site; close?(): Promise<void> };

export const owner = ownerId('default');
const by = { owner, actor: 'test' };

const memoryPeerings = (): Peerings => {
  const records = new Map<string, Peering>();
  return {
    list: () => Promise.resolve([...records.values()]),
    find: (_owner, provider) => Promise.resolve(records.get(provider) ?? null),
    put(_owner, peering) {
      records.set(peering.provider, peering);
      return Promise.resolve();
    },
    forget(_owner, { provider }) {
      records.delete(provider);
      return Promise.resolve();
    },
  };
};

const nothing = (): Promise<void> => Promise.resolve();

const liqoIdOf = async (kube: Kube): Promise<string> => {
  const [map] = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'liqo', labelSelector: 'app.kubernetes.io/name=clusterid-configmap' });
  const data = map?.['data'];
  const id = typeof data === 'object' && data !== null && 'CLUSTER_ID' in data ? data.CLUSTER_ID : undefined;
  if (typeof id !== 'string') throw new Error(`${kube.cluster} does not say its Liqo cluster id`);
  return id;
};

const clusterOf = async (site: Site, kube: Kube, side: Cluster['side']): Promise<Cluster> => ({
  name: clusterName(site.name),
  owner,
  side,
  server: site.options.server,
  uid: `uid-of-${site.name}`,
  liqoClusterId: await liqoIdOf(kube),
  liqoVersion: 'v1.2.0',
  accountNamespace: '',
  kubernetesVersion: '1.35',
  podCidrs: site.podCidrs,
  serviceCidrs: site.serviceCidrs,
  liqoNetworking: site.networking ?? false,
  platform: { distribution: 'unknown', manager: 'unknown', platform: 'unknown', evidence: [] },
  state: 'ready',
});

export type World = {
  readonly home: KubeConnection;
  readonly provider: KubeConnection;
  readonly homeCluster: Cluster;
  readonly providerCluster: Cluster;
  readonly peerings: Peerings;
  readonly verbs: FederationVerbs;
  /** Other verbs over the same clusters. */
  withDeps(change: Partial<FederationDeps>): FederationVerbs;
  close(): Promise<void>;
};

export const openWorld = async (system: LiqoSystem): Promise<World> => {
  const home = connectKube({ cluster: system.home.name, ...system.home.options });
  const provider = connectKube({ cluster: system.provider.name, ...system.provider.options });
  const homeCluster = await clusterOf(system.home, home, 'consumer');
  const providerCluster = await clusterOf(system.provider, provider, 'provider');
  const all = [homeCluster, providerCluster];
  const clusters: Clusters = {
    list: () => Promise.resolve(all),
    find(_owner, name) {
      const found = all.find((cluster) => cluster.name === name);
      return found === undefined ? Promise.reject(new HanseError('NOT_FOUND', `There is no cluster ${name}`)) : Promise.resolve(found);
    },
    home: () => Promise.resolve(homeCluster),
    kube: (_owner, name) => Promise.resolve(name === homeCluster.name ? home : provider),
  };
  const peerings = memoryPeerings();
  const deps: FederationDeps = {
    clusters,
    peerings,
    reservations: { hold: nothing, apply: nothing, cancel: nothing, free: nothing },
    usersOf: () => Promise.resolve([]),
  };
  return {
    home,
    provider,
    homeCluster,
    providerCluster,
    peerings,
    verbs: federationVerbs(deps),
    withDeps: (change) => federationVerbs({ ...deps, ...change }),
    async close() {
      await Promise.all([home.close(), provider.close()]);
      await system.close?.();
    },
  };
};

export const planOf = (outcome: PlanOutcome): Plan => {
  if (outcome.kind === 'plan') return outcome.plan;
  throw new Error(outcome.kind === 'nothing' ? `nothing to do: ${outcome.reason}` : `refused: ${outcome.reasons.map(({ message }) => message).join(' ')}`);
};

export type Running = {
  readonly operation: string;
  readonly results: Map<number, Json>;
  readonly made: Made[];
  /** Milliseconds of each step. */
  readonly timesMs: { readonly kind: string; readonly ms: number }[];
};

export const newRunning = (): Running => ({ operation: `test-${randomBytes(6).toString('hex')}`, results: new Map(), made: [], timesMs: [] });

const contextOf = (plan: Plan, index: number, running: Running): StepContext => {
  const step = plan.steps[index];
  if (step === undefined) throw new Error(`no step ${index}`);
  return {
    operation: operationId(running.operation),
    owner,
    plan,
    step,
    index,
    attempt: 1,
    signal: new AbortController().signal,
    guard: () => {},
    result: (of) => running.results.get(of),
    made: () => running.made,
    answer: undefined,
    progress: () => {},
  };
};

const note = (running: Running, index: number, outcome: Outcome): Outcome => {
  if (outcome.kind !== 'done') return outcome;
  running.made.push(...(outcome.made ?? []));
  running.results.set(index, outcome.result ?? null);
  return outcome;
};

/** Step by step from the first; `until` (exclusive) ends it there, as a crash would. */
export const carryOut = async (plan: Plan, performers: Performers, running: Running = newRunning(), until = plan.steps.length): Promise<Running> => {
  for (let index = 0; index < until; index += 1) {
    const context = contextOf(plan, index, running);
    const began = performance.now();
    const outcome = note(
      running,
      index,
      await (performers[context.step.kind]?.perform(context) ?? Promise.reject(new Error(`no performer ${context.step.kind}`))),
    );
    running.timesMs.push({ kind: context.step.kind, ms: Math.round(performance.now() - began) });
    if (outcome.kind !== 'done') throw new Error(`${context.step.title}: ${outcome.kind === 'wait' ? outcome.reason : outcome.question.text}`);
  }
  return running;
};

/** Cut off after each step in turn, up to the step of kind `last` (exclusive; by default every one), and begun again from the first: what was done stays, what is missing is made. */
export const carryOutCutOff = async (plan: Plan, performers: Performers, last?: string): Promise<Running> => {
  const steps = last === undefined ? plan.steps.length : plan.steps.findIndex(({ kind }) => kind === last);
  if (steps < 0) throw new Error(`no step ${last}`);
  const running = newRunning();
  for (let until = 1; until <= steps; until += 1) await carryOut(plan, performers, running, until);
  return running;
};

/** Its end takes away what its steps need, so that what follows is carried out once. */
export const leaveCutOff = async (world: World): Promise<void> => {
  const plan = planOf(await planLeave(world));
  const { performers } = world.verbs.leave;
  await carryOut(plan, performers, await carryOutCutOff(plan, performers, 'federation.endNamespaces'));
};

/** From the step `from` (inclusive) back to the first. */
export const undoFrom = async (plan: Plan, performers: Performers, running: Running, from: number): Promise<void> => {
  for (let index = from; index >= 0; index -= 1) {
    const context = contextOf(plan, index, running);
    await performers[context.step.kind]?.undo?.(context);
  }
};

const unlisted = new Set(['Event', 'Lease', 'EndpointSlice', 'Endpoints', 'ComponentStatus']);

/** Every object of a cluster, by kind, name and uid: as administrator, without what Kubernetes writes about others. */
export const everything = async (kube: Kube): Promise<ReadonlySet<string>> => {
  const resources = (await kube.resources()).filter(
    ({ kind, verbs, apiVersion }) => verbs.includes('list') && !unlisted.has(kind) && !apiVersion.startsWith('metrics.k8s.io'),
  );
  const lists = await Promise.all(resources.map(({ apiVersion, kind }) => kube.list({ apiVersion, kind })));
  return new Set(lists.flat().map(({ apiVersion, kind, metadata: { namespace = '', name, uid = '' } }) => `${apiVersion} ${kind} ${namespace}/${name} ${uid}`));
};

export const difference = (
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): { readonly added: readonly string[]; readonly removed: readonly string[] } => ({
  added: [...after].filter((one) => !before.has(one)),
  removed: [...before].filter((one) => !after.has(one)),
});

export const federate = async (world: World, verbs: FederationVerbs = world.verbs): Promise<Running> => {
  const request = verbs.federate.request.parse({ providers: [world.providerCluster.name] });
  return carryOut(planOf(await verbs.federate.plan(request, by)), verbs.federate.performers);
};

export const leave = async (world: World, verbs: FederationVerbs = world.verbs): Promise<Running> => {
  const request = verbs.leave.request.parse({ provider: world.providerCluster.name });
  return carryOut(planOf(await verbs.leave.plan(request, by)), verbs.leave.performers);
};

export const planFederate = (world: World, verbs: FederationVerbs = world.verbs): Promise<PlanOutcome> =>
  verbs.federate.plan(verbs.federate.request.parse({ providers: [world.providerCluster.name] }), by);
export const planLeave = (world: World, more: { force?: boolean } = {}, verbs: FederationVerbs = world.verbs): Promise<PlanOutcome> =>
  verbs.leave.plan(verbs.leave.request.parse({ provider: world.providerCluster.name, ...more }), by);

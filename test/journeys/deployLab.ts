// A broker for one journey: the real engine, store and verbs, on whatever clusters there are: the laboratory's or the simulator's.
import { connectKube, type ConnectOptions, type Kube } from '../../broker/src/clusters/io/index.ts';
import type { Cluster } from '../../broker/src/clusters/index.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations } from '../../broker/src/operations/io/index.ts';
import type { PlanOutcome } from '../../broker/src/operations/index.ts';
import { place } from '../../broker/src/placement/index.ts';
import { createApplications, workloadVerbs } from '../../broker/src/workloads/io/index.ts';
import { labKubeconfig, labOptions } from '../contracts/kubernetes.lab.ts';
import { testStore } from '../database.ts';
import { aCluster, aFact, aSnapshot, resources } from '../fixtures/worlds.ts';
import { by, knownCluster, peer } from './peered.ts';

/** The home cluster first, then its providers. */
export const labNames = (process.env['HANSE_LAB_NAMES'] ?? 'home,pa,pb').split(',');

export type DeployLab = Awaited<ReturnType<typeof openDeployLab>>;

export const hasLab = (): boolean => labNames.every((name) => labKubeconfig(name) !== null);

export type DeploySystem = {
  /** The home cluster first. */
  readonly names: readonly string[];
  options(name: string): Omit<ConnectOptions, 'cluster'>;
};

export const labSystem: DeploySystem = { names: labNames, options: (name) => labOptions(labKubeconfig(name) ?? '') };

export async function openDeployLab(system: DeploySystem) {
  const [homeName = 'home', ...providerNames] = system.names;
  const kubes = new Map(system.names.map((name) => [name, connectKube({ cluster: name, ...system.options(name) })]));
  const kube = (name: string): Kube => {
    const found = kubes.get(name);
    if (!found) throw new HanseError('NOT_FOUND', `There is no cluster ${name}.`);
    return found;
  };
  const clusterOf = (name: string): Cluster => knownCluster(name, system.names.indexOf(name));
  const test = await testStore();
  const clusters = {
    list: () => Promise.resolve(system.names.map(clusterOf)),
    find: (_owner: string, name: string) => Promise.resolve(clusterOf(name)),
    home: () => Promise.resolve(clusterOf(homeName)),
    kube: (_owner: string, name: string) => Promise.resolve(kube(name)),
  };
  const peered = await peer({ store: test.store, clusters, providers: providerNames });
  const world = {
    store: test.store,
    clusters,
    peerings: peered.list,
    // The rules themselves, over what the laboratory is known to be; how a snapshot is taken is another journey's.
    issueReceipt: () => Promise.resolve(),
    decide: (_owner: string, request: Parameters<typeof place>[0]) =>
      Promise.resolve(
        place(
          request,
          aSnapshot(...providerNames.map((name, index) => aCluster(name, { free: resources(4), facts: [aFact('country', index === 0 ? 'DE' : 'IT')] }))),
        ),
      ),
    allowedAddresses: [],
  };
  const verbs = workloadVerbs(world);
  const operations = createOperations(test.store);
  const engine = createEngine({
    store: test.store,
    verbs: [verbs.deploy, verbs.delete],
    brokerId: brokerId('journey'),
    leaseSeconds: 30,
    backoffSeconds: () => 0.5,
  });
  engine.start();
  const applications = createApplications(world);

  const plan = {
    deploy: (request: object): Promise<PlanOutcome> => verbs.deploy.plan(verbs.deploy.request.parse(request), by),
    delete: (request: object): Promise<PlanOutcome> => verbs.delete.plan(verbs.delete.request.parse(request), by),
  };
  const row = (id: string) => test.store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
  /** Approves the plan and answers how it ended. */
  const carryOut = async (outcome: PlanOutcome): Promise<{ id: string; state: string; outcome: unknown }> => {
    if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
    const id = await operations.create({ ...by, plan: outcome.plan });
    await operations.approve(by, id);
    engine.wake();
    const ends = ['done', 'rolledBack', 'failed', 'asking'];
    for (;;) {
      const now = await row(id);
      if (ends.includes(now.state)) return { id, state: now.state, outcome: now.outcome ?? now.question };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return {
    homeName,
    providerNames,
    kube,
    plan,
    carryOut,
    applications,
    store: test.store,
    async close() {
      await engine.stop();
      await peered.leave();
      await Promise.all([...kubes.values()].map((one) => one.close()));
      await test.close();
    },
  };
}

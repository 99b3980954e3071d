// A broker for one journey: the real engine, store and verbs, on whatever clusters there are: the laboratory's or the simulator's.
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations } from '../../broker/src/operations/io/index.ts';
import type { PlanOutcome } from '../../broker/src/operations/index.ts';
import { createApplications, workloadVerbs } from '../../broker/src/workloads/io/index.ts';
import { type LabSystem, openLabWorld } from './labWorld.ts';
import { by } from './peered.ts';

export type DeployLab = Awaited<ReturnType<typeof openDeployLab>>;

export async function openDeployLab(system: LabSystem) {
  const { world, store, close, ...lab } = await openLabWorld(system);
  const verbs = workloadVerbs(world);
  const operations = createOperations(store);
  const engine = createEngine({
    store: store,
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
  const row = (id: string) => store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
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
    ...lab,
    plan,
    carryOut,
    applications,
    store,
    async close() {
      await engine.stop();
      await close();
    },
  };
}

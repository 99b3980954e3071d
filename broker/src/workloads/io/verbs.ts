// The verbs of applications, and what is asked about them.
import type { Verb } from '../../operations/io/index.ts';
import type { Plan, Validity } from '../../operations/index.ts';
import type { Application } from '../application.ts';
import { versionOf } from '../deployment/makePlan.ts';
import { explainApplication } from '../explain.ts';
import { type ApplicationStatus, statusOf } from '../status.ts';
import { deletePerformers } from './performDelete.ts';
import { deployPerformers } from './performDeploy.ts';
import { planDelete } from './planDelete.ts';
import { planDeploy } from './planDeploy.ts';
import { observe } from './readStatus.ts';
import { deleteRequest, type DeleteRequest, deployRequest, type DeployRequest } from './request.ts';
import { type ApplicationRows, createRows } from './rows.ts';
import type { Workplace, World } from './world.ts';

export type WorkloadVerbs = { readonly deploy: Verb<DeployRequest>; readonly delete: Verb<DeleteRequest> };

export function workloadVerbs(world: World): WorkloadVerbs {
  const work: Workplace = { ...world, rows: createRows(world.store) };
  return {
    deploy: {
      name: 'deploy',
      summary: 'Run an application, described by ordinary Kubernetes manifests, over the clusters that meet its criteria.',
      request: deployRequest,
      plan: (request, { owner }) => planDeploy(work, request, owner),
      performers: deployPerformers(work),
      stillValid: (plan, { owner }) => stillDeployable(work, plan, owner),
    },
    delete: {
      name: 'delete',
      summary: 'Take an application away from every cluster and prove that nothing of it is left.',
      request: deleteRequest,
      plan: (request, { owner }) => planDelete(work, request, owner),
      performers: deletePerformers(work),
      stillValid: (plan, { owner }) => unchanged(work.rows, plan, owner),
    },
  };
}

export type Applications = ApplicationRows & {
  /** Pods and endpoints by cluster, and where the world differs from what was decided. NOT_FOUND; CLUSTER_… */
  status(owner: string, name: string): Promise<ApplicationStatus>;
  /** Sentences: where it may run, what was asked, and every cluster's reasons. */
  explain(owner: string, name: string): Promise<string[]>;
};

export function createApplications({ store, clusters, peerings }: Pick<World, 'store' | 'clusters' | 'peerings'>): Applications {
  const rows = createRows(store);
  return {
    ...rows,
    async status(owner, name) {
      const application = await rows.find(owner, name);
      const kube = await clusters.kube(owner, application.home);
      return statusOf(application, await observe(kube, application, await peerings(owner, application.home)));
    },
    explain: async (owner, name) => explainApplication(await rows.find(owner, name)),
  };
}

/** The application is as it was when the plan was made, or as this very plan left it. */
async function unchanged(rows: ApplicationRows, { subject, madeFrom }: Plan, owner: string): Promise<Validity> {
  const now = await rows.lookUp(owner, subject);
  const version = now === null ? null : versionOf(now);
  if (version === madeFrom['application'] || (version !== null && version === madeFrom['made'])) return { valid: true };
  return { valid: false, reasons: [describeChange(now, madeFrom['application'] === null, subject)] };
}

const describeChange = (now: Application | null, wasAbsent: boolean, subject: string): string =>
  now === null ? `${subject} was deleted meanwhile.` : wasAbsent ? `${subject} was deployed meanwhile.` : `${subject} was changed meanwhile.`;

async function stillDeployable(work: Workplace, plan: Plan, owner: string): Promise<Validity> {
  const validity = await unchanged(work.rows, plan, owner);
  const { remote, home } = plan.madeFrom;
  if (!validity.valid || !Array.isArray(remote) || typeof home !== 'string') return validity;
  const ready = (await work.peerings(owner, home)).filter(({ state }) => state === 'ready').map(({ providerClusterId }) => providerClusterId);
  const lost = remote.filter((id) => typeof id === 'string' && !ready.includes(id));
  return lost.length === 0 ? validity : { valid: false, reasons: [`${home} is no longer federated with ${lost.join(', ')}.`] };
}

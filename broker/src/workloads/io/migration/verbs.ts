// Migrate and evacuate: what is asked, read, decided and planned; the steps are in performers.ts.
import { z } from 'zod';
import type { Cluster } from '../../../clusters/index.ts';
import { HanseError } from '../../../errors.ts';
import type { OwnerId } from '../../../ids.ts';
import type { Verb } from '../../../operations/io/index.ts';
import type { PlanOutcome, Refusal, Validity } from '../../../operations/index.ts';
import type { Peering } from '../../../federation/index.ts';
import { explain, nearestWord, type Placement, type Resources, together } from '../../../placement/index.ts';
import type { Application } from '../../application.ts';
import type { Sites } from '../../deployment/affinity.ts';
import { rewrite } from '../../deployment/rewrite.ts';
import { makeEvacuatePlan } from '../../evacuation/makePlan.ts';
import { takenBy } from '../../evacuation/taken.ts';
import { claimRefusals } from '../../migration/claims.ts';
import { drainLimits, usableMeasurement } from '../../migration/drain.ts';
import type { Facts } from '../../migration/facts.ts';
import { makeMigratePlan, type PlannedMove } from '../../migration/makePlan.ts';
import { type Move, requestOf } from '../../migration/move.ts';
import { moveRefusals } from '../../migration/refusals.ts';
import { movesStillValid, plannedFrom } from '../../migration/stillValid.ts';
import { probePrefix } from '../../probes/probeObjects.ts';
import { clustersOfNodes, readNodes } from '../pods.ts';
import { name } from '../request.ts';
import { createRows } from '../rows.ts';
import type { Workplace, World } from '../world.ts';
import { readMeasurements } from '../probes/measure.ts';
import { type MigrationSettings, movePerformers } from './performers.ts';
import { podAtSource, readClaimFacts, readFacts } from './read.ts';

const seconds = (otherwise: number, most: number) => z.int().min(0).max(most).default(otherwise);
const options = {
  connectionAgeSeconds: seconds(10, 90).describe('Greatest age at which clients close the connections that they keep.'),
  readySeconds: seconds(300, 3600).describe('How long the new replicas may take to become ready.'),
  soakSeconds: seconds(10, 86_400).describe('How long the application is watched at its new place before the old one is given up.'),
};
const migrateRequest = z.strictObject({
  application: name.describe('Name of the application.'),
  from: name.describe('The cluster that it leaves.'),
  to: name.default('best').describe('The cluster that it goes to; "best": the one that its criteria prefer.'),
  ...options,
});
const evacuateRequest = z.strictObject({
  provider: name.describe('The provider that every application leaves.'),
  home: name.optional().describe('The home cluster, where there are several.'),
  paceSeconds: seconds(10, 86_400).describe('Time to look between two applications.'),
  ...options,
});
export type MigrateRequest = z.infer<typeof migrateRequest>;
export type EvacuateRequest = z.infer<typeof evacuateRequest>;
type Options = { readonly connectionAgeSeconds: number; readonly readySeconds: number; readonly soakSeconds: number };

export type MigrationVerbs = { readonly migrate: Verb<MigrateRequest>; readonly evacuate: Verb<EvacuateRequest> };

export function migrationVerbs(world: World, settings: MigrationSettings): MigrationVerbs {
  const work: Workplace = { ...world, rows: createRows(world.store) };
  const performers = movePerformers(work, settings);
  return {
    migrate: {
      name: 'migrate',
      summary: 'Moves an application from one of its clusters to another, or to the best one, without losing a request.',
      request: migrateRequest,
      plan: async (request, { owner }) => planMigration(work, request, owner),
      performers,
      stillValid: (plan, { owner }) => areMovesValid(work, owner, plannedFrom(plan)),
    },
    evacuate: {
      name: 'evacuate',
      summary: 'Moves every application away from a provider, one after the other.',
      request: evacuateRequest,
      plan: async (request, { owner }) => planEvacuation(work, request, owner),
      performers,
      stillValid: (plan, { owner }) => areMovesValid(work, owner, plannedFrom(plan)),
    },
  };
}

async function planMigration(work: Workplace, request: MigrateRequest, owner: OwnerId): Promise<PlanOutcome> {
  const application = await work.rows.find(owner, request.application);
  if (!application.clusters.includes(request.from)) {
    return request.to !== 'best' && application.clusters.includes(request.to)
      ? { kind: 'nothing', reason: `${application.name} is not at ${request.from}; it runs at ${application.clusters.join(', ')}.` }
      : refused({
          message: `${application.name} is not at ${request.from}; it runs at ${application.clusters.join(', ')}.`,
          fix: `Name one of these with --from: ${application.clusters.join(', ')}.`,
        });
  }
  const unknown = request.to === 'best' ? null : noSuchCluster(request.to, await work.clusters.list(owner));
  if (unknown !== null) return refused(unknown);
  const planned = await planMove(work, application, { ...request, owner });
  return planned.kind === 'refused' ? planned : { kind: 'plan', plan: makeMigratePlan(planned) };
}

function noSuchCluster(name: string, clusters: readonly Cluster[]): Refusal | null {
  const names = clusters.map((cluster) => cluster.name).toSorted();
  if (names.some((known) => known === name)) return null;
  const nearest = nearestWord(name, names);
  return {
    message: `There is no cluster ${name}.`,
    fix: `${nearest === null ? '' : `Did you mean ${nearest}? `}hanse cluster list shows them; --to best chooses one.`,
  };
}

async function planEvacuation(work: Workplace, request: EvacuateRequest, owner: OwnerId): Promise<PlanOutcome> {
  const { name: home } = await work.clusters.home(owner, request.home);
  const used = await usersOf(work, owner, { home, provider: request.provider });
  const lost = claimRefusals(used.claims, [request.provider]);
  const outcomes: MoveOutcome[] = [];
  let planned: ReadonlyMap<string, Resources> = new Map();
  // one after the other, as they will be carried out: two that would not fit together are not sent to the same place
  for (const application of used.applications) {
    const outcome = await planMove(work, application, { ...request, owner, from: request.provider, to: 'best', planned });
    if (outcome.kind === 'move') planned = together(planned, takenBy(outcome.move));
    outcomes.push(outcome);
  }
  const refusals = [
    ...lost,
    ...outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? outcome.reasons : [])),
    ...used.pods.map((pod) => ({
      message: `${pod} at ${request.provider} belongs to no application of Hanse, so Hanse cannot move it.`,
      fix: 'Delete it or move it yourself.',
    })),
  ];
  const unique = [...new Map(refusals.map((refusal) => [refusal.message, refusal])).values()];
  if (unique.length > 0) return refused(...unique);
  const moves = outcomes.flatMap((outcome) => (outcome.kind === 'move' ? [outcome] : []));
  if (moves.length === 0) return { kind: 'nothing', reason: `No application runs at ${request.provider}.` };
  return { kind: 'plan', plan: makeEvacuatePlan({ provider: request.provider, moves, paceSeconds: request.paceSeconds }) };
}

const refused = (...reasons: Refusal[]): { kind: 'refused'; reasons: Refusal[] } => ({ kind: 'refused', reasons });

type Asked = Options & {
  readonly owner: string;
  readonly from: string;
  readonly to: string;
  /** By cluster, what the moves before this one in the same plan take and give back. */
  readonly planned?: ReadonlyMap<string, Resources>;
};
type MoveOutcome = ({ readonly kind: 'move' } & PlannedMove) | { readonly kind: 'refused'; readonly reasons: readonly Refusal[] };

async function planMove(work: Workplace, application: Application, asked: Asked): Promise<MoveOutcome> {
  const { owner, from, to } = asked;
  if (application.state !== 'running')
    return refused({ message: `${application.name} is ${application.state}.`, fix: 'Wait for the operation that changes it: hanse operations.' });
  if (to === from) return refused({ message: `${application.name} is at ${from} already.`, fix: 'Name another cluster, or "best".' });
  const peerings = await work.peerings(owner, application.home);
  const facts = await factsOf(work, owner, application, peerings);
  const placed = await chooseTargets(work, application, asked);
  const refusals = [
    ...moveRefusals(facts, from),
    ...(placed.kind === 'refused' ? placed.reasons : []),
    ...notReady(application, placed.kind === 'placed' ? placed.clusters : [], peerings),
  ];
  if (refusals.length > 0 || placed.kind === 'refused') return { kind: 'refused', reasons: refusals };
  return { kind: 'move', facts, move: await moveOf(work, application, { asked, facts, peerings, placed }) };
}

type Placed = { readonly kind: 'placed'; readonly clusters: readonly string[]; readonly placement: Placement };

/** The policy of the application decides about the target too, also about one that was named. */
async function chooseTargets(
  work: Workplace,
  application: Application,
  { owner, from, to, planned }: Asked,
): Promise<Placed | { kind: 'refused'; reasons: Refusal[] }> {
  const { name: subject, clusters } = application;
  const others = clusters.filter((cluster) => cluster !== from);
  const placement = await work.decide(owner, requestOf(application, from, to === 'best' ? null : to), planned);
  const chosen = placement.chosen?.map(({ cluster }) => cluster) ?? [];
  const fits = to === 'best' || placement.candidates.some(({ cluster, total }) => cluster === to && total !== null);
  if (chosen.length === 0 || !fits) {
    return refused({
      message: `${subject} cannot go to ${to === 'best' ? 'any other cluster' : to}. ${whyNot(placement, to)}`,
      fix: 'Change the criteria, or name another cluster.',
    });
  }
  const after = to === 'best' ? chosen : [...new Set([...others, to])];
  return { kind: 'placed', clusters: [...after].sort(), placement };
}

const sentencesMax = 6;

/** Of a cluster that was named, what is the matter with it; else of the nearest ones. */
function whyNot(placement: Placement, to: string): string {
  const sentences = explain(placement);
  if (to !== 'best') return sentences.find((sentence) => sentence.startsWith(`${to}: `)) ?? sentences[0] ?? '';
  const left = sentences.length - sentencesMax;
  return [...sentences.slice(0, sentencesMax), ...(left > 0 ? [`And ${left} more.`] : [])].join(' ');
}

function notReady({ home }: Application, clusters: readonly string[], peerings: readonly Peering[]): Refusal[] {
  return clusters
    .filter((cluster) => cluster !== home && peerings.find(({ provider }) => provider === cluster)?.state !== 'ready')
    .map((cluster) => ({ message: `${cluster} is not federated with ${home}, or not ready yet.`, fix: `hanse federate ${cluster}` }));
}

async function factsOf(work: Workplace, owner: string, application: Application, peerings: readonly Peering[]): Promise<Facts> {
  const kube = await work.clusters.kube(owner, application.home);
  return readFacts(kube, application, clustersOfNodes(await readNodes(kube), application.home, peerings));
}

type Decided = { readonly asked: Asked; readonly facts: Facts; readonly peerings: readonly Peering[]; readonly placed: Placed };

async function moveOf(work: Workplace, before: Application, { asked, facts, peerings, placed }: Decided): Promise<Move> {
  const { home } = before;
  const ids = new Map(peerings.map(({ provider, providerClusterId }) => [provider, providerClusterId]));
  const sitesOf = (clusters: readonly string[]): Sites => ({
    home: clusters.includes(home),
    remote: clusters.flatMap((cluster) => (cluster === home ? [] : (ids.get(cluster) ?? cluster))).toSorted(),
  });
  const after = sitesOf(placed.clusters);
  const all = [...new Set([...before.clusters, ...placed.clusters])];
  const senders = [...new Set([home, ...all])].sort();
  const measurements = await readMeasurements(work, asked.owner, home);
  return {
    before,
    after: {
      ...before,
      ...pinnedTo(before, placed.clusters),
      clusters: placed.clusters,
      placement: placed.placement,
      manifests: rewrite(before.accepted, { application: before.name, sites: after }),
    },
    from: asked.from,
    named: asked.to === 'best' ? null : asked.to,
    to: placed.clusters.filter((cluster) => !before.clusters.includes(cluster)),
    sites: { before: sitesOf(before.clusters), both: sitesOf(all), after },
    deployments: facts.deployments.map(({ name: deployment, uid, replicas }) => ({ name: deployment, uid, replicas })),
    senders,
    measurement: usableMeasurement(measurements, { home, senders, now: new Date().toISOString() }),
    drain: work.drain ?? drainLimits,
    connectionAgeSeconds: asked.connectionAgeSeconds,
    readySeconds: asked.readySeconds,
    soakSeconds: asked.soakSeconds,
  };
}

/** Clusters that were named when it was deployed move with it. */
const pinnedTo = ({ asked, request }: Application, clusters: readonly string[]): Partial<Application> =>
  asked?.clusters === undefined ? {} : { asked: { ...asked, clusters }, request: { ...request, among: clusters } };

async function areMovesValid(work: Workplace, owner: string, moves: ReturnType<typeof plannedFrom>): Promise<Validity> {
  const fresh = await Promise.all(
    moves.map(async (planned) => {
      const peerings = await work.peerings(owner, planned.home);
      const application = await work.rows.lookUp(owner, planned.application);
      const ready = peerings.filter(({ state }) => state === 'ready').map(({ providerClusterId }) => providerClusterId);
      return { planned, ready, facts: application ? await factsOf(work, owner, application, peerings) : null };
    }),
  );
  return movesStillValid(fresh);
}

export type Users = {
  readonly applications: readonly Application[];
  /** `namespace/name` of pods that no application of Hanse has. */
  readonly pods: readonly string[];
  readonly claims: Awaited<ReturnType<typeof readClaimFacts>>;
};

/** What uses a provider: applications placed there, other pods on its virtual node, and every claim bound there. For leave, which must not begin while any of it is there. */
export async function usersOf(world: World, owner: string, { home, provider }: { readonly home: string; readonly provider: string }): Promise<Users> {
  const rows = createRows(world.store);
  const kube = await world.clusters.kube(owner, home);
  const nodes = clustersOfNodes(await readNodes(kube), home, await world.peerings(owner, home));
  const there = [...nodes].filter(([, cluster]) => cluster === provider).map(([node]) => node);
  const all = await rows.list(owner);
  const [claims, pods] = await Promise.all([
    readClaimFacts(kube, nodes),
    Promise.all(there.map((node) => kube.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: `spec.nodeName=${node}` }))),
  ]);
  const known = new Set(all.filter((application) => application.home === home).map(({ namespace }) => namespace));
  const applications = all.filter((application) => application.home === home && application.clusters.includes(provider));
  return {
    applications,
    pods: pods
      .flat()
      .filter((pod) => pod.metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(podAtSource(pod, nodes).phase))
      // a DaemonSet's pods are bound to every node, also to virtual ones, where Liqo does not start them
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') !== true)
      .filter(({ metadata: { namespace = '' } }) => !known.has(namespace) && !namespace.startsWith(probePrefix))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    // a claim whose place nobody knows may be there if its namespace is open to the provider
    claims: claims.filter(
      ({ cluster, isBound, namespace }) =>
        cluster === provider || (cluster === null && isBound && applications.some((application) => application.namespace === namespace)),
    ),
  };
}

/** The evacuation of a provider as a plan, for whoever puts it before something else (leave). */
export const planEvacuationOf = (world: World, owner: OwnerId, request: z.input<typeof evacuateRequest>): Promise<PlanOutcome> =>
  planEvacuation({ ...world, rows: createRows(world.store) }, parsed(request), owner);

function parsed(request: unknown): EvacuateRequest {
  const result = evacuateRequest.safeParse(request);
  if (!result.success) throw new HanseError('INVALID_REQUEST', result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return result.data;
}

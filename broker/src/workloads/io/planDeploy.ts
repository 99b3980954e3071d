// Reads what a deployment has to know, decides purely, and changes nothing but the sealed rows of its Secrets.
import type { Cluster } from '../../clusters/index.ts';
import type { Kube } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Peering } from '../../federation/index.ts';
import type { PlanOutcome, Refusal } from '../../operations/index.ts';
import { explain, parseCriteria, parsePolicy, parsePreference, type Placement, type PlacementRequest } from '../../placement/index.ts';
import type { Application, Asked } from '../application.ts';
import { remoteClusterKey, type Sites } from '../deployment/affinity.ts';
import { withoutVersion } from '../deployment/allowList.ts';
import { makeDeployPlan } from '../deployment/makePlan.ts';
import { type Needs, needsOf } from '../deployment/needs.ts';
import { deployNotes, type Source } from '../deployment/notes.ts';
import { groupKind } from '../deployment/podTemplate.ts';
import { prepare, type SecretData } from '../deployment/prepare.ts';
import type { ManifestFile } from '../deployment/readManifests.ts';
import { rewrite } from '../deployment/rewrite.ts';
import { unsuitable } from '../deployment/suitable.ts';
import type { KubeManifest } from '../manifest.ts';
import { isSame } from '../json.ts';
import { sha256 } from '../pure-crypto.ts';
import { changesOf } from './changes.ts';
import { fetchManifests } from './fetchManifests.ts';
import { isOurs, notOurs } from './objects.ts';
import { readNodes } from './pods.ts';
import type { DeployRequest } from './request.ts';
import { seal } from './secrets.ts';
import type { Workplace } from './world.ts';

const refused = (...reasons: Refusal[]): PlanOutcome => ({ kind: 'refused', reasons });

type Accepted = { readonly manifests: readonly KubeManifest[]; readonly secrets: readonly SecretData[]; readonly sources: readonly Source[] };
type Home = { readonly cluster: Cluster; readonly kube: Kube; readonly id: string; readonly peerings: readonly Peering[] };
type Policy = ReturnType<typeof readPolicy>;

export async function planDeploy(work: Workplace, request: DeployRequest, owner: string): Promise<PlanOutcome> {
  const policy = readPolicy(request);
  const home = await readHome(work, owner, request.home);
  const before = await work.rows.lookUp(owner, request.name);
  const standing = before && standingInTheWay(before, home.cluster.name, request);
  if (standing) return refused(standing);
  const accepted = await accept(work, request, { home, policy });
  await checkNamespace(home.kube, request.name);
  const needs = needsOf(accepted.manifests);
  if (needs.replicas === 0)
    return refused({
      message: `Nothing in the manifests of ${request.name} makes a pod, so there is nothing to place.`,
      fix: 'Add a Deployment, StatefulSet, Job or CronJob.',
    });
  const decision = await choose(work, request, { owner, home, before, needs, policy, accepted });
  if (decision.kind === 'refused') return decision;
  return outcomeOf(work, {
    request,
    owner,
    home,
    before,
    accepted,
    policyName: policy.name,
    react: request.policy ? policy.react : before?.react,
    ...decision,
  });
}

function readPolicy({ policy, where, prefer }: DeployRequest) {
  const read = policy && parsePolicy(policy.text, policy.file);
  return {
    criteria: [...(read?.criteria ?? []), ...parseCriteria(where, read?.criteria)],
    preferences: [...(read?.preferences ?? []), ...prefer.map(parsePreference)],
    kinds: read?.allowKinds ?? [],
    exclude: read?.exclude ?? [],
    providersMin: read?.providersMin ?? 1,
    name: read?.name,
    react: read?.react,
  };
}

async function readHome(work: Workplace, owner: string, name: string | undefined): Promise<Home> {
  const cluster = await work.clusters.home(owner, name);
  if (cluster.liqoClusterId === null)
    throw new HanseError('REFUSED', `Liqo is not installed at ${cluster.name}, so nothing can be deployed from there.`, {
      fix: 'Install Liqo 1.2 there and add the cluster again.',
    });
  const [kube, peerings] = await Promise.all([work.clusters.kube(owner, cluster.name), work.peerings(owner, cluster.name)]);
  return { cluster, kube, id: cluster.liqoClusterId, peerings };
}

function standingInTheWay(before: Application, home: string, { clusters }: DeployRequest): Refusal | undefined {
  if (before.home !== home)
    return { message: `${before.name} is deployed from ${before.home}; an application has one home.`, fix: 'Call this one differently, or delete the other.' };
  if (before.state !== 'running')
    return { message: `${before.name} is ${before.state}: another operation has it.`, fix: 'Wait for it to end, or answer what it asks: hanse operations.' };
  const dropped = clusters === undefined ? [] : before.clusters.filter((cluster) => !clusters.includes(cluster));
  if (dropped.length > 0)
    return {
      message: `${before.name} runs at ${dropped.join(', ')}, and a deployment takes it away from nowhere.`,
      fix: `Move it first, without losing requests: hanse migrate ${before.name} --from ${dropped[0] ?? ''}.`,
    };
  return undefined;
}

async function accept(work: Workplace, request: DeployRequest, { home, policy }: { home: Home; policy: Policy }): Promise<Accepted> {
  const files: readonly ManifestFile[] = request.manifests ?? [await fetchManifests(request.url ?? '', work.allowedAddresses)];
  const prepared = prepare(files, { application: request.name, homeClusterId: home.id, kinds: policy.kinds });
  if (prepared.kind === 'faulty') {
    const [first] = prepared.faults;
    const more = prepared.faults.length > 1 ? ` (and ${prepared.faults.length - 1} more)` : '';
    throw new HanseError(
      'MANIFEST_REJECTED',
      `${first?.place?.file === undefined ? '' : `${first.place.file}:${first.place.line ?? 1}: `}${first?.message ?? ''}${more}`,
      {
        faults: prepared.faults,
        ...(first?.place === undefined ? {} : { place: first.place }),
        ...(first?.fix === undefined ? {} : { fix: first.fix }),
      },
    );
  }
  await checkNamespaced(home.kube, prepared.accepted, policy.kinds);
  return { manifests: prepared.accepted, secrets: prepared.secrets, sources: files.map(({ file, text }) => ({ file, sha256: sha256(text) })) };
}

/** A policy may name any namespaced kind; whether one is, only the server knows. */
async function checkNamespaced(kube: Kube, manifests: readonly KubeManifest[], kinds: readonly string[]): Promise<void> {
  if (kinds.length === 0) return;
  const named = new Set(kinds.map(withoutVersion));
  const resources = await kube.resources();
  for (const manifest of manifests.filter((one) => named.has(groupKind(one)))) {
    const found = resources.find((resource) => groupKind(resource) === groupKind(manifest));
    if (!found) throw new HanseError('MANIFEST_REJECTED', `${kube.cluster} knows no ${manifest.apiVersion} ${manifest.kind}.`);
    if (!found.namespaced)
      throw new HanseError('MANIFEST_REJECTED', `${manifest.kind} ${manifest.metadata.name} belongs to the whole cluster; no policy can allow it.`);
  }
}

async function checkNamespace(kube: Kube, name: string): Promise<void> {
  const found = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name });
  if (found && !isOurs(found, name)) throw notOurs(kube.cluster, found);
}

type Deciding = {
  readonly owner: string;
  readonly home: Home;
  readonly before: Application | null;
  readonly needs: Needs;
  readonly policy: Policy;
  readonly accepted: Accepted;
};
type Decided = { readonly kind: 'decided'; readonly placement: Placement; readonly asked: PlacementRequest };

async function choose(work: Workplace, request: DeployRequest, deciding: Deciding): Promise<Decided | Extract<PlanOutcome, { kind: 'refused' }>> {
  const { owner, before, needs } = deciding;
  const asked = await requestOf(request, deciding);
  if (asked.kind === 'refused') return asked;
  const added = before === null ? asked.placed : grown(asked.placed, { before, needs, isNamed: request.clusters !== undefined });
  if (before !== null && added === null) {
    const kept = { ...before.request, replicas: needs.replicas, each: needs.each };
    return { kind: 'decided', placement: shrunk(before.placement, needs.replicas), asked: saysWhere(request) ? asked.placed : kept };
  }
  const placement = await work.decide(owner, added ?? asked.placed);
  if (placement.chosen === null) {
    const reasons = [...asked.unfit, ...explain(placement)].map((message) => ({ message }));
    return {
      kind: 'refused',
      reasons: [
        { message: `${request.name} can run nowhere: nothing was changed.`, fix: 'Ask less, or federate with another provider: hanse offers --explain.' },
        ...reasons,
      ],
    };
  }
  return { kind: 'decided', placement: before ? joined(before.placement, placement) : placement, asked: asked.placed };
}

/** What the decision is asked: among clusters that are federated and that the pods' own requirements leave. */
async function requestOf(
  request: DeployRequest,
  { home, needs, policy, accepted, before }: Deciding,
): Promise<{ kind: 'asked'; placed: PlacementRequest; unfit: string[] } | Extract<PlanOutcome, { kind: 'refused' }>> {
  const nodes = await readNodes(home.kube);
  const ready = home.peerings.filter(({ state }) => state === 'ready');
  const wanted = request.clusters?.toSorted() ?? (before && !saysWhere(request) ? before.clusters : ready.map(({ provider }) => provider));
  const unfederated = wanted.filter((cluster) => cluster !== home.cluster.name && !ready.some(({ provider }) => provider === cluster));
  if (unfederated.length > 0)
    return {
      kind: 'refused',
      reasons: unfederated.map((cluster) => ({
        message: `${cluster} is not federated with ${home.cluster.name}.`,
        fix: `Federate first: hanse federate ${cluster}.`,
      })),
    };
  if (wanted.length === 0)
    return {
      kind: 'refused',
      reasons: [
        {
          message: `No provider is federated with ${home.cluster.name}.`,
          fix: 'Federate first: hanse federate --where …, or name the home cluster: --clusters.',
        },
      ],
    };
  const against = unsuitable(
    accepted.manifests,
    wanted.map((cluster) => ({
      cluster,
      nodes: nodes.filter(({ labels }) => labels[remoteClusterKey] === ready.find(({ provider }) => provider === cluster)?.providerClusterId),
    })),
  );
  const unfit = against.map(({ cluster, why }) => `${cluster}: ${why}.`);
  const among = wanted.filter((cluster) => !against.some((one) => one.cluster === cluster));
  if (among.length === 0 || (request.clusters !== undefined && unfit.length > 0))
    return {
      kind: 'refused',
      reasons: [
        {
          message: `The pods of ${request.name} ask for nodes that ${among.length === 0 ? 'no cluster' : 'not every named cluster'} has; nothing was changed.`,
        },
        ...unfit.map((message) => ({ message })),
      ],
    };
  const providersMin = request.spread ?? (request.clusters === undefined ? policy.providersMin : Math.min(request.clusters.length, needs.replicas));
  const placed = {
    subject: request.name,
    replicas: needs.replicas,
    each: needs.each,
    criteria: policy.criteria,
    preferences: policy.preferences,
    providersMin,
    among,
    exclude: policy.exclude,
  };
  return { kind: 'asked', placed, unfit };
}

type Growing = { readonly before: Application; readonly needs: Needs; /** The clusters were named: it shall be at each of them. */ readonly isNamed: boolean };

/** Only what is added to a running application is placed anew; null: it needs no more than it has, where it is. */
function grown(asked: PlacementRequest, { before, needs, isNamed }: Growing): PlacementRequest | null {
  const fresh = isNamed ? (asked.among ?? []).filter((cluster) => !before.clusters.includes(cluster)) : [];
  const isSameSize = isSame(needs.each, before.request.each);
  const more = isSameSize ? Math.max(0, needs.replicas - before.request.replicas) : needs.replicas;
  if (more === 0 && fresh.length === 0) return null;
  return more === 0 ? { ...asked, replicas: fresh.length, among: fresh, providersMin: fresh.length } : { ...asked, replicas: more };
}

const saysWhere = ({ where, prefer, policy, clusters, spread }: DeployRequest): boolean =>
  where.length > 0 || prefer.length > 0 || policy !== undefined || clusters !== undefined || spread !== undefined;

/** Fewer replicas than were placed: those are taken from where most are, so that what is counted as used is what is used. */
function shrunk(placement: Placement, replicas: number): Placement {
  const counts = (placement.chosen ?? []).map((one) => ({ ...one }));
  for (let surplus = counts.reduce((sum, one) => sum + one.replicas, 0) - replicas; surplus > 0; surplus -= 1) {
    const most = counts.reduce((largest, one) => (one.replicas > largest.replicas ? one : largest));
    most.replicas -= 1;
  }
  return { ...placement, chosen: counts };
}

/** Clusters are only ever added; the newest decision's reasons are kept. */
function joined(before: Placement, added: Placement): Placement {
  const counts = new Map((before.chosen ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  for (const { cluster, replicas } of added.chosen ?? []) counts.set(cluster, (counts.get(cluster) ?? 0) + replicas);
  return { ...added, chosen: [...counts].map(([cluster, replicas]) => ({ cluster, replicas })).sort((one, other) => (one.cluster < other.cluster ? -1 : 1)) };
}

type Outcome = {
  readonly request: DeployRequest;
  readonly owner: string;
  readonly home: Home;
  readonly before: Application | null;
  readonly accepted: Accepted;
  readonly policyName: string | undefined;
  readonly react: Application['react'] | undefined;
  readonly placement: Placement;
  readonly asked: PlacementRequest;
};

async function outcomeOf(work: Workplace, { request, owner, home, before, accepted, policyName, react, placement, asked }: Outcome): Promise<PlanOutcome> {
  const clusters = [...new Set([...(before?.clusters ?? []), ...(placement.chosen ?? []).map(({ cluster }) => cluster)])].sort();
  const sites = sitesOf(clusters, home);
  const application: Application = {
    name: request.name,
    namespace: request.name,
    home: home.cluster.name,
    accepted: accepted.manifests,
    manifests: rewrite(accepted.manifests, { application: request.name, sites }),
    secrets: await seal(work.store, owner, accepted.secrets, { before: before?.secrets ?? [], keepsData: request.keepSecretData }),
    clusters,
    request: asked,
    asked: before?.asked !== undefined && !saysWhere(request) ? before.asked : wordsOf(request, policyName),
    placement,
    ...(react !== undefined && { react }),
    state: 'running',
  };
  const changes = before === null ? [] : await changesOf(work, { owner, kube: home.kube, application, before });
  if (before !== null && changes.length === 0 && isSettled(before, application))
    return { kind: 'nothing', reason: `${request.name} is deployed exactly like this at ${clusters.join(', ')}.` };
  const notes = deployNotes(application, accepted.sources);
  const sitesBefore = before === null ? null : sitesOf(before.clusters, home);
  return { kind: 'plan', plan: makeDeployPlan({ application, before, sites, sitesBefore, changes, notes, rolloutSeconds: request.rolloutSeconds }) };
}

const wordsOf = ({ where, prefer, clusters, spread }: DeployRequest, policy: string | undefined): Asked => ({
  where,
  prefer,
  ...(policy !== undefined && { policy }),
  ...(clusters !== undefined && { clusters: clusters.toSorted() }),
  ...(spread !== undefined && { spread }),
});

/** The same in everything that counts: in other words for the same, or with less to choose among, nothing is to be done. */
function isSettled({ asked: _was, ...before }: Application, { asked, ...now }: Application): boolean {
  const among = now.request.among ?? [];
  const isLess = asked?.clusters === undefined && among.every((cluster) => before.request.among?.includes(cluster) !== false);
  return isSame(before, isLess ? { ...now, request: { ...now.request, among: before.request.among ?? among } } : now);
}

const sitesOf = (clusters: readonly string[], { cluster, peerings }: Home): Sites => ({
  remote: clusters.flatMap((name) => peerings.find(({ provider }) => provider === name)?.providerClusterId ?? []).sort(),
  home: clusters.includes(cluster.name),
});

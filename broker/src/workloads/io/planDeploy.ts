// Reads what a deployment has to know, decides purely, and changes nothing but the sealed rows of its Secrets.
import type { Kube } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { PlanOutcome, Refusal } from '../../operations/index.ts';
import type { Placement, PlacementRequest } from '../../placement/index.ts';
import type { Application, Asked } from '../application.ts';
import { withoutVersion } from '../deployment/allowList.ts';
import { makeDeployPlan } from '../deployment/makePlan.ts';
import { needsOf } from '../deployment/needs.ts';
import { deployNotes, type Source } from '../deployment/notes.ts';
import { groupKind } from '../deployment/podTemplate.ts';
import { prepare, type SecretData } from '../deployment/prepare.ts';
import type { ManifestFile } from '../deployment/readManifests.ts';
import { rewrite } from '../deployment/rewrite.ts';
import type { KubeManifest } from '../manifest.ts';
import { isSame } from '../json.ts';
import { sha256 } from '../pure-crypto.ts';
import { changesOf } from './changes.ts';
import { choose, type Policy, readPolicy, saysWhere } from './chooseWhere.ts';
import { fetchManifests } from './fetchManifests.ts';
import { type Home, readHome, sitesOf } from './home.ts';
import { isOurs, notOurs } from './objects.ts';
import type { DeployRequest } from './request.ts';
import { seal } from './secrets.ts';
import type { Workplace } from './world.ts';

const refused = (...reasons: Refusal[]): PlanOutcome => ({ kind: 'refused', reasons });

type Accepted = { readonly manifests: readonly KubeManifest[]; readonly secrets: readonly SecretData[]; readonly sources: readonly Source[] };

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

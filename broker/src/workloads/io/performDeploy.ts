// Every effect that a deployment can have on the world.
import { z } from 'zod';
import type { Kube, Ref } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Made } from '../../operations/index.ts';
import type { Outcome, Performers, StepContext } from '../../operations/io/index.ts';
import type { Plan } from '../../operations/index.ts';
import type { Application } from '../application.ts';
import type { Sites } from '../deployment/affinity.ts';
import { prunedFrom, titleOf } from '../deployment/makePlan.ts';
import { applicationLabel } from '../deployment/rewrite.ts';
import { readApplication } from '../deployment/stepInput.ts';
import { astray } from '../status.ts';
import { refuseWhileClaimed } from './claims.ts';
import { applyOurs, deleteOurs, isOurs, madeOf, notOurs, objectOf, operationLabel, refOf } from './objects.ts';
import { offloadingOf, offloadingRef, openNamespace, untilOpen } from './offloading.ts';
import { clustersOfNodes, type NodeClusters, readNodes, readPods } from './pods.ts';
import { strayedSecrets } from './readStatus.ts';
import { untilRolledOut } from './rollout.ts';
import { completeObjects, forget } from './secrets.ts';
import { kubeOf, type Workplace } from './world.ts';

const done: Outcome = { kind: 'done' };

type Planned = { readonly application: Application; readonly before: Application | null };

const firstInput = z.looseObject({ application: z.unknown(), before: z.unknown() });

/** The application as the plan wants it, and as it was. Both stand in the first step alone. */
function planned({ steps }: Plan): Planned {
  const { application, before } = firstInput.parse(steps[0]?.input);
  return { application: readApplication(application), before: before === null ? null : readApplication(before) };
}

const offloadInput = z.object({
  namespace: z.string(),
  remote: z.array(z.string()),
  home: z.boolean(),
  before: z.object({ remote: z.array(z.string()), home: z.boolean() }).nullable(),
});
const rolloutInput = z.object({ rolloutSeconds: z.number() });

export function deployPerformers(work: Workplace): Performers {
  return {
    'deploy-begin': {
      async perform(context) {
        const { application, before } = planned(context.plan);
        await work.rows.begin({ owner: context.owner, application, operation: context.operation, state: 'deploying', isFirst: before === null });
        return done;
      },
      undo: (context) => undoBegin(work, context),
    },
    'deploy-namespace': { perform: (context) => makeNamespace(work, context), undo: (context) => removeNamespace(work, context) },
    'deploy-check': {
      async perform(context) {
        const { kube, application, own } = await site(work, context);
        for (const object of await completeObjects(work.store, context.owner, application)) await applyOurs(kube, object, { ...own, dryRun: true });
        return done;
      },
    },
    'deploy-offload': { perform: (context) => offload(work, context), undo: (context) => undoOffload(work, context) },
    'deploy-apply': { perform: (context) => applyAll(work, context), undo: (context) => undoApply(work, context) },
    'deploy-rollout': {
      async perform(context) {
        const { kube, application } = await site(work, context);
        const { rolloutSeconds } = rolloutInput.parse(context.step.input);
        await untilRolledOut(kube, { application, nodes: await nodesOf(work, context, kube), timeoutSeconds: rolloutSeconds, progress: context.progress });
        return done;
      },
    },
    'deploy-prune': { perform: (context) => prune(work, context), undo: (context) => undoPrune(work, context) },
    'deploy-verify': { perform: (context) => verify(work, context) },
    'deploy-end': {
      async perform(context) {
        const { application, before } = planned(context.plan);
        const { owner, operation } = context;
        await work.rows.write({ owner, application: { ...application, state: 'running' }, operation });
        await work.issueReceipt({ owner, operation, application: application.name, request: application.request, placement: application.placement });
        await forget(work.store, context.owner, before?.secrets ?? [], application.secrets);
        return done;
      },
    },
  };
}

type Site = Planned & { readonly kube: Kube; readonly own: { readonly application: string; readonly operation: string } };

async function site(work: Workplace, context: StepContext): Promise<Site> {
  const both = planned(context.plan);
  return { ...both, kube: await kubeOf(work, context, both.application.home), own: { application: both.application.name, operation: context.operation } };
}

async function nodesOf(work: Workplace, { owner, plan }: StepContext, kube: Kube): Promise<NodeClusters> {
  const { home } = planned(plan).application;
  return clustersOfNodes(await readNodes(kube), home, await work.peerings(owner, home));
}

async function undoBegin(work: Workplace, { owner, plan, operation }: StepContext): Promise<Outcome> {
  const { application, before } = planned(plan);
  const row = await work.rows.lookUp(owner, application.name);
  if (row && before) await work.rows.write({ owner, application: before, operation }).catch(unlessHeldByAnother);
  if (row && !before) await work.rows.remove({ owner, application, operation });
  await forget(work.store, owner, application.secrets, before?.secrets ?? []);
  return done;
}

/** Then this operation never had it, and there is nothing to give back. */
function unlessHeldByAnother(error: unknown): void {
  if (!(error instanceof HanseError) || error.code !== 'CONFLICT') throw error;
}

const namespaceRef = (name: string): Ref => ({ apiVersion: 'v1', kind: 'Namespace', name });

async function makeNamespace(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application, own } = await site(work, context);
  const found = await kube.get(namespaceRef(application.namespace));
  if (found && !isOurs(found, application.name)) throw notOurs(kube.cluster, found);
  if (found?.metadata.deletionTimestamp !== undefined)
    throw new HanseError('OBJECT_CONFLICT', `Namespace ${application.namespace} at ${kube.cluster} is still being deleted.`);
  const labels = { [applicationLabel]: application.name, 'pod-security.kubernetes.io/enforce': 'baseline' };
  const { object } = await applyOurs(kube, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: application.namespace, labels } }, own);
  return { kind: 'done', made: object.metadata.labels?.[operationLabel] === context.operation ? [madeOf(kube.cluster, object)] : [] };
}

async function removeNamespace(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application, own } = await site(work, context);
  await deleteOurs(kube, namespaceRef(application.namespace), { ...own, timeoutSeconds: 50 });
  return done;
}

async function offload(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, own } = await site(work, context);
  const { namespace, remote, home } = offloadInput.parse(context.step.input);
  context.progress(`waiting until ${remote.join(', ')} made room for ${namespace}`);
  const opened = await openNamespace(kube, namespace, { remote, home }, own);
  return { kind: 'done', made: opened?.object.metadata.labels?.[operationLabel] === context.operation ? [madeOf(kube.cluster, opened.object)] : [] };
}

async function undoOffload(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, own } = await site(work, context);
  const { namespace, before } = offloadInput.parse(context.step.input);
  const found = await kube.get(offloadingRef(namespace));
  if (!found || !isOurs(found, own.application)) return done;
  if (before === null || before.remote.length === 0) {
    await refuseWhileClaimed(kube, namespace);
    await deleteOurs(kube, offloadingRef(namespace), { ...own, timeoutSeconds: 170 });
    return done;
  }
  await closeTo(kube, namespace, before, own);
  return done;
}

/** Back to the clusters of before; the new ones lose the namespace, so no claim may be there. */
async function closeTo(kube: Kube, namespace: string, before: Sites, own: Site['own']): Promise<void> {
  await refuseWhileClaimed(kube, namespace);
  const { object } = await applyOurs(kube, offloadingOf(namespace, before), own);
  await untilOpen(kube, namespace, before.remote, { generation: object.metadata.generation ?? 0, isAll: true });
}

async function applyAll(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application, own } = await site(work, context);
  const objects = await completeObjects(work.store, context.owner, application);
  const made: Made[] = [];
  for (const [index, object] of objects.entries()) {
    context.progress(`${object.kind} ${object.metadata.name}`, index / objects.length);
    const applied = await applyOurs(kube, object, own);
    if (applied.object.metadata.labels?.[operationLabel] === context.operation) made.push(madeOf(kube.cluster, applied.object));
  }
  return { kind: 'done', made };
}

async function undoApply(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application, before, own } = await site(work, context);
  if (before) for (const object of await completeObjects(work.store, context.owner, before)) await applyOurs(kube, object, own);
  const kept = new Set(before?.manifests.map(titleOf));
  for (const manifest of application.manifests.toReversed()) {
    if (!kept.has(titleOf(manifest))) await deleteOurs(kube, refOf(objectOf(manifest)), { ...own, timeoutSeconds: 120 });
  }
  if (!before) await removeNewClaims(kube, application);
  return done;
}

/** A StatefulSet of a first deployment that failed made claims of its own; nothing that anyone was ever told to be stored is in them. */
async function removeNewClaims(kube: Kube, { name, namespace }: Application): Promise<void> {
  const claims = await kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, labelSelector: `${applicationLabel}=${name}` });
  for (const claim of claims) await deleteOurs(kube, refOf(claim), { application: name, timeoutSeconds: 60 });
}

async function prune(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application, before, own } = await site(work, context);
  for (const manifest of prunedFrom(application, before))
    await deleteOurs(kube, refOf(objectOf(manifest)), { application: own.application, timeoutSeconds: 120 });
  return done;
}

async function undoPrune(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application, before, own } = await site(work, context);
  if (!before) return done;
  const pruned = prunedFrom(application, before);
  for (const object of await completeObjects(work.store, context.owner, { manifests: pruned, secrets: before.secrets })) await applyOurs(kube, object, own);
  return done;
}

async function verify(work: Workplace, context: StepContext): Promise<Outcome> {
  const { kube, application } = await site(work, context);
  const { name, namespace, clusters, home } = application;
  const lost = astray(await readPods(kube, namespace, await nodesOf(work, context, kube)), clusters);
  if (lost.length > 0)
    throw new HanseError('CONFLICT', `${name} has pods where none may be: ${lost.map((pod) => `${pod.name} at ${pod.cluster ?? 'no cluster'}`).join(', ')}.`);
  const strayed = clusters.some((cluster) => cluster !== home) ? await strayedSecrets(kube, application) : [];
  for (const secret of strayed) context.progress(`Secret ${secret} was made by someone else and goes to the providers although no pod refers to it`);
  return { kind: 'done', result: { strayedSecrets: strayed } };
}

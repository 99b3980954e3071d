// Bringing up the targets beside the sources, and taking them away again when the move is undone.
import { HanseError } from '../../../errors.ts';
import type { Json } from '../../../ids.ts';
import type { Outcome } from '../../../operations/io/index.ts';
import { groupKind } from '../../deployment/podTemplate.ts';
import { drainSeconds } from '../../migration/drain.ts';
import { readPods } from '../pods.ts';
import { waitingText } from '../rollout.ts';
import { bindBack, bindToTargets, getDeployment, giveBack, holdStill, orphanPods, readSets, savedIn, type SetFacts, setRef, targetSet } from './deployments.ts';
import { endPods, podsOfHash, takeOut } from './leaving.ts';
import { counted, measurementOf, nodesOf, type Site } from './place.ts';
import { pause } from './pause.ts';
import { podAtSource } from './read.ts';

export async function bringUp(site: Site): Promise<Record<string, Json>> {
  return counted(site, async () => {
    const sets = await Promise.all(site.move.deployments.map(async (deployment) => bringUpOne(site, deployment)));
    return { sets };
  });
}

async function bringUpOne(site: Site, deployment: { name: string; uid: string; replicas: number }): Promise<Record<string, string>> {
  const { kube, namespace, move, operation, context } = site;
  const manifest = move.after.manifests.find((item) => groupKind(item) === 'apps/Deployment' && item.metadata.name === deployment.name);
  if (!manifest)
    throw new HanseError('REFUSED', `Deployment ${namespace}/${deployment.name} is not among the manifests of ${move.before.name}.`, {
      fix: 'Delete it, or deploy the application with it.',
    });
  const saved = await bindToTargets(kube, await getDeployment(kube, namespace, deployment), manifest, operation);
  const set = await targetSet(kube, await getDeployment(kube, namespace, deployment), saved);
  context.progress(`${deployment.name}: ${deployment.replicas} replicas are starting at ${move.after.clusters.join(', ')}`);
  await untilTargetsReady(site, set, deployment);
  return { deployment: deployment.name, source: saved.set.hash, target: set.hash };
}

const isReadyIn = (object: { [field: string]: unknown }): number => {
  const { status } = object;
  return typeof status === 'object' && status !== null && 'readyReplicas' in status && typeof status.readyReplicas === 'number' ? status.readyReplicas : 0;
};

/** TIMED_OUT tells of every pod what it waits for. */
async function untilTargetsReady(site: Site, set: SetFacts, { name, replicas }: { name: string; replicas: number }): Promise<void> {
  const { kube, namespace, move, context } = site;
  if (replicas === 0) return;
  let told = -1;
  const isReady = (object: { [field: string]: unknown } | null): boolean => {
    const ready = object === null ? 0 : isReadyIn(object);
    if (ready !== told) context.progress(`${name}: ${ready} of ${replicas} replicas are ready at ${move.after.clusters.join(', ')}`, ready / replicas);
    told = ready;
    return ready >= replicas;
  };
  try {
    await kube.until(setRef(namespace, set.name), isReady, {
      what: `ReplicaSet ${set.name} to have ${replicas} ready replicas`,
      timeoutSeconds: move.readySeconds,
    });
  } catch (error) {
    if (!(error instanceof HanseError) || error.code !== 'TIMED_OUT') throw error;
    const pods = await readPods(kube, namespace, await nodesOf(site));
    throw new HanseError(
      'TIMED_OUT',
      `The replicas of ${name} at ${move.after.clusters.join(', ')} were not ready within ${move.readySeconds} s. ${waitingText(pods)}`,
      { cause: error, fix: 'Mend what the pods wait for, or choose another cluster.' },
    );
  }
}

/** The pods of the targets, alive. */
export async function targetPods({ kube, namespace, move, operation }: Site) {
  const pods = await Promise.all(
    move.deployments.map(async (deployment) => {
      const live = await getDeployment(kube, namespace, deployment);
      const saved = savedIn(live, operation);
      if (!saved) return [];
      const sets = (await readSets(kube, namespace, deployment.uid)).filter(({ hash, replicas }) => hash !== saved.set.hash && replicas > 0);
      return (await Promise.all(sets.map(({ hash }) => podsOfHash(kube, namespace, hash)))).flat();
    }),
  );
  return pods.flat();
}

/**
 * Undone the same way as it would have been done: the Deployments hold still, the targets are let go of, taken out, drained and ended; then everything is as it was.
 * The sources serve throughout.
 */
export async function takeDown(site: Site): Promise<Outcome> {
  const { kube, namespace, move, operation, signal, context } = site;
  const moving = [];
  for (const deployment of move.deployments) {
    const live = await getDeployment(kube, namespace, deployment);
    const saved = savedIn(live, operation);
    if (saved) moving.push({ deployment, saved });
  }
  const targets = [];
  for (const { deployment, saved } of moving) {
    await holdStill(kube, await getDeployment(kube, namespace, deployment));
    for (const set of await readSets(kube, namespace, deployment.uid)) {
      if (set.hash === saved.set.hash || set.replicas === 0) continue;
      targets.push(...(await podsOfHash(kube, namespace, set.hash)));
      await orphanPods(kube, namespace, set);
    }
  }
  const nodes = await nodesOf(site);
  const serving = targets.filter((pod) => podAtSource(pod, nodes).isReady).length;
  const fresh = (
    await Promise.all(
      [...new Set(targets.map(({ metadata }) => metadata.labels?.['pod-template-hash'] ?? ''))].map((hash) => podsOfHash(kube, namespace, hash)),
    )
  ).flat();
  const place = { namespace, operation, signal };
  await takeOut(kube, fresh, place);
  if (serving > 0) {
    const seconds = drainSeconds(measurementOf(context), move.connectionAgeSeconds, move.drain);
    context.progress(`The new replicas go on answering for ${seconds} s`);
    await pause(seconds * 1000, signal);
  }
  await endPods(kube, place, 90);
  for (const { deployment, saved } of moving)
    await giveBack(kube, await getDeployment(kube, namespace, deployment), saved, { toSource: true, timeoutSeconds: 90 });
  return { kind: 'done', result: { ended: fresh.length, served: serving } };
}

/** The sources get their ReplicaSet back, which adopts them. */
export async function takeBack({ kube, namespace, move, operation }: Site): Promise<Outcome> {
  for (const deployment of move.deployments) {
    const live = await getDeployment(kube, namespace, deployment);
    const saved = savedIn(live, operation);
    if (!saved || deployment.replicas === 0) continue;
    await bindBack(kube, live, saved);
    await kube.until(setRef(namespace, saved.set.name), (object) => object !== null && isReadyIn(object) >= deployment.replicas, {
      what: `ReplicaSet ${saved.set.name} to have its replicas back`,
      timeoutSeconds: 60,
    });
  }
  return { kind: 'done' };
}

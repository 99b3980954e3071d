// Every effect that a move can have on the world, step by step (migration/moveSteps.ts says why in this order).
import { afterLook, isLost, isSteady, steadyFrom, tracelessSilenceMs } from '../../migration/steady.ts';
import { requestOf, whileMoving } from '../../migration/move.ts';
import { HanseError } from '../../../errors.ts';
import type { Json } from '../../../ids.ts';
import type { Outcome, Performers, StepContext } from '../../../operations/io/index.ts';
import { arrivalLimitsUnder, arrivalSeconds, drainSeconds, settleSeconds } from '../../migration/drain.ts';
import { areProbesGone, measureEndpoints, removeProbes, type ProbeSettings } from '../probes/measure.ts';
import { openNamespace } from '../offloading.ts';
import type { Workplace } from '../world.ts';
import { getDeployment, giveBack, orphanPods, savedIn, untilSettled } from './deployments.ts';
import { areEndpoints, endPods, podsOfHash, putBack, takeOut, untilEndpoints } from './leaving.ts';
import { readReady } from './endpoints.ts';
import { closeNamespace } from './offloading.ts';
import { doesSourceAnswer, doTargetsAnswer } from './answers.ts';
import { pause } from './pause.ts';
import { counted, measurementOf, nodesOf, resultOf, seenSchema, type Site, siteOf } from './place.ts';
import { readServices } from './read.ts';
import { bringUp, takeBack, takeDown, targetPods } from './targets.ts';

export type MigrationSettings = ProbeSettings;

const done = (result?: Json): Outcome => (result === undefined ? { kind: 'done' } : { kind: 'done', result });

export function movePerformers(work: Workplace, settings: MigrationSettings): Performers {
  const at =
    (action: (site: Site) => Promise<Outcome>) =>
    async (context: StepContext): Promise<Outcome> =>
      action(await siteOf(work, context));
  return {
    'move-begin': {
      perform: at(async ({ context, move }) => {
        await work.rows.begin({ owner: context.owner, application: whileMoving(move), operation: context.operation, state: 'migrating' });
        return done({ at: new Date().toISOString() });
      }),
      undo: at(async ({ context, move }) => {
        await work.rows
          .write({ owner: context.owner, application: { ...move.before, state: 'running' }, operation: context.operation })
          .catch((error: unknown) => {
            if (!(error instanceof HanseError) || error.code !== 'CONFLICT') throw error;
          });
        return done();
      }),
    },
    'move-open': {
      perform: at(async ({ kube, namespace, move, operation }) => {
        const awaited = move.sites.both.remote.filter((id) => !move.sites.before.remote.includes(id));
        await openNamespace(kube, namespace, move.sites.both, { application: move.before.name, operation, awaited });
        return done();
      }),
      undo: at(async (site) => done({ closed: await close(site, site.move.sites.before) })),
    },
    'move-measure': {
      perform: at((site) => measureEndpoints(site, settings)),
      undo: at(async (site) => {
        await removeProbes(site);
        return done();
      }),
    },
    'move-targets': { perform: at(async (site) => done(await bringUp(site))), undo: at(takeDown) },
    'move-arrive': { perform: at(async (site) => done(await counted(site, () => arrive(site)))) },
    'move-release': { perform: at(async (site) => done(await counted(site, () => release(site)))), undo: at(takeBack) },
    'move-detach': { perform: at(async (site) => done(await counted(site, () => detach(site)))), undo: at(reattach) },
    'move-drain': { perform: at(async (site) => done(await counted(site, () => drain(site)))) },
    'move-end': { perform: at(async (site) => done(await counted(site, () => end(site)))) },
    'move-settle': { perform: at(async (site) => done(await counted(site, () => settle(site)))) },
    'move-soak': { perform: at(async (site) => done(await counted(site, () => watchTargets(site, site.move.soakSeconds, isSettled)))) },
    'move-clean': {
      perform: at(async (site) => {
        await areProbesGone(site);
        return done();
      }),
    },
    'move-close': { perform: at(async (site) => done({ closed: await close(site, site.move.sites.after) })) },
    'move-finish': {
      perform: at(async (site) => {
        const { move, operation, context } = site;
        const { owner } = context;
        const { name: application, placement } = move.after;
        await work.rows.write({ owner, application: { ...move.after, state: 'running' }, operation });
        await work.issueReceipt({ owner, operation, application, request: requestOf(move.before, move.from, move.named), placement });
        return done(measured(site));
      }),
    },
  };
}

async function close(site: Site, sites: Site['move']['sites']['before']): Promise<string[]> {
  const { work, context, move, kube, namespace } = site;
  const peerings = await work.peerings(context.owner, move.before.home);
  const names = new Map(peerings.map(({ providerClusterId, provider }) => [providerClusterId, provider]));
  return closeNamespace(kube, { namespace, application: move.before.name, nodes: await nodesOf(site), sites, names, signal: site.signal });
}

async function arrive(site: Site): Promise<Record<string, Json>> {
  const pods = await targetPods(site);
  await untilEndpoints(site.kube, pods, site, 90);
  const { drain: limits } = site.move;
  const seconds = Math.max(settleSeconds(limits), arrivalSeconds(measurementOf(site.context), arrivalLimitsUnder(limits)));
  site.context.progress(`Every sender gets ${seconds} s to take up ${pods.length} replicas`);
  return { pods: pods.length, waitedSeconds: await untilSteady(site, seconds) };
}

/** The sources serve on meanwhile, so a target that is silent, or loses replicas when it speaks again, is waited for: nothing is missing yet. */
async function untilSteady(site: Site, seconds: number): Promise<number> {
  const beganAt = performance.now();
  let steadiness = steadyFrom(beganAt, seconds * 1000);
  while (!isSteady(steadiness, performance.now())) {
    await pause(Math.min(1000, seconds * 1000), site.signal);
    const atMs = performance.now();
    const answered = await doTargetsAnswer(site);
    const missing = answered ? await isMoving(site) : null;
    steadiness = afterLook(steadiness, { atMs, answered, complete: missing === null });
    if (!answered) site.context.progress(`${site.move.after.clusters.join(', ')} does not answer; ${site.move.before.clusters.join(', ')} serves on`);
  }
  return Math.round((performance.now() - beganAt) / 1000);
}

async function release(site: Site): Promise<Record<string, Json>> {
  const { kube, namespace, move, operation } = site;
  await requireTargets(site);
  for (const deployment of move.deployments) {
    const saved = savedIn(await getDeployment(kube, namespace, deployment), operation);
    if (saved && deployment.replicas > 0) await orphanPods(kube, namespace, saved.set);
  }
  return {};
}

async function detach(site: Site): Promise<Record<string, Json>> {
  const { kube, namespace, move, operation } = site;
  await requireTargets(site);
  let count = 0;
  for (const deployment of move.deployments) {
    const saved = savedIn(await getDeployment(kube, namespace, deployment), operation);
    const pods = saved ? await podsOfHash(kube, namespace, saved.set.hash) : [];
    await takeOut(kube, pods, site);
    count += pods.length;
  }
  return { pods: count };
}

async function reattach(site: Site): Promise<Outcome> {
  const { kube, namespace, move, operation } = site;
  await putBack(kube, site);
  for (const deployment of move.deployments) {
    const saved = savedIn(await getDeployment(kube, namespace, deployment), operation);
    if (saved) await untilEndpoints(kube, await podsOfHash(kube, namespace, saved.set.hash), site, 60);
  }
  await pause(arrivalSeconds(measurementOf(site.context), arrivalLimitsUnder(site.move.drain)) * 1000, site.signal);
  return done();
}

/** Fails, and so brings the sources back, as soon as a target is no longer ready. */
async function drain(site: Site): Promise<Record<string, Json>> {
  const seconds = drainSeconds(measurementOf(site.context), site.move.connectionAgeSeconds, site.move.drain);
  let steadiness = steadyFrom(performance.now(), 0);
  const watched = await watchTargets(site, seconds, async () => {
    const atMs = performance.now();
    const answered = await doTargetsAnswer(site);
    steadiness = afterLook(steadiness, { atMs, answered, complete: true });
    return isLost(steadiness, performance.now()) ? silent(site) : isMoving(site);
  });
  // the last look before the point of no return
  if (!(await doTargetsAnswer(site, tracelessSilenceMs))) throw new HanseError('REFUSED', silent(site), { fix: 'Move it again when it answers.' });
  return { ...watched, drainedSeconds: seconds };
}

/** What home shows of replicas at a target is as old as the last word of that target: one whose API server is silent may have lost them, or lose them when it comes back. */
const silent = ({ move }: Site): string =>
  `The API server of ${move.after.clusters.join(', ')} does not answer, so it cannot be told whether the replicas there are ready.`;

async function end(site: Site): Promise<Record<string, Json>> {
  await requireTargets(site);
  const answers = await doesSourceAnswer(site);
  try {
    return { ended: await endPods(site.kube, site, answers ? 150 : 10) };
  } catch (error) {
    if (answers || !(error instanceof HanseError) || error.code !== 'TIMED_OUT') throw error;
    const { from, before, after } = site.move;
    throw new HanseError(
      'CLUSTER_UNREACHABLE',
      `${from} does not answer. ${before.name} runs at ${after.clusters.join(', ')}; its old replicas at ${from} end when ${from} hears of it.`,
      {
        fix: `Try again when ${from} answers.`,
      },
    );
  }
}

async function settle({ kube, namespace, move, operation }: Site): Promise<Record<string, Json>> {
  for (const deployment of move.deployments) {
    const live = await getDeployment(kube, namespace, deployment);
    const saved = savedIn(live, operation);
    if (saved) await giveBack(kube, live, saved, { toSource: false, timeoutSeconds: 100 });
    else await untilSettled(kube, namespace, deployment.name, 100);
  }
  return {};
}

type Check = (site: Site) => Promise<string | null>;

async function watchTargets(site: Site, seconds: number, check: Check): Promise<Record<string, Json>> {
  const endsAt = performance.now() + seconds * 1000;
  for (;;) {
    const wrong = await check(site);
    if (wrong !== null) throw new HanseError('REFUSED', wrong, { fix: 'Find out why its replicas are not ready, then move it again.' });
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) return { watchedSeconds: seconds };
    site.context.progress(`${Math.ceil(leftMs / 1000)} s left`, 1 - leftMs / (seconds * 1000));
    await pause(Math.min(1000, leftMs), site.signal);
  }
}

/** Before the sources are gone: enough targets, all of them endpoints. */
async function isMoving(site: Site): Promise<string | null> {
  const { kube, namespace, move } = site;
  const [pods, ready, services] = await Promise.all([targetPods(site), readReady(kube, namespace), readServices(kube, namespace)]);
  const wanted = move.deployments.reduce((sum, { replicas }) => sum + replicas, 0);
  const serving = pods.filter((pod) => areEndpoints(ready, [pod], services)).length;
  return serving >= wanted ? null : `Only ${serving} of ${wanted} replicas of ${move.before.name} are ready at ${move.after.clusters.join(', ')}.`;
}

/** Afterwards. */
async function isSettled({ kube, namespace, move }: Site): Promise<string | null> {
  for (const deployment of move.deployments) await untilSettled(kube, namespace, deployment.name, 30);
  return null;
}

async function requireTargets(site: Site): Promise<void> {
  const wrong = await isMoving(site);
  if (wrong !== null) throw new HanseError('REFUSED', wrong, { fix: 'Find out why its replicas are not ready, then move it again.' });
}

/** What the move cost, from the journal, beside what was predicted. */
function measured({ context, move }: Site): Json {
  const seen = (['move-targets', 'move-arrive', 'move-release', 'move-detach', 'move-drain', 'move-end', 'move-settle', 'move-soak'] as const).flatMap(
    (kind) => {
      const parsed = seenSchema.safeParse(resultOf(context, kind));
      return parsed.success ? [parsed.data] : [];
    },
  );
  const lows = seen.flatMap(({ readyMin }) => readyMin ?? []);
  const measurement = measurementOf(context);
  return {
    predicted: { interruptionSeconds: 0, readyMin: move.deployments.reduce((sum, { replicas }) => sum + replicas, 0) },
    measured: {
      interruptionSeconds: seen.reduce((sum, { interruptedMs }) => sum + interruptedMs, 0) / 1000,
      belowWantedSeconds: seen.reduce((sum, { belowMs }) => sum + belowMs, 0) / 1000,
      readyMin: lows.length > 0 ? Math.min(...lows) : null,
      drainSeconds: drainSeconds(measurement, move.connectionAgeSeconds, move.drain),
      goingMsMax: measurement ? Math.max(...measurement.senders.map(({ goingMs }) => goingMs ?? 0)) : null,
    },
  };
}

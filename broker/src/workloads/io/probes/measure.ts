// Measures with probe pods, keeps what was measured, and leaves nothing of the probes.
import { HanseError } from '../../../errors.ts';
import { hasEnded, readPodReport } from '../../../clusters/index.ts';
import type { Kube, Ref } from '../../../clusters/io/index.ts';
import type { Made } from '../../../operations/index.ts';
import type { Outcome } from '../../../operations/io/index.ts';
import type { Measurement } from '../../migration/drain.ts';
import { measurementSchema } from '../../migration/move.ts';
import { echo, type ProbeImage, probeLabel, probeNamespace, type ProbePlace, probeService, responder, sender, senderLimit } from '../../probes/probeObjects.ts';
import { readReport, type Requests } from '../../probes/reading.ts';
import type { Site } from '../migration/place.ts';
import { doesSourceAnswer } from '../migration/answers.ts';
import { pause } from '../migration/pause.ts';
import { podAtSource } from '../migration/read.ts';
import { madeOf, operationLabel } from '../objects.ts';
import { offloadingOf, untilOpen } from '../offloading.ts';
import type { World } from '../world.ts';

export type ProbeSettings = { readonly probe: ProbeImage };

/** Date headers have whole seconds: half of one either way, and something for the journey. */
const skewBoundMs = 600;
const unknownSkewBoundMs = 3000;
const startSeconds = 60;
const labels = (operation: string): Record<string, string> => ({ [operationLabel]: operation, 'app.kubernetes.io/managed-by': 'hanse' });
const namespaceRef = (operation: string): Ref => ({ apiVersion: 'v1', kind: 'Namespace', name: probeNamespace(operation) });
const podRef = (operation: string, name: string): Ref => ({ apiVersion: 'v1', kind: 'Pod', namespace: probeNamespace(operation), name });

/** A measurement that fails is no reason not to move: then the longest waits are kept. */
export async function measureEndpoints(site: Site, settings: ProbeSettings): Promise<Outcome> {
  const { work, context, move } = site;
  await removeProbes(site);
  const made: Made[] = [];
  // probes could neither start there nor be taken away again before it answers
  if (!(await doesSourceAnswer(site))) return notMeasured(site, `${move.from} does not answer.`);
  try {
    const { measurement, requests } = await measure(site, settings, made);
    await work.store.db
      .insertInto('measurement')
      .values({ owner: context.owner, home: move.before.home, record: JSON.stringify(measurement) })
      .execute();
    await startRemoving(site);
    return {
      kind: 'done',
      made,
      result: { ...measurement, requests: { ...requests }, senders: [...measurement.senders], endpointsAt: [...measurement.endpointsAt] },
    };
  } catch (error) {
    if (!(error instanceof HanseError) || error.code === 'LEASE_LOST' || site.signal.aborted) throw error;
    await startRemoving(site);
    return { ...notMeasured(site, error.message), made };
  }
}

function notMeasured({ context }: Site, why: string): Extract<Outcome, { kind: 'done' }> {
  context.progress(`Not measured, so the longest waits are kept: ${why}`);
  return { kind: 'done', result: { notMeasured: why } };
}

async function measure(site: Site, { probe }: ProbeSettings, made: Made[]): Promise<{ measurement: Measurement; requests: Requests }> {
  const { kube, move, operation, context, signal } = site;
  const namespace = probeNamespace(operation);
  const places = await placesOf(site);
  const [leavingAt, arrivingAt] = [placeOf(places, move.from), placeOf(places, move.to[0] ?? move.after.clusters[0] ?? move.before.home)];
  const create = async (object: Parameters<Kube['create']>[0]): Promise<void> => {
    const created = await kube.create(object);
    made.push(madeOf(kube.cluster, created));
  };
  await create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { ...labels(operation), 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  const remote = places.flatMap(({ id }) => id ?? []).sort();
  if (remote.length > 0) {
    const offloading = offloadingOf(namespace, { remote, home: true });
    const opened = await kube.create({ ...offloading, metadata: { ...offloading.metadata, labels: labels(operation) } });
    await untilOpen(kube, namespace, remote, { generation: opened.metadata.generation ?? 0, isAll: true });
  }
  await create(probeService(namespace, labels(operation)));
  const pod = (name: string, place: ProbePlace, role: string) => ({ name, namespace, place, probe, labels: { ...labels(operation), [probeLabel]: role } });
  const home: ProbePlace = { cluster: move.before.home, id: null };
  await create(responder(pod('staying', home, echo)));
  await create(responder(pod('leaving', leavingAt, echo)));
  await create(responder(pod('arriving', arrivingAt, 'coming')));
  for (const name of ['staying', 'leaving', 'arriving'])
    await kube.until(podRef(operation, name), (object) => object !== null && podAtSource(object, new Map()).isReady, {
      what: `probe ${name} to be ready`,
      timeoutSeconds: startSeconds,
    });
  const senders = places.map((place, index) => ({ place, name: `sender-${index}` }));
  for (const { place, name } of senders) await create(sender(pod(name, place, 'sender')));
  for (const { name, place } of senders)
    await kube.until(podRef(operation, name), (object) => readPodReport(object).phase === 'Running', {
      what: `the probe at ${place.cluster} to run`,
      timeoutSeconds: startSeconds,
    });
  const skews = await Promise.all(places.map((place) => skewOf(site, place.cluster)));
  // long enough for each to have read its clock and met the endpoint that will go
  await pause(3000, signal);
  context.progress(`Probes send from ${places.map(({ cluster }) => cluster).join(', ')}; one endpoint goes, another comes`);
  const changedAtMs = Date.now();
  await Promise.all([
    kube.patch(podRef(operation, 'leaving'), { metadata: { labels: { [probeLabel]: 'gone' } } }),
    kube.patch(podRef(operation, 'arriving'), { metadata: { labels: { [probeLabel]: echo } } }),
  ]);
  const readings = await Promise.all(
    senders.map(async ({ name, place }, index) => {
      const ended = await kube.until(podRef(operation, name), hasEnded, {
        what: `the probe at ${place.cluster} to report`,
        timeoutSeconds: senderLimit / 100 + 30,
      });
      const skew = skews[index] ?? { skewMs: 0, skewBoundMs: unknownSkewBoundMs };
      return readReport({ cluster: place.cluster, message: readPodReport(ended).message, ...skew }, changedAtMs);
    }),
  );
  const unusable = readings.find((reading) => reading.kind === 'unusable');
  if (unusable?.kind === 'unusable') throw new HanseError('TIMED_OUT', `The probe at ${unusable.cluster} could not measure: ${unusable.why}.`);
  const reports = readings.flatMap((reading) => (reading.kind === 'measured' ? [reading] : []));
  const measured = reports.map(({ sender: one }) => one);
  // home keeps every endpoint of every provider: where it saw one of the two not at all, nothing was measured
  if (measured.some(({ cluster, comingMs, goingMs }) => cluster === move.before.home && (comingMs === null || goingMs === null)))
    throw new HanseError('TIMED_OUT', `The probe at ${move.before.home} did not meet both endpoints.`);
  for (const { cluster, comingMs } of measured)
    if (comingMs === null) context.progress(`Pods at ${cluster} do not reach endpoints at ${arrivingAt.cluster}: Liqo does not tell them`);
  const measurement = {
    home: move.before.home,
    at: new Date().toISOString(),
    endpointsAt: [leavingAt.cluster, arrivingAt.cluster],
    senders: measured,
    skewMs: Math.max(...skews.map((skew) => skew.skewBoundMs)),
  };
  return { measurement, requests: { total: sumOf(reports, 'total'), lost: sumOf(reports, 'lost') } };
}

const sumOf = (reports: readonly { readonly requests: Requests }[], field: keyof Requests): number =>
  reports.reduce((sum, { requests }) => sum + requests[field], 0);

/** Every sender with its Liqo cluster id. */
async function placesOf({ work, context, move }: Site): Promise<ProbePlace[]> {
  const { home } = move.before;
  const ids = new Map((await work.peerings(context.owner, home)).map(({ provider, providerClusterId }) => [provider, providerClusterId]));
  return move.senders.flatMap((cluster) => {
    const id = cluster === home ? null : ids.get(cluster);
    return id === undefined ? [] : [{ cluster, id }];
  });
}

function placeOf(places: readonly ProbePlace[], cluster: string): ProbePlace {
  const found = places.find((place) => place.cluster === cluster);
  if (!found) throw new HanseError('NOT_FOUND', `${cluster} is not federated, so nothing can be measured there.`);
  return found;
}

async function skewOf({ work, context }: Site, cluster: string): Promise<{ skewMs: number; skewBoundMs: number }> {
  try {
    const kube = await work.clusters.kube(context.owner, cluster);
    return { skewMs: await kube.clockSkewMs(), skewBoundMs };
  } catch (error) {
    if (!(error instanceof HanseError)) throw error;
    return { skewMs: 0, skewBoundMs: unknownSkewBoundMs };
  }
}

async function startRemoving({ kube, operation }: Site): Promise<void> {
  const ref = namespaceRef(operation);
  const found = await kube.get(ref);
  if (!found || found.metadata.labels?.[operationLabel] !== operation || found.metadata.uid === undefined) return;
  if (found.metadata.deletionTimestamp === undefined) await kube.delete(ref, { uid: found.metadata.uid });
}

/** Deletes what an earlier attempt or this operation left and waits until it is gone. */
export async function removeProbes(site: Site): Promise<void> {
  await startRemoving(site);
  await areProbesGone(site);
}

export async function areProbesGone({ kube, operation }: Site): Promise<void> {
  await kube.until(namespaceRef(operation), (object) => object === null, { what: 'the namespace of the probes to be gone', timeoutSeconds: 90 });
}

/** Newest first. */
export async function readMeasurements({ store }: Pick<World, 'store'>, owner: string, home: string): Promise<Measurement[]> {
  const rows = await store.db
    .selectFrom('measurement')
    .select('record')
    .where('owner', '=', owner)
    .where('home', '=', home)
    .orderBy('seq', 'desc')
    .limit(20)
    .execute();
  return rows.flatMap(({ record }) => measurementSchema.safeParse(record).data ?? []);
}

// Which pods a Service sends to, as the home cluster's EndpointSlices say, and how few they ever were.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../../clusters/io/index.ts';
import { HanseError } from '../../../errors.ts';
import { pause } from './pause.ts';

const serviceLabel = 'kubernetes.io/service-name';
const schema = z.looseObject({
  endpoints: z
    .array(
      z.looseObject({
        conditions: z.looseObject({ ready: z.boolean().nullish() }).nullish(),
        targetRef: z.looseObject({ uid: z.string().nullish() }).nullish(),
        addresses: z.array(z.string()).catch([]),
      }),
    )
    .nullish(),
});

/** Uids of the pods (addresses of what is no pod) that are ready in this slice. */
const readyIn = (slice: KubeObject): string[] =>
  (schema.parse(slice).endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ targetRef, addresses }) => targetRef?.uid ?? addresses);

const serviceOf = (slice: KubeObject): string | undefined => slice.metadata.labels?.[serviceLabel];

/** By Service. */
export type Ready = ReadonlyMap<string, ReadonlySet<string>>;

export async function readReady(kube: Kube, namespace: string): Promise<Ready> {
  return collect(await kube.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace }));
}

function collect(slices: readonly KubeObject[]): Ready {
  const ready = new Map<string, Set<string>>();
  for (const slice of slices) {
    const service = serviceOf(slice);
    if (service === undefined) continue;
    const found = ready.get(service) ?? new Set<string>();
    for (const uid of readyIn(slice)) found.add(uid);
    ready.set(service, found);
  }
  return ready;
}

export type Wait = { readonly what: string; readonly timeoutSeconds: number; readonly signal: AbortSignal };

const lookEveryMs = 250;

/** Waits until the endpoints are as they should be. TIMED_OUT. */
export async function untilReady(kube: Kube, namespace: string, satisfied: (ready: Ready) => boolean, { what, timeoutSeconds, signal }: Wait): Promise<void> {
  const endsAt = performance.now() + timeoutSeconds * 1000;
  while (!satisfied(await readReady(kube, namespace))) {
    if (performance.now() > endsAt) throw new HanseError('TIMED_OUT', `${kube.cluster}: waited ${timeoutSeconds} s for ${what}.`);
    await pause(lookEveryMs, signal);
  }
}

/** How few ready endpoints a Service had while something went on, and for how long none or too few. */
export type Seen = { readonly readyMin: number | null; readonly belowMs: number; readonly interruptedMs: number };

/** Runs `action` while watching; `wanted` by Service. What cannot be watched is not counted: the action's own waits tell of a cluster that does not answer. */
export async function whileCounting<T>(
  kube: Kube,
  namespace: string,
  wanted: ReadonlyMap<string, number>,
  action: () => Promise<T>,
): Promise<{ value: T; seen: Seen }> {
  const stop = new AbortController();
  const counter = startCounting(kube, namespace, wanted, stop.signal);
  try {
    const value = await action();
    stop.abort();
    return { value, seen: await counter };
  } finally {
    stop.abort();
    await counter;
  }
}

async function startCounting(kube: Kube, namespace: string, wanted: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Seen> {
  const slices = new Map<string, KubeObject>();
  let readyMin: number | null = null;
  let belowMs = 0;
  let interruptedMs = 0;
  let isSynced = false;
  let last: { at: number; below: boolean; none: boolean } | null = null;
  const look = (): void => {
    const now = performance.now();
    if (last?.below) belowMs += now - last.at;
    if (last?.none) interruptedMs += now - last.at;
    if (!isSynced) return;
    const ready = collect([...slices.values()]);
    const counts = [...wanted].map(([service, least]) => ({ count: ready.get(service)?.size ?? 0, least }));
    for (const { count } of counts) readyMin = Math.min(readyMin ?? count, count);
    last = { at: now, below: counts.some(({ count, least }) => count < least), none: counts.some(({ count, least }) => least > 0 && count === 0) };
  };
  try {
    const synced = (): void => {
      isSynced = true;
      look();
    };
    for await (const { type, object } of kube.watch({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace }, { signal, onSynced: synced })) {
      if (type === 'DELETED') slices.delete(object.metadata.name);
      else slices.set(object.metadata.name, object);
      look();
    }
  } catch {
    // see above
  }
  look();
  return { readyMin, belowMs: Math.round(belowMs), interruptedMs: Math.round(interruptedMs) };
}

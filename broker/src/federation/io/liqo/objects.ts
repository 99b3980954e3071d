// Making, waiting for and removing single objects, idempotently and only what is ours to touch.
import { z } from 'zod';
import { HanseError } from '../../../errors.ts';
import type { Kube, KubeObject, Ref } from '../../../clusters/io/kubernetes/kube.ts';
import type { Made } from '../../../operations/journal.ts';
import type { LiqoObject } from '../../desired.ts';
import { label } from '../../names.ts';
import type { Remainder } from '../../sides.ts';
import { thing } from '../../liqoObjects.ts';

export const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject | LiqoObject): Ref => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

const conflict = (error: unknown): boolean => error instanceof HanseError && error.code === 'OBJECT_CONFLICT';
export const forbidden = (error: unknown): boolean => error instanceof HanseError && error.code === 'CLUSTER_FORBIDDEN';
const refused = (error: unknown): boolean => error instanceof HanseError && (error.code === 'CLUSTER_FORBIDDEN' || error.code === 'CLUSTER_REJECTED');
const passing = (error: unknown): boolean => error instanceof HanseError && error.retry === 'later' && error.code !== 'LEASE_LOST';

/** As the journal keeps it, when this operation made it; nothing otherwise. */
export const madeBy = (cluster: string, object: KubeObject, operation: string): readonly Made[] => {
  if (object.metadata.labels?.[label.operation] !== operation) return [];
  const { uid } = object.metadata;
  return [{ cluster, ...refOf(object), ...(uid === undefined ? {} : { uid }) }];
};

/** The object as it is there; made if it is not, which is tried first because it is the rule. One that is being deleted is waited out. */
export const ensure = async (kube: Kube, wanted: LiqoObject): Promise<KubeObject> => {
  const ref = refOf(wanted);
  const madeOrThere = async (): Promise<KubeObject | null> => {
    try {
      return await kube.create(wanted);
    } catch (error) {
      if (!conflict(error) && !refused(error)) throw error;
      // made before, by another hand, or by our own request whose answer was lost; an admission webhook may be faster to say so than the API server, in its own words
      const there = await kube.get(ref);
      if (there === null && !conflict(error)) throw error;
      return there;
    }
  };
  let found = await madeOrThere();
  if (found?.metadata.deletionTimestamp !== undefined) await gone(kube, ref, found.metadata.uid);
  if (found === null || found.metadata.deletionTimestamp !== undefined) found = await madeOrThere();
  if (found === null) throw new HanseError('CONFLICT', `${kube.cluster}: ${wanted.kind} ${wanted.metadata.name} comes and goes`);
  return found;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const quickMs = 25;
const quickForMs = 2000;
const slowMs = 50;

/** Waiting without the right to watch: quickly at first, since Liqo's controllers answer in tens of milliseconds. */
export const poll = async <Value>(what: string, cluster: string, read: () => Promise<Value | null>, timeoutSeconds: number): Promise<Value> => {
  const began = performance.now();
  let last = 'nothing was seen';
  for (;;) {
    try {
      const value = await read();
      if (value !== null) return value;
      last = 'not yet';
    } catch (error) {
      if (!passing(error)) throw error;
      last = error instanceof Error ? error.message : last;
    }
    const elapsedMs = performance.now() - began;
    if (elapsedMs > timeoutSeconds * 1000) throw new HanseError('TIMED_OUT', `${cluster}: waited ${timeoutSeconds} s for ${what}: ${last}`);
    await pause(elapsedMs < quickForMs ? quickMs : slowMs);
  }
};

/** Resolves with null when the object, or the one with that uid, is not there any more. */
export const gone = async (kube: Kube, ref: Ref, uid: string | undefined, timeoutSeconds = 60): Promise<null> => {
  const what = `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name} to be gone`;
  return poll(
    what,
    kube.cluster,
    async () => {
      const object = await kube.get(ref);
      return object === null || (uid !== undefined && object.metadata.uid !== uid) ? { gone: true } : null;
    },
    timeoutSeconds,
  ).then(() => null);
};

export type Only = { readonly onlyOf?: string };

/** Deletes exactly the object that was read; `onlyOf` leaves alone what another operation made. true: its deletion was accepted. */
export const remove = async (kube: Kube, object: KubeObject, { onlyOf }: Only = {}): Promise<boolean> => {
  const { uid, labels } = object.metadata;
  if (onlyOf !== undefined && labels?.[label.operation] !== onlyOf) return false;
  if (uid === undefined) throw new HanseError('CLUSTER_REJECTED', `${kube.cluster}: ${object.kind} ${object.metadata.name} has no uid, so it is not deleted`);
  return kube.delete(refOf(object), { uid });
};

/** Deletes and waits until gone. */
export const end = async (kube: Kube, objects: readonly (KubeObject | null)[], only: Only = {}): Promise<void> => {
  await Promise.all(
    objects.map(async (object) => {
      if (object === null || !(await remove(kube, object, only))) return;
      await gone(kube, refOf(object), object.metadata.uid);
    }),
  );
};

export const remainderOf = (object: KubeObject): Remainder => {
  const { name, namespace, uid } = thing(object);
  return { kind: object.kind, name, uid, ...(namespace === undefined ? {} : { namespace }) };
};

/** A list, or null where the account has no right to it. */
export const listIfAllowed = async (kube: Kube, query: Parameters<Kube['list']>[0]): Promise<KubeObject[] | null> => {
  try {
    return await kube.list(query);
  } catch (error) {
    if (forbidden(error)) return null;
    throw error;
  }
};

const anyObject = z.record(z.string(), z.unknown());

/** To be sent back with one field changed: nothing of it is looked at. */
export const specOf = (object: KubeObject): Record<string, unknown> => anyObject.parse(object['spec'] ?? {});

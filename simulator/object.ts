// One object of a simulated API server, and the rules of its identity that hold everywhere.
import { randomUUID } from 'node:crypto';
import { isPlain, type Plain } from './fields.ts';
import { apiVersionOf, type Kind } from './kinds.ts';

export type OwnerReference = { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean };

export type Meta = {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
};

export type Stored = {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  spec?: Plain;
  status?: Plain;
  data?: Record<string, string>;
  [field: string]: unknown;
};

/** A Status object of the Kubernetes API, thrown. */
export class Refused extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Plain;
  constructor(code: number, reason: string, message: string, details: Plain = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** As the server makes it of what a client sent to create. */
export function born(kind: Kind, input: Plain): Stored {
  const meta = (isPlain(input.metadata) ? structuredClone(input.metadata) : {}) as Partial<Meta>;
  const name = meta.name ?? (meta.generateName ? meta.generateName + randomUUID().replaceAll('-', '').slice(0, 5) : '');
  if (!/^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/.test(name))
    throw new Refused(422, 'Invalid', `${kind.kind} "${name}" is invalid: metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain is required`);
  const metadata: Meta = { ...meta, name, uid: randomUUID(), generation: 1, resourceVersion: '', creationTimestamp: new Date().toISOString() };
  const object: Stored = { ...structuredClone(input), apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
  if (kind.status && kind.kind !== 'Namespace') delete object.status;
  return withDefaults(object);
}

/** The metadata a client may set, over the identity it may not. */
export const keepIdentity = (before: Meta, next: Plain): Meta => ({
  ...(next as Partial<Meta>),
  name: before.name,
  ...(before.namespace === undefined ? {} : { namespace: before.namespace }),
  uid: before.uid,
  resourceVersion: before.resourceVersion,
  generation: before.generation,
  creationTimestamp: before.creationTimestamp,
  ...(before.deletionTimestamp === undefined ? {} : { deletionTimestamp: before.deletionTimestamp }),
});

export const withoutServerFields = (input: Plain): Plain => {
  const { status: _status, ...rest } = structuredClone(input);
  if (isPlain(rest.metadata)) for (const field of ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'generation']) delete rest.metadata[field];
  return rest;
};

/** The few defaults of the real server that clients meet. */
export function withDefaults(object: Stored): Stored {
  if (object.kind === 'Secret' && isPlain(object.stringData)) {
    const encoded = Object.entries(object.stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const);
    object.data = { ...object.data, ...Object.fromEntries(encoded) };
    delete object.stringData;
  }
  if (object.kind === 'Namespace') {
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    object.status ??= { phase: 'Active' };
  }
  if (object.kind === 'Deployment' && object.spec) {
    object.spec.replicas ??= 1;
    object.spec.strategy ??= { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };
  }
  return object;
}

/** Deleted at once, or marked and left to its finalizers, its kubelet or the namespace controller. */
export const isHeld = (object: Stored, grace: number | undefined): boolean =>
  (object.metadata.finalizers ?? []).length > 0 || object.kind === 'Namespace' || (object.kind === 'Pod' && grace !== 0 && object.spec?.nodeName !== undefined);

export function marked(object: Stored, grace: number | undefined): Stored {
  object.metadata.deletionTimestamp = new Date().toISOString();
  if (object.kind === 'Pod') object.metadata.deletionGracePeriodSeconds = grace ?? Number(object.spec?.terminationGracePeriodSeconds ?? 30);
  if (object.kind === 'Namespace') object.status = { ...object.status, phase: 'Terminating' };
  return object;
}

/** Whether a marked object has nothing left that holds it; pods and namespaces are ended by their own controllers. */
export const isReleased = (object: Stored): boolean =>
  object.metadata.deletionTimestamp !== undefined &&
  (object.metadata.finalizers ?? []).length === 0 &&
  object.kind !== 'Namespace' &&
  object.metadata.deletionGracePeriodSeconds === undefined;

// Kubernetes objects at the border: what an answer must have to be one.
import { HanseError } from '../../../errors.ts';
import type { KubeObject, Metadata } from './kube.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const isMetadata = (value: unknown): value is Metadata => isRecord(value) && typeof value['name'] === 'string';

/** Items of a list carry no apiVersion and kind. managedFields are dropped: they are larger than many objects and nobody reads them. */
export const parseObject = (value: unknown, apiVersion: string, kind: string, where: string): KubeObject => {
  if (!isRecord(value)) throw new HanseError('CLUSTER_REJECTED', `${where}: the answer is not a Kubernetes object`);
  const given = value['metadata'];
  // reviews (SelfSubjectAccessReview, …) have no name
  const metadata: unknown = isRecord(given) ? { name: '', ...given } : { name: '' };
  if (!isMetadata(metadata)) throw new HanseError('CLUSTER_REJECTED', `${where}: the answer is not a Kubernetes object`);
  if ('managedFields' in metadata) delete metadata.managedFields;
  const has = (field: string, otherwise: string): string => (typeof value[field] === 'string' ? value[field] : otherwise);
  return { ...value, apiVersion: has('apiVersion', apiVersion), kind: has('kind', kind), metadata };
};

export type Page = { readonly items: readonly KubeObject[]; readonly resourceVersion: string; readonly next: string | undefined };

export const parsePage = (value: unknown, apiVersion: string, kind: string, where: string): Page => {
  if (!isRecord(value) || !Array.isArray(value['items'])) throw new HanseError('CLUSTER_REJECTED', `${where}: the answer is not a list`);
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const { resourceVersion, continue: next } = metadata;
  return {
    items: value['items'].map((item: unknown) => parseObject(item, apiVersion, kind, where)),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
};

const conditionsOf = (status: Record<string, unknown>): string[] => {
  const conditions = status['conditions'];
  if (!Array.isArray(conditions)) return [];
  return conditions.filter(isRecord).map(({ type, status: state, reason, message }) => {
    const why = [reason, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
    return `${String(type)}=${String(state)}${why === '' ? '' : ` (${why})`}`;
  });
};

/** The state of an object for a person: what an error says was seen last. Never its content. */
export const describeState = (object: KubeObject | null): string => {
  if (object === null) return 'it does not exist';
  const status = isRecord(object['status']) ? object['status'] : {};
  const parts = [
    ...(object.metadata.deletionTimestamp === undefined ? [] : [`it is being deleted, held by ${object.metadata.finalizers?.join(', ') ?? 'no finalizer'}`]),
    ...(typeof status['phase'] === 'string' ? [`phase ${status['phase']}`] : []),
    ...conditionsOf(status),
  ];
  const state = parts.length === 0 ? 'it exists' : parts.join('; ');
  return state.length > 400 ? `${state.slice(0, 400)}…` : state;
};

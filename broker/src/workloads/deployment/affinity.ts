// Keeps pods to the chosen clusters by what is applied: required node affinity, ANDed into whatever the user required.
import { at, type Fields, fieldsOf, listOf, withAt } from '../json.ts';

/** The chosen clusters as nodes show them. */
export type Sites = {
  /** Liqo cluster ids of the chosen providers. Sorted. */
  readonly remote: readonly string[];
  /** Whether the home cluster's own nodes are chosen too. */
  readonly home: boolean;
};

/** Carried by every virtual node, and by no other. */
export const remoteClusterKey = 'liqo.io/remote-cluster-id';

const requiredPath = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'] as const;

/** One term for the providers, one for the home cluster: the terms of a node selector are ORed. No term: no cluster was chosen. */
export function termsOf({ remote, home }: Sites): Fields[] {
  return [
    ...(remote.length > 0 ? [{ matchExpressions: [{ key: remoteClusterKey, operator: 'In', values: [...remote] }] }] : []),
    ...(home ? [{ matchExpressions: [{ key: remoteClusterKey, operator: 'DoesNotExist' }] }] : []),
  ];
}

/**
 * The pod's spec, bound to the sites. Every term of the user is ANDed with every term of ours. An empty term matches no node in Kubernetes but would match all once
 * joined with ours, so it is dropped; when nothing is left, the pod matches no node, as before.
 */
export function bindTo(spec: Fields, sites: Sites): Fields {
  const required = at(spec, requiredPath);
  const ours = termsOf(sites);
  const theirs =
    required === undefined || required === null
      ? [{}]
      : listOf(at(required, ['nodeSelectorTerms']))
          .map(fieldsOf)
          .filter((term) => !isEmpty(term));
  const joined = theirs.flatMap((their) => ours.map((our) => join(their, our)));
  const nodeSelectorTerms = joined.length > 0 ? joined : [nowhere];
  return withAt(spec, requiredPath, (found) => ({ ...fieldsOf(found), nodeSelectorTerms }));
}

/** Matches no node: a key cannot be there and not there. Kubernetes takes no empty list of terms. */
const nowhere: Fields = {
  matchExpressions: [
    { key: remoteClusterKey, operator: 'Exists' },
    { key: remoteClusterKey, operator: 'DoesNotExist' },
  ],
};

const isEmpty = (term: Fields): boolean => listOf(term['matchExpressions']).length === 0 && listOf(term['matchFields']).length === 0;

function join(their: Fields, our: Fields): Fields {
  return { ...their, matchExpressions: [...listOf(their['matchExpressions']), ...listOf(our['matchExpressions'])] };
}

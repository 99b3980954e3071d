// Volume claims and where their data lies: what must not lose its cluster.
import { z } from 'zod';
import type { Kube } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { NodeClusters } from './pods.ts';

export type Claim = {
  readonly name: string;
  readonly uid: string;
  /** As Kubernetes writes it: 1Gi. */
  readonly size: string;
  /** Our name of the cluster; null: nobody knows, or nowhere yet. */
  readonly cluster: string | null;
};

const schema = z.looseObject({
  spec: z.looseObject({ resources: z.looseObject({ requests: z.record(z.string(), z.coerce.string()).nullish() }).nullish() }).nullish(),
});

export async function readClaims(kube: Kube, namespace: string, clusters: NodeClusters): Promise<Claim[]> {
  const claims = await kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace });
  return claims.map((object) => {
    const node = object.metadata.annotations?.['volume.kubernetes.io/selected-node'];
    const size = schema.parse(object).spec?.resources?.requests?.['storage'] ?? 'unknown size';
    return { name: object.metadata.name, uid: object.metadata.uid ?? '', size, cluster: node === undefined ? null : (clusters.get(node) ?? node) };
  });
}

export const claimText = ({ name, size, cluster }: Claim): string => `claim ${name} (${size}${cluster === null ? '' : ` at ${cluster}`})`;

/** REFUSED while any claim is in the namespace: Liqo deletes the namespaces at the providers with everything in them, volumes too. */
export async function refuseWhileClaimed(kube: Kube, namespace: string): Promise<void> {
  const claims = await readClaims(kube, namespace, new Map());
  if (claims.length === 0) return;
  throw new HanseError(
    'REFUSED',
    `Namespace ${namespace} at ${kube.cluster} cannot be taken back from providers while it holds ${claims.map(claimText).join(', ')}: their data would be lost.`,
    {
      fix: 'Save the data, then delete the claims: hanse delete --data.',
    },
  );
}

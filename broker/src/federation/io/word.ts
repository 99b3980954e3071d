// What a provider says of us now, in two small requests: its grant, and the condition of our Tenant there. Whether it answers at all is seen by the same.
import { HanseError } from '../../errors.ts';
import type { Kube } from '../../clusters/io/kubernetes/kube.ts';
import { type Grant, readGrant } from '../grant.ts';
import { parseAs } from '../liqoObjects.ts';
import { authentication, grantName } from '../names.ts';
import type { Peering } from '../peering.ts';
import { forbidden } from './liqo/objects.ts';

export type Word = { readonly standing: NonNullable<Grant['standing']> | 'open'; readonly reason: string | undefined };

/** Throws what the connection threw; a right that is not given is no silence. */
export const readWord = async (kube: Kube, { providerNamespace: namespace, homeClusterId }: Peering): Promise<Word> => {
  const [grant, tenant] = await Promise.all(
    [
      { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: grantName },
      { apiVersion: authentication, kind: 'Tenant', namespace, name: homeClusterId },
    ].map(async (ref) => kube.get(ref).catch((error: unknown) => (answered(error) ? null : Promise.reject(error)))),
  );
  const { standing, reason } = readGrant(grant ? parseAs('configMap', grant).data : null);
  const condition = tenant ? parseAs('tenant', tenant).spec.tenantCondition : 'Active';
  // liqoctl of the provider sets the Tenant alone
  return { standing: standing ?? (condition === 'Cordoned' ? 'cordoned' : condition === 'Drained' ? 'ended' : 'open'), reason };
};

const answered = (error: unknown): boolean =>
  forbidden(error) || (error instanceof HanseError && ['CLUSTER_BUSY', 'CLUSTER_UNAUTHORIZED'].includes(error.code));

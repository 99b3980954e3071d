// Words and small things that all of Liqo's simulated controllers use.
import type { Member } from '../../apiServer.ts';
import type { Objects } from '../../objects.ts';
import { label, rows, text } from '../read.ts';

export const AUTHENTICATION = 'authentication.liqo.io/v1beta1';
export const OFFLOADING = 'offloading.liqo.io/v1beta1';
export const REMOTE = 'liqo.io/remote-cluster-id';
export const base64 = (plainText: string): string => Buffer.from(plainText).toString('base64');

/** The member whose API server has that address. */
export type Peers = (server: string) => Member | undefined;

/** The provider behind a tenant namespace at home, by the control plane kubeconfig Liqo keeps there. */
export function providerOf(objects: Objects, namespace: string, peers: Peers): { provider: Member; remoteNamespace: string } | null {
  const secret = objects.all('v1', 'Secret', namespace).find((s) => label(s, 'liqo.io/identity-type') === 'ControlPlane');
  if (!secret) return null;
  try {
    const kubeconfig: unknown = JSON.parse(Buffer.from(secret.data?.kubeconfig ?? '', 'base64').toString('utf8'));
    const provider = peers(text(rows(kubeconfig, 'clusters')[0], 'cluster.server'));
    if (!provider || provider.faults.frozen) return null;
    return { provider, remoteNamespace: secret.metadata.annotations?.['liqo.io/remote-tenant-namespace'] ?? '' };
  } catch {
    return null;
  }
}

/** What the provider lets this consumer do: Active, Cordoned or Drained. */
export const tenantCondition = ({ provider, remoteNamespace }: { provider: Member; remoteNamespace: string }): string =>
  text(provider.objects.all(AUTHENTICATION, 'Tenant', remoteNamespace)[0], 'spec.tenantCondition') || 'Active';

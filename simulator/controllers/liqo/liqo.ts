// Liqo 1.2 between members: handshake, slices, virtual nodes, offloading, reflection, unpeering, with what it leaves behind. Field by field after the real one.
import type { Member } from '../../apiServer.ts';
import type { Objects } from '../../objects.ts';
import type { Pace } from '../controller.ts';
import { isReady, label, text } from '../read.ts';
import { identities, nonces, tenants } from './handshake.ts';
import { AUTHENTICATION, OFFLOADING, REMOTE, type Peers } from './names.ts';
import { type Between, network, networkModule } from './network.ts';
import { offloadings } from './offloading.ts';
import { virtualKubelet } from './reflection.ts';
import { slices } from './slices.ts';
import { virtualNodes } from './virtualNodes.ts';

/** One pass over what Liqo's controllers at this member look after; answers in how many milliseconds there is more to do, or null. */
export function liqo(member: Member, peers: Peers, between: Between, pace: Pace): number | null {
  const { objects } = member;
  nonces(objects);
  tenants(member);
  identities(objects);
  slices(member, peers);
  virtualNodes(member, peers);
  offloadings(member, peers);
  const waits = [network(member, between, pace), virtualKubelet(member, peers, pace)].filter((ms) => ms !== null);
  foreignClusters(objects);
  return waits.length === 0 ? null : Math.min(...waits);
}

/** Made as soon as a Tenant, Identity or VirtualNode shows up; never deleted by Liqo. */
function foreignClusters(objects: Objects): void {
  const about = [...objects.all(AUTHENTICATION, 'Tenant'), ...objects.all(AUTHENTICATION, 'Identity'), ...objects.all(OFFLOADING, 'VirtualNode')].filter(
    (o) => !o.metadata.deletionTimestamp,
  );
  for (const object of about) {
    const peer = label(object, REMOTE) || text(object, 'spec.clusterID');
    if (!peer) continue;
    const role = object.kind === 'Tenant' ? 'Consumer' : 'Provider';
    const made = objects.ensure({
      apiVersion: 'core.liqo.io/v1beta1',
      kind: 'ForeignCluster',
      metadata: { name: peer, labels: { [REMOTE]: peer } },
      spec: { clusterID: peer },
    });
    const node = objects.all('v1', 'Node').find((n) => label(n, REMOTE) === peer);
    objects.update(made, (f) => {
      f.status = {
        role,
        conditions: [{ type: 'APIServerStatus', status: node && !isReady(node) ? 'Error' : 'Established' }],
        modules: {
          networking: networkModule(objects, peer),
          authentication: {
            enabled: true,
            conditions: [{ type: role === 'Provider' ? 'AuthIdentityControlPlaneStatus' : 'AuthTenantStatus', status: 'Ready' }],
          },
          offloading: { enabled: node !== undefined },
        },
      };
    });
  }
}

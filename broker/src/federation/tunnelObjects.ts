// The objects of a tunnel as Liqo wants to see them, one side at a time. Fields and names: Liqo 1.2, pkg/liqo-controller-manager/networking/forge; liqoctl uses the same names.
import { type LiqoObject, marks } from './desired.ts';
import { label, liqoNamespace, networking } from './names.ts';
import type { Cidrs, Tunnel } from './tunnel.ts';

/** One side of a tunnel: its tenant namespace, and the Liqo cluster id of the other side. */
export type TunnelPlace = { readonly namespace: string; readonly peerClusterId: string };

/** Where a gateway is reached. */
export type Endpoint = { readonly addresses: readonly string[]; readonly port: number };

const port = 51_840;

const base = (kind: string, { namespace, peerClusterId }: TunnelPlace, operation: string): LiqoObject => ({
  apiVersion: networking,
  kind,
  metadata: { name: peerClusterId, namespace, labels: { [label.remoteCluster]: peerClusterId, ...marks(operation) } },
});

/** What this side is told of the other's addresses. */
export const configuration = (place: TunnelPlace, remote: Cidrs, operation: string): LiqoObject => ({
  ...base('Configuration', place, operation),
  spec: { remote: { cidr: { pod: [...remote.pod], external: [...remote.external] } } },
});

const template = (kind: string, name: string) => ({ apiVersion: networking, kind, name, namespace: liqoNamespace });

export const gatewayServer = (place: TunnelPlace, { mtuBytes, service }: Tunnel, operation: string): LiqoObject => ({
  ...base('GatewayServer', place, operation),
  spec: { mtu: mtuBytes, endpoint: { port, serviceType: service }, serverTemplateRef: template('WgGatewayServerTemplate', 'wireguard-server') },
});

export const gatewayClient = (place: TunnelPlace, { mtuBytes }: Tunnel, { addresses, port: at }: Endpoint, operation: string): LiqoObject => ({
  ...base('GatewayClient', place, operation),
  spec: {
    mtu: mtuBytes,
    endpoint: { addresses: [...addresses], port: at, protocol: 'UDP' },
    clientTemplateRef: template('WgGatewayClientTemplate', 'wireguard-client'),
  },
});

/** `key`: of the other side's gateway, base64. It goes with this side's gateway. */
export const publicKey = (
  place: TunnelPlace,
  key: string,
  gateway: { readonly kind: string; readonly name: string; readonly uid: string },
  operation: string,
): LiqoObject => {
  const object = base('PublicKey', place, operation);
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [label.gatewayResource]: 'true' },
      ownerReferences: [{ apiVersion: networking, ...gateway, controller: false, blockOwnerDeletion: false }],
    },
    spec: { publicKey: key },
  };
};

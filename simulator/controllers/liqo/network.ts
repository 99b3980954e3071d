// Liqo's networking module at one member: configurations with remapped addresses, gateways with their keys, and connections that stand once both sides know each other's key and a way leads from the
// client to where it was told the server is. What it installs beside: install.ts.
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Member } from '../../apiServer.ts';
import type { Plain } from '../../fields.ts';
import type { Stored } from '../../object.ts';
import type { Objects } from '../../objects.ts';
import type { Pace } from '../controller.ts';
import { amount, label, plain, rows, text } from '../read.ts';
import { ownedBy } from '../rollout.ts';
import { contains, giveOut, moved } from './addresses.ts';
import { REMOTE } from './names.ts';

export const NETWORKING = 'networking.liqo.io/v1beta1';
const IPAM = 'ipam.liqo.io/v1alpha1';
const GATEWAY = 'networking.liqo.io/gateway-resource';
const KINDS = ['GatewayServer', 'GatewayClient'] as const;

/** What lies between members: whom a Liqo cluster id names, and whether packets come through. */
export type Between = { byName(name: string): Member | undefined; hasWay(from: string, to: string): boolean };

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
export const runsNetwork = (objects: Objects): boolean => objects.find('apps/v1', 'DaemonSet', 'liqo', 'liqo-fabric') !== undefined;

export function network(member: Member, between: Between, pace: Pace): number | null {
  const { objects } = member;
  if (!runsNetwork(objects)) return null;
  for (const configuration of objects.all(NETWORKING, 'Configuration')) if (!configuration.metadata.deletionTimestamp) remap(objects, configuration);
  const waits = KINDS.flatMap((kind) => objects.all(NETWORKING, kind)).map((gateway) => keepGateway(member, gateway, between, pace));
  const soon = waits.filter((ms) => ms > 0);
  return soon.length === 0 ? null : Math.min(...soon);
}

// ---- addresses

function remap(objects: Objects, configuration: Stored): void {
  const { name, namespace } = configuration.metadata;
  const own = (type: string): string[] =>
    objects.all(IPAM, 'Network', 'liqo').flatMap((one) => (label(one, 'ipam.liqo.io/network-type') === type ? [text(one, 'status.cidr')] : []));
  const settled = objects.update(
    configuration,
    (c) => void (c.spec = { ...c.spec, local: { cidr: { pod: own('pod-cidr'), external: own('external-cidr') } } }),
  );
  const given = (type: 'pod' | 'external'): string[] =>
    strings(plain(configuration, 'spec.remote.cidr')[type]).map((cidr) => {
      const taken = objects.all(IPAM, 'Network').map((one) => text(one, 'status.cidr') || text(one, 'spec.cidr'));
      const made = objects.ensure({
        apiVersion: IPAM,
        kind: 'Network',
        metadata: {
          name: `${name}-${type}-${cidr.replaceAll(/[./]/g, '-')}`,
          namespace,
          labels: { [REMOTE]: label(configuration, REMOTE), 'configuration.liqo.io/cidr-type': type },
          ownerReferences: [{ ...ownedBy(configuration), apiVersion: NETWORKING }],
        },
        spec: { cidr },
      });
      const is = text(made, 'status.cidr') || (giveOut(cidr, taken) ?? '');
      objects.update(made, (n) => void (n.status = { cidr: is }));
      return is;
    });
  const cidr = { pod: given('pod'), external: given('external') };
  const isWhole = [...cidr.pod, ...cidr.external].every((one) => one !== '');
  const conditions = [
    {
      type: 'NetworkCIDRsConfigured',
      status: isWhole ? 'True' : 'False',
      reason: 'NetworkCIDRsConfigured',
      message: '',
      observedGeneration: settled?.metadata.generation,
    },
  ];
  if (settled) objects.update(settled, (c) => void (c.status = { conditions, remote: { cidr } }));
}

type Ranges = { readonly told: string; readonly seen: string; readonly peer: string };

/** How this member sees the pods of its peers. */
const peerRanges = (objects: Objects): Ranges[] =>
  objects.all(NETWORKING, 'Configuration').flatMap((one) => {
    const seen = strings(plain(one, 'status.remote.cidr').pod);
    return strings(plain(one, 'spec.remote.cidr').pod).flatMap((told, index) => (seen[index] ? [{ told, seen: seen[index], peer: label(one, REMOTE) }] : []));
  });

/** A pod's own address, as this member sees it. */
export const asSeen = (objects: Objects, peer: string, address: string): string => {
  const range = peerRanges(objects).find((one) => one.peer === peer && contains(one.told, address));
  return range === undefined ? address : moved(address, range.told, range.seen);
};

/** Where packets to that address arrive: a pod's own address; null: nowhere. */
export function destination(objects: Objects, address: string): string | null {
  const range = peerRanges(objects).find(({ seen }) => contains(seen, address));
  if (range !== undefined) return isConnected(objects, range.peer) ? moved(address, range.seen, range.told) : null;
  const isOwn = objects
    .all(IPAM, 'Network', 'liqo')
    .some((one) => label(one, 'ipam.liqo.io/network-type') === 'pod-cidr' && contains(text(one, 'spec.cidr'), address));
  if (!isOwn) return address;
  // an address of the member's own range leads to its own pods and to no others
  const isVirtual = (name: string): boolean => label(objects.find('v1', 'Node', undefined, name) ?? nowhere, 'liqo.io/type') === 'virtual-node';
  return objects.all('v1', 'Pod').some((pod) => text(pod, 'status.podIP') === address && !isVirtual(text(pod, 'spec.nodeName'))) ? address : null;
}

const nowhere: Stored = { apiVersion: '', kind: '', metadata: { name: '', uid: '', resourceVersion: '', generation: 0, creationTimestamp: '' } };

const isConnected = (objects: Objects, peer: string): boolean =>
  objects.all(NETWORKING, 'Connection').some((one) => label(one, REMOTE) === peer && text(one, 'status.value') === 'Connected');

// ---- gateways

const digest = (words: string): number => createHash('sha256').update(words).digest().readUInt16BE(0);

/** Where a member's nodes are reached from outside, one address each (RFC 5737). */
const nodeAddress = (member: string): string => `203.0.113.${1 + (digest(member) % 254)}`;

/** Answers how long until its pod runs; 0: it does. */
function keepGateway(member: Member, gateway: Stored, between: Between, pace: Pace): number {
  const { objects } = member;
  const { name, namespace } = gateway.metadata;
  const isServer = gateway.kind === 'GatewayServer';
  const of = { namespace, ownerReferences: [{ ...ownedBy(gateway), apiVersion: NETWORKING }] };
  const labels = { [REMOTE]: label(gateway, REMOTE) };
  objects.ensure({ apiVersion: NETWORKING, kind: `Wg${gateway.kind}`, metadata: { ...of, name, labels }, spec: {} });
  objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: { ...of, name: `gw-${name}`, labels: { ...labels, [GATEWAY]: 'true' } }, data: newKeys() });
  const secretRef = { name: `gw-${name}`, namespace };
  const serviceType = text(gateway, 'spec.endpoint.serviceType');
  if (isServer)
    objects.ensure({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...of, name: `gw-${name}`, labels },
      spec: { type: serviceType, ports: [{ port: 51_840, protocol: 'UDP' }] },
    });
  const left = Date.parse(gateway.metadata.creationTimestamp) + pace.podStartMs + pace.podReadyMs - Date.now();
  if (left > 0) {
    objects.update(gateway, (g) => void (g.status = { ...g.status, secretRef }));
    return left;
  }
  const port = serviceType === 'NodePort' ? 30_000 + (digest(gateway.metadata.uid) % 2768) : amount(gateway, 'spec.endpoint.port');
  const endpoint = { addresses: [nodeAddress(member.name)], port, protocol: 'UDP' };
  const running = objects.update(gateway, (g) => void (g.status = { secretRef, ...(isServer && { endpoint }) }));
  if (running) connect(member, running, between, labels);
  return 0;
}

const newKeys = (): Record<string, string> => {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const raw = (der: Buffer): string => der.subarray(-32).toString('base64');
  return { privateKey: raw(privateKey.export({ type: 'pkcs8', format: 'der' })), publicKey: raw(publicKey.export({ type: 'spki', format: 'der' })) };
};

// ---- connections

const gatewaysWith = ({ objects }: Member, peer: string, kind: string): Stored[] =>
  objects.all(NETWORKING, kind).filter((one) => label(one, REMOTE) === peer && !one.metadata.deletionTimestamp);

const keyOf = ({ objects }: Member, gateway: Stored): string =>
  objects.find('v1', 'Secret', gateway.metadata.namespace, text(gateway, 'status.secretRef.name'))?.data?.publicKey ?? '';

const toldKey = ({ objects }: Member, peer: string): string =>
  text(
    objects.all(NETWORKING, 'PublicKey').find((one) => label(one, REMOTE) === peer && label(one, GATEWAY) === 'true'),
    'spec.publicKey',
  );

/** An address that the server's Service does not name is one on a LAN: whether that leads there is the LAN's matter. */
const finds = (client: Stored, server: Stored): boolean =>
  amount(client, 'spec.endpoint.port') === amount(server, 'status.endpoint.port') && strings(plain(client, 'spec.endpoint').addresses)[0] !== undefined;

function connect(member: Member, gateway: Stored, { byName, hasWay }: Between, labels: Record<string, string>): void {
  const { objects } = member;
  const peer = label(gateway, REMOTE);
  if (toldKey(member, peer) === '') return;
  const made = objects.ensure({
    apiVersion: NETWORKING,
    kind: 'Connection',
    metadata: {
      name: `gw-${gateway.metadata.name}`,
      namespace: gateway.metadata.namespace,
      labels,
      ownerReferences: [{ ...ownedBy(gateway), apiVersion: NETWORKING }],
    },
    spec: { type: gateway.kind === 'GatewayServer' ? 'Server' : 'Client' },
  });
  const other = byName(peer);
  const theirs = other && gatewaysWith(other, member.name, gateway.kind === 'GatewayServer' ? 'GatewayClient' : 'GatewayServer')[0];
  const isUp =
    other !== undefined &&
    theirs !== undefined &&
    keyOf(other, theirs) === toldKey(member, peer) &&
    keyOf(member, gateway) === toldKey(other, member.name) &&
    (gateway.kind === 'GatewayServer' ? finds(theirs, gateway) : finds(gateway, theirs)) &&
    hasWay(member.name, peer);
  const before = text(made, 'status.value');
  const value = isUp ? 'Connected' : before === 'Connected' || before === 'Error' ? 'Error' : 'Connecting';
  objects.update(made, (c) => void (c.status = { value, ...(isUp && { latency: { value: '3.1ms' } }) }));
}

/** As the ForeignCluster tells it: the module is on for a peer as soon as anything of a network with it is there. */
export function networkModule(objects: Objects, peer: string): Plain {
  const about = (kind: string): Stored[] => objects.all(NETWORKING, kind).filter((one) => label(one, REMOTE) === peer);
  const enabled = ['Configuration', ...KINDS].some((kind) => about(kind).length > 0);
  if (!enabled) return { enabled };
  const value = text(about('Connection')[0], 'status.value');
  const status = value === 'Connected' ? 'Established' : value === 'Error' ? 'Error' : 'Pending';
  return { enabled, conditions: [{ type: 'NetworkConnectionStatus', status }] };
}

/** Endpoints as the other side sees them. */
export const endpointsAsSeen = (objects: Objects, peer: string, endpoints: readonly Plain[]): Plain[] =>
  endpoints.map((endpoint) => ({ ...endpoint, addresses: strings(endpoint.addresses).map((address) => asSeen(objects, peer, address)) }));

/** A pod's status, its addresses as home sees them. */
export const statusAsSeen = (objects: Objects, peer: string, status: Plain): Plain => {
  const podIP = text(status, 'podIP');
  if (podIP === '') return status;
  return {
    ...status,
    podIP: asSeen(objects, peer, podIP),
    podIPs: rows(status, 'podIPs').map(({ ip }) => ({ ip: asSeen(objects, peer, String(ip)) })),
  };
};

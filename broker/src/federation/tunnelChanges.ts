// From what both sides show of a tunnel: which of its parts are there, which are half made, and what contradicts it.
import type { Thing } from './liqoObjects.ts';
import type { Observed } from './observed.ts';
import type { Peering } from './peering.ts';
import type { Contradiction, PartState } from './parts.ts';
import type { Tunnel } from './tunnel.ts';
import type { Endpoint } from './tunnelObjects.ts';
import type { TunnelEnd } from './tunnelObserved.ts';

/** In the order in which they are made. */
export const tunnelParts = ['homeRanges', 'providerRanges', 'server', 'client', 'homeKey', 'providerKey', 'connection'] as const;
export type TunnelPart = (typeof tunnelParts)[number];

const standingOf = <One extends Thing>(all: readonly One[]): One | undefined => all.find(({ deleting }) => !deleting);

/** What is of a tunnel on either side, also when it ends. */
export const anyTunnel = (...ends: readonly TunnelEnd[]): boolean =>
  ends.some(({ configurations, servers, clients, peerKeys }) => [configurations, servers, clients, peerKeys].some((all) => all.length > 0));

/** The tunnel that the gateways of both sides make; null: no server stands. It is used as it is, whoever made it and whichever way round. */
export const tunnelSeen = ({ home, provider }: Observed): Tunnel | null => {
  const seenAs = standingOf(home.tunnel.configurations)?.seenAs?.pod ?? [];
  for (const [server, at, from] of [
    ['provider', provider.tunnel, home.tunnel],
    ['home', home.tunnel, provider.tunnel],
  ] as const) {
    const found = standingOf(at.servers);
    if (found === undefined) continue;
    const address = standingOf(from.clients)?.endpoint.addresses[0] ?? null;
    const service = found.service === 'NodePort' ? 'NodePort' : 'LoadBalancer';
    return { server, mtuBytes: found.mtuBytes, service, address, seenAs };
  }
  return null;
};

const ends = ({ server }: Tunnel, { home, provider }: Observed) =>
  server === 'provider' ? { server: provider.tunnel, client: home.tunnel } : { server: home.tunnel, client: provider.tunnel };

const ranges = (end: TunnelEnd): PartState => {
  const found = standingOf(end.configurations);
  return found === undefined ? 'absent' : found.seenAs === null ? 'half' : 'done';
};

/** A key is right when it is the one that the other side's gateway has now. */
const key = (end: TunnelEnd, other: string | null | undefined): PartState => {
  const found = standingOf(end.peerKeys);
  return found === undefined ? 'absent' : found.key === other ? 'done' : 'half';
};

const keyOf = (end: TunnelEnd): string | null | undefined => (standingOf(end.servers) ?? standingOf(end.clients))?.key;

const isRightClient = (client: TunnelEnd['clients'][number], tunnel: Tunnel, at: Endpoint | null): boolean =>
  client.mtuBytes === tunnel.mtuBytes && client.endpoint.port === at?.port && client.endpoint.addresses[0] === (tunnel.address ?? at.addresses[0]);

const connected = (end: TunnelEnd): boolean => standingOf(end.connections)?.connected === true;

export const tunnelStates = (tunnel: Tunnel, observed: Observed): Readonly<Record<TunnelPart, PartState>> => {
  const { home, provider } = observed;
  const { server, client } = ends(tunnel, observed);
  const [gateway, dialling] = [standingOf(server.servers), standingOf(client.clients)];
  const endpoint = gateway?.endpoint ?? null;
  return {
    homeRanges: ranges(home.tunnel),
    providerRanges: ranges(provider.tunnel),
    server: gateway === undefined ? 'absent' : endpoint === null || gateway.key === null ? 'half' : 'done',
    client: dialling === undefined ? 'absent' : isRightClient(dialling, tunnel, endpoint) && dialling.key !== null ? 'done' : 'half',
    homeKey: key(home.tunnel, keyOf(provider.tunnel)),
    providerKey: key(provider.tunnel, keyOf(home.tunnel)),
    connection: connected(home.tunnel) && connected(provider.tunnel) ? 'done' : 'half',
  };
};

const tooMany = (where: string, end: TunnelEnd): Contradiction[] =>
  [end.configurations, end.servers, end.clients, end.peerKeys]
    .filter((all) => all.length > 1)
    .map((all) => ({
      message: `${where} has ${all.length} objects of one kind for the tunnel: ${all.map(({ name }) => name).join(', ')}. Liqo accepts one.`,
      fix: 'Delete those that are not used (liqoctl network reset), then try again.',
    }));

export const tunnelFaults = ({ home: homeName, provider: providerName }: Peering, { home, provider }: Observed): readonly Contradiction[] => [
  ...tooMany(homeName, home.tunnel),
  ...tooMany(providerName, provider.tunnel),
  ...([home.tunnel, provider.tunnel].every(({ servers }) => servers.length > 0) || [home.tunnel, provider.tunnel].every(({ clients }) => clients.length > 0)
    ? [{ message: `${homeName} and ${providerName} both have the same end of the tunnel.`, fix: 'Reset it (liqoctl network reset), then try again.' }]
    : []),
];

const foreign = (where: string, end: TunnelEnd): string[] => {
  const named = (kind: string, all: readonly Thing[]): string[] =>
    all.filter(({ deleting, operation }) => !deleting && operation === null).map(({ name }) => `${kind} ${name} at ${where}`);
  return [
    ...named('Configuration', end.configurations),
    ...named('GatewayServer', end.servers),
    ...named('GatewayClient', end.clients),
    ...named('PublicKey', end.peerKeys),
  ];
};

/** What somebody else made, and is used. */
export const tunnelAdopted = ({ home: homeName, provider: providerName }: Peering, { home, provider }: Observed): readonly string[] => [
  ...foreign(homeName, home.tunnel),
  ...foreign(providerName, provider.tunnel),
];

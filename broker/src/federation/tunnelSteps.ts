// The steps that a tunnel adds to a plan: made before a side is admitted, ended when nothing runs there any more and before the namespaces go.
import type { PlanNote, Step } from '../operations/plan.ts';
import type { Peering } from './peering.ts';
import { type Draft, homeSide, kinds, nothing, providerSide, step, undo } from './planSteps.ts';
import type { TunnelPart } from './tunnelChanges.ts';

type Draw = (peering: Peering) => Draft;

const endpointInWords = ({ tunnel, provider, home }: Peering): string =>
  tunnel?.address == null ? `where ${tunnel?.server === 'home' ? home : provider} says` : `at ${tunnel.address}`;

/** Whose side the server's is, and whose the client's. */
const serverSide = (peering: Peering) => (peering.tunnel?.server === 'home' ? homeSide(peering) : providerSide(peering));
const clientSide = (peering: Peering) => (peering.tunnel?.server === 'home' ? providerSide(peering) : homeSide(peering));

export const tunnelPartStep: Readonly<Record<TunnelPart, Draw>> = {
  homeRanges: (p) => ({
    kind: kinds.homeRanges,
    title: `Tell ${p.home} the addresses of ${p.provider}, and read how it will see them (Configuration ${p.providerClusterId})`,
    side: homeSide(p),
    undo: undo('Delete the Configuration'),
  }),
  providerRanges: (p) => ({
    kind: kinds.providerRanges,
    title: `Tell ${p.provider} the addresses of ${p.home} (Configuration ${p.homeClusterId})`,
    side: providerSide(p),
    undo: undo('Delete the Configuration'),
  }),
  server: (p) => ({
    kind: kinds.server,
    title: `Open the tunnel's gateway at ${serverSide(p).cluster} (GatewayServer, ${p.tunnel?.service ?? 'LoadBalancer'}, MTU ${p.tunnel?.mtuBytes ?? 0})`,
    side: serverSide(p),
    undo: undo('Delete the GatewayServer'),
    timeoutSeconds: 300,
  }),
  client: (p) => ({
    kind: kinds.client,
    title: `Connect ${clientSide(p).cluster} to it ${endpointInWords(p)} (GatewayClient)`,
    side: clientSide(p),
    undo: undo('Delete the GatewayClient'),
    timeoutSeconds: 300,
  }),
  homeKey: (p) => ({
    kind: kinds.homeKey,
    title: `Give ${p.home} the public key of the gateway of ${p.provider}`,
    side: homeSide(p),
    undo: undo('Delete the PublicKey'),
  }),
  providerKey: (p) => ({
    kind: kinds.providerKey,
    title: `Give ${p.provider} the public key of the gateway of ${p.home}`,
    side: providerSide(p),
    undo: undo('Delete the PublicKey'),
  }),
  connection: (p) => ({
    kind: kinds.connection,
    title: `Wait until both gateways say that ${p.home} and ${p.provider} are connected`,
    side: homeSide(p),
    undo: nothing,
    timeoutSeconds: 300,
  }),
};

/** Empty under native routing. `force`: the provider is gone. */
export const endTunnelSteps = (peering: Peering, { force, bidirectional }: { readonly force: boolean; readonly bidirectional: boolean }): readonly Step[] => {
  if (peering.tunnel === undefined || bidirectional) return [];
  const at = (where: 'home' | 'provider'): Step => {
    const side = where === 'home' ? homeSide(peering) : providerSide(peering);
    return step(peering, {
      kind: kinds.endTunnel,
      title: `Take the tunnel's gateway, keys and address ranges away at ${side.cluster}, and begin to remove the tenant namespace`,
      side,
      undo: { kind: 'irreversible', why: 'Federate again to have it back.' },
      destructive: true,
      attempts: 8,
      timeoutSeconds: 300,
      input: { at: where },
    });
  };
  return force ? [at('home')] : [at('home'), at('provider')];
};

const nativeNote: PlanNote = {
  topic: 'data plane',
  text: 'Native routing: pods of both sides reach each other by their own addresses. The routes between the sites are the sites\u2019 own work.',
};

/** `because`: why a tunnel; absent under native routing. */
export const dataPlaneNotes = (all: readonly { readonly peering: Peering; readonly because?: string }[]): readonly PlanNote[] => [
  ...(all.some(({ peering }) => peering.tunnel === undefined) ? [nativeNote] : []),
  ...all.flatMap(({ peering, because }): PlanNote[] => {
    const { tunnel, home, provider } = peering;
    if (tunnel === undefined) return [];
    const server = tunnel.server === 'home' ? home : provider;
    return [
      {
        topic: 'data plane',
        text: `${provider}: Liqo's tunnel. ${because ?? ''} Its gateway is opened at ${server} and reached ${endpointInWords(peering)}; packets of at most ${tunnel.mtuBytes} bytes fit. Each side sees the other's pods at addresses that Liqo translates where they would meet.`,
        data: { provider, server: tunnel.server, mtuBytes: tunnel.mtuBytes, address: tunnel.address },
      },
      {
        topic: 'reach',
        text: `The tunnel joins ${home} and ${provider} only. Calls between pods at ${provider} and pods at other providers are not part of it: do not count on them.`,
      },
    ];
  }),
];

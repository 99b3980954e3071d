// The steps of a tunnel: each makes or ends one object at one side, and may be run again after a crash at any place.
import { HanseError } from '../../errors.ts';
import type { Outcome } from '../../operations/io/performer.ts';
import { kinds } from '../planSteps.ts';
import type { Peering } from '../peering.ts';
import type { TunnelSide } from '../sides.ts';
import { seenElsewhere, type Tunnel } from '../tunnel.ts';
import type { FederationDeps } from './ports.ts';
import { done, type Stage } from './stage.ts';

type Acting = { readonly perform: (stage: Stage) => Promise<Outcome>; readonly undo?: (stage: Stage) => Promise<Outcome> };
type Where = 'home' | 'provider';

const tunnelOf = ({ tunnel, provider }: Peering): Tunnel => {
  if (tunnel === undefined) throw new HanseError('STALE_PLAN', `The plan knows no tunnel to ${provider}`);
  return tunnel;
};

const at = async (stage: Stage, where: Where): Promise<TunnelSide> => (await (where === 'home' ? stage.home() : stage.provider())).tunnel;
const other = (where: Where): Where => (where === 'home' ? 'provider' : 'home');
const clientOf = (peering: Peering): Where => other(tunnelOf(peering).server);

const undone =
  (where: (peering: Peering) => Where, kind: 'configurations' | 'servers' | 'clients' | 'peerKeys') =>
  async (stage: Stage): Promise<Outcome> => {
    await (await at(stage, where(stage.peering))).end([kind], { onlyOf: stage.context.operation });
    return done();
  };

/** What home's nodes route by other ways than this tunnel: its own ranges, those of providers without a tunnel, what other tunnels were given. */
const routedByHome = async ({ clusters, peerings }: FederationDeps, owner: string, { home, provider }: Peering) => {
  const [known, standing] = await Promise.all([clusters.list(owner), peerings.list(owner)]);
  const others = standing.filter((one) => one.home === home && one.provider !== provider);
  const own = known
    .filter(({ name }) => name === home || others.some((one) => one.provider === name && one.tunnel === undefined))
    .flatMap(({ name, podCidrs }) => podCidrs.map((range) => ({ what: `the pods of ${name}`, range })));
  const given = others.flatMap(({ provider: name, tunnel }) =>
    (tunnel?.seenAs ?? []).map((range) => ({ what: `the pods of ${name} as ${home} sees them`, range })),
  );
  return [...own, ...given];
};

const homeRanges = (deps: FederationDeps): Acting => ({
  async perform(stage) {
    const { peering, context } = stage;
    const [ours, theirs] = await Promise.all([at(stage, 'home'), at(stage, 'provider')]);
    const { made, seenAs } = await ours.ensureRanges(await theirs.ranges());
    const meetings = seenElsewhere(seenAs.pod, await routedByHome(deps, context.owner, peering));
    if (meetings.length > 0)
      throw new HanseError(
        'CONFLICT',
        `Liqo at ${peering.home} gave the pods of ${peering.provider} addresses that it routes elsewhere: ${meetings.join('; ')}.`,
        {
          fix: `Name these ranges in ipam.reservedSubnets of Liqo at ${peering.home}, then federate again.`,
        },
      );
    return done(made, { seenAs: [...seenAs.pod] });
  },
  undo: undone(() => 'home', 'configurations'),
});

const providerRanges: Acting = {
  async perform(stage) {
    const [ours, theirs] = await Promise.all([at(stage, 'home'), at(stage, 'provider')]);
    const { made, seenAs } = await theirs.ensureRanges(await ours.ranges());
    return done(made, { seenAs: [...seenAs.pod] });
  },
  undo: undone(() => 'provider', 'configurations'),
};

const server: Acting = {
  async perform(stage) {
    stage.context.progress('The gateway starts');
    const tunnel = tunnelOf(stage.peering);
    return done(await (await at(stage, tunnel.server)).ensureServer(tunnel));
  },
  undo: undone((peering) => tunnelOf(peering).server, 'servers'),
};

const client: Acting = {
  async perform(stage) {
    const tunnel = tunnelOf(stage.peering);
    const { addresses, port } = await (await at(stage, tunnel.server)).endpoint();
    const endpoint = { addresses: tunnel.address === null ? addresses : [tunnel.address], port };
    const made = await (await at(stage, clientOf(stage.peering))).ensureClient(tunnel, endpoint);
    return done(made, { address: endpoint.addresses[0] ?? '', port });
  },
  undo: undone(clientOf, 'clients'),
};

const keyAt = (where: Where): Acting => ({
  async perform(stage) {
    const key = await (await at(stage, other(where))).key();
    return done(await (await at(stage, where)).ensurePeerKey(key));
  },
  undo: undone(() => where, 'peerKeys'),
});

const connection: Acting = {
  async perform(stage) {
    stage.context.progress('The gateways look for each other');
    await Promise.all([(await at(stage, 'home')).connected(), (await at(stage, 'provider')).connected()]);
    return done();
  },
};

const endTunnel: Acting = {
  async perform(stage) {
    const side = await (stage.input.at === 'home' ? stage.home() : stage.provider());
    await side.tunnel.end('all', {});
    await side.beginEndNamespace({});
    return done();
  },
};

export const tunnelPerformers = (deps: FederationDeps): Readonly<Record<string, Acting>> => ({
  [kinds.homeRanges]: homeRanges(deps),
  [kinds.providerRanges]: providerRanges,
  [kinds.server]: server,
  [kinds.client]: client,
  [kinds.homeKey]: keyAt('home'),
  [kinds.providerKey]: keyAt('provider'),
  [kinds.connection]: connection,
  [kinds.endTunnel]: endTunnel,
});

/** For the records: how home sees the provider's pods, now that it is decided. */
export const withAddresses = async (peering: Peering, side: () => Promise<TunnelSide>): Promise<Peering> => {
  if (peering.tunnel === undefined) return peering;
  const { configurations } = await (await side()).observe();
  return { ...peering, tunnel: { ...peering.tunnel, seenAs: configurations[0]?.seenAs?.pod ?? [] } };
};

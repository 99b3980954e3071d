// How the pods of two clusters reach each other: by plain routes, or by Liqo's own tunnel, which translates addresses. Chosen from what is known, with the reason.
import type { Refusal } from '../operations/plan.ts';
import { between, overlap, type Ranges } from './ranges.ts';

/** Address ranges in the words of Liqo. `external`: addresses that a cluster lends to what is neither its pod nor its peer's. */
export type Cidrs = { readonly pod: readonly string[]; readonly external: readonly string[] };

export type TunnelService = 'NodePort' | 'LoadBalancer';

export type Tunnel = {
  /** Who is connected to; the other side connects. */
  readonly server: 'provider' | 'home';
  readonly mtuBytes: number;
  readonly service: TunnelService;
  /** Where the client finds the server; null: where the server's Service says. */
  readonly address: string | null;
  /** How home sees the provider's pods; empty: not known before the tunnel stands. */
  readonly seenAs: readonly string[];
};

/** A private network that home and a provider stand on; `address`: the provider's there. */
export type LanPath = { readonly mtuBytes: number; readonly address: string };

/** `networking`: Liqo's network module runs there; null: it could not be seen. */
export type Joined = Ranges & { readonly networking: boolean | null };

export type Choosing = {
  readonly home: Joined;
  readonly provider: Joined;
  readonly lan: LanPath | null;
  /** Something of a tunnel is there already. */
  readonly begun: boolean;
  /** The one whose gateway is there. */
  readonly standing: Tunnel | null;
};

export type Choice =
  | { readonly kind: 'native' }
  | { readonly kind: 'tunnel'; readonly tunnel: Tunnel; readonly because: string }
  | { readonly kind: 'refused'; readonly reasons: readonly Refusal[] };

/** WireGuard over IPv4 adds 60 bytes (Liqo, docs/advanced/peering/inter-cluster-network). */
const overheadBytes = 60;
/** Liqo's own default, for a path that nobody has measured. */
const carefulMtuBytes = 1340;

const withoutModule = ({ home, provider }: Choosing): readonly string[] =>
  [home, provider].flatMap(({ cluster, networking }) => (networking === true ? [] : [`${cluster}${networking === null ? ' (it could not be seen)' : ''}`]));

/** The provider is connected to: the home opens connections, so it may stand behind an address translation. On a LAN the server's address there is used, whatever its Service says. */
const tunnelOver = (lan: LanPath | null): Tunnel => ({
  server: 'provider',
  mtuBytes: lan === null ? carefulMtuBytes : lan.mtuBytes - overheadBytes,
  service: lan === null ? 'LoadBalancer' : 'NodePort',
  address: lan?.address ?? null,
  seenAs: [],
});

const reasonFor = (choosing: Choosing, meetings: readonly string[]): string | null => {
  const { home, provider, lan, begun } = choosing;
  if (begun) return `A tunnel between ${home.cluster} and ${provider.cluster} was begun already.`;
  if (meetings.length > 0) return meetings.join(' ');
  if (lan === null && withoutModule(choosing).length === 0)
    return `${home.cluster} and ${provider.cluster} both run Liqo's network, and no LAN between them is known that plain routes could use.`;
  return null;
};

/** One whose gateway stands is used as it is; its client may still have to be told where. */
const tunnelFor = ({ lan, standing }: Choosing): Tunnel => {
  if (standing === null) return tunnelOver(lan);
  return standing.address === null && standing.server === 'provider' ? { ...standing, address: lan?.address ?? null } : standing;
};

/** Ranges that are not known meet nothing here; they are refused where plain routes would use them (`collisions`). */
export const chooseDataPlane = (choosing: Choosing): Choice => {
  const because = reasonFor(choosing, between(choosing.home, choosing.provider));
  if (because === null) return { kind: 'native' };
  const off = withoutModule(choosing);
  if (off.length > 0)
    return {
      kind: 'refused',
      reasons: [
        {
          message: `${because} Only Liqo's tunnel, which translates addresses, could join them, and Liqo's network module does not run at ${off.join(' and ')}.`,
          fix: 'Choose another provider, have one side use other ranges, or install Liqo there with networking.enabled=true.',
        },
      ],
    };
  return { kind: 'tunnel', tunnel: tunnelFor(choosing), because };
};

/** Where home would see a provider's pods at addresses that it routes elsewhere: Liqo knows the ranges that it was told, and no others. */
export const seenElsewhere = (seenAs: readonly string[], routed: readonly { readonly what: string; readonly range: string }[]): readonly string[] =>
  seenAs.flatMap((range) => routed.filter((other) => overlap(range, other.range)).map((other) => `${range} meets ${other.what} (${other.range})`));

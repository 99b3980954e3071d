// What an operator configures of layer 2: exchanges, the splices that join them, and where each cluster's site is connected.

/** IX-API names no prices: these are what the contract with the exchange says. */
export type Price = { readonly eurOnce: number; readonly eurPerMonth: number };

/** How the exchange is spoken to. Key and secret stay in their files until they are used. */
export type ExchangeApi =
  | {
      readonly kind: 'ixApi';
      /** With the path of the API: https://…/api/v2 */
      readonly url: string;
      /** Which spelling of IX-API 2 it speaks. */
      readonly profile: '2.1' | '2.4' | '2.7';
      readonly keyFile: string;
      readonly secretFile: string;
      /** The account that orders and pays. */
      readonly account: string;
      /** Id of the product to order; absent: the only one of type mp2mp_vc that it offers in `metroAreaNetwork`. */
      readonly product?: string | undefined;
      readonly metroAreaNetwork?: string | undefined;
    }
  /** No API: a person orders by hand, and says when it is done. */
  | { readonly kind: 'manual'; readonly contact: string };

export type Exchange = {
  readonly name: string;
  readonly title: string;
  readonly api: ExchangeApi;
  /** IP MTU of its private VLANs. */
  readonly mtuBytes: number;
  readonly prices: { readonly segment: Price; readonly attachment: Price };
};

/** One end of a splice: a connection that exists at the exchange. */
export type SpliceEnd = { readonly exchange: string; readonly connection: string; readonly account?: string | undefined };

/** A link between two exchanges, a carrier's or their own: it stands already, and is an asset, not an order. */
export type Splice = {
  readonly name: string;
  readonly ends: readonly [SpliceEnd, SpliceEnd];
  /** What the owner of the splice carries: each pair, in the order of the ends, joins one LAN. */
  readonly vlans: readonly (readonly [number, number])[];
  readonly mtuBytes: number;
  readonly capacityMbps: number;
  readonly eurPerMonth: number;
  readonly owner: string;
};

/** Where a cluster's site is connected: a port that is in production already. */
export type Site = {
  readonly cluster: string;
  readonly exchange: string;
  readonly connection: string;
  /** Whose connection it is; absent: the account that orders. */
  readonly account?: string | undefined;
  /** Contacts that the exchange wants named (ids of role assignments). */
  readonly roleAssignments: readonly string[];
  /** Tags that may be used on the connection, both included. */
  readonly vlans: { readonly from: number; readonly to: number };
  readonly capacityMbps: number;
  /** Of the node that stands on the LAN. */
  readonly interface: string;
  readonly mtuBytes: number;
  /** Where the exchange wants to know it. */
  readonly mac?: string | undefined;
};

export type Pools = { readonly ipv4: string; readonly prefixBits: number };

export type Topology = { readonly exchanges: readonly Exchange[]; readonly splices: readonly Splice[]; readonly sites: readonly Site[]; readonly pools: Pools };

export const exchangeOf = (topology: Pick<Topology, 'exchanges'>, name: string): Exchange | undefined => topology.exchanges.find((one) => one.name === name);
export const siteOf = (topology: Pick<Topology, 'sites'>, cluster: string): Site | undefined => topology.sites.find((one) => one.cluster === cluster);

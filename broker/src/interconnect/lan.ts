// A LAN and what is ordered for it. One LAN a home cluster: a tree of segments at exchanges, joined by splices, with an attachment for each member.

import type { Measured } from './measurement.ts';

export type Lan = {
  /** Ten hexadecimal digits, random: part of every reference at an exchange, and of the IPv6 prefix (RFC 4193). */
  readonly id: string;
  /** Of the home cluster. */
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
};

/** What becomes of an order, in the words of every exchange: unknown words of theirs count as pending. */
export type CircuitState =
  /** Written down, not ordered yet. */
  | 'reserved'
  | 'pending'
  | 'ready'
  /** In production, and the exchange says that something is wrong with it. */
  | 'degraded'
  | 'failed'
  /** Cancelled, and still there until a date. */
  | 'ending'
  | 'ended';

/** One order at an exchange: a segment (the LAN's network there), the attachment of a cluster to it, or of an end of a splice. */
export type Circuit = {
  /** Our reference at the exchange; decided in the plan, so that an order whose answer was lost is found again. */
  readonly ref: string;
  readonly lan: string;
  readonly exchange: string;
  readonly kind: 'segment' | 'attachment' | 'spliceEnd';
  /** The cluster or the splice; of a segment: the exchange. */
  readonly member: string;
  readonly connection: string | null;
  readonly vlan: number | null;
  /** Whose connection it is; null: of the account that orders. */
  readonly account: string | null;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly capacityMbps: number | null;
  readonly roleAssignments: readonly string[];
  readonly mac: string | null;
  readonly state: CircuitState;
  /** RFC 3339: when its state was first seen as it is; null: nobody has looked yet. */
  readonly since: string | null;
  /** As the exchange calls it; null where nothing was ordered. */
  readonly id: string | null;
  /** The exchange's own word for its state, and what it says about it. */
  readonly told: string;
  readonly messages: readonly string[];
  /** Dates (YYYY-MM-DD) that the exchange names once it was cancelled. */
  readonly decommissionAt: string | null;
  readonly chargedUntil: string | null;
  /** Of an attachment: the way there from home, the last time that it was measured; null: unknown. */
  readonly measured: Measured | null;
};

export const isStanding = ({ state }: Pick<Circuit, 'state'>): boolean => state !== 'ending' && state !== 'ended';

/** Clusters that stand on the LAN, each once. */
export const membersOf = (circuits: readonly Circuit[]): readonly string[] =>
  circuits.filter((circuit) => circuit.kind === 'attachment' && isStanding(circuit)).map(({ member }) => member);

const places: Readonly<Record<Circuit['kind'], (circuit: Circuit) => string>> = {
  segment: ({ exchange }) => `the segment at ${exchange}`,
  attachment: ({ member, exchange, vlan }) => `the attachment of ${member} at ${exchange} (VLAN ${vlan})`,
  spliceEnd: ({ member, exchange, vlan }) => `the end of splice ${member} at ${exchange} (VLAN ${vlan})`,
};

export const circuitTitle = (circuit: Circuit): string => places[circuit.kind](circuit);

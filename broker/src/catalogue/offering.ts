// What a provider's verified credentials promise, as typed facts.
export const assurances = ['asserted', 'declared', 'notarised', 'certified'] as const;
/** `measured` stands beside the order: only what Hanse itself measured by means the provider does not write. */
export type Assurance = (typeof assurances)[number] | 'measured';

export type FactGroup = 'locality' | 'technical' | 'compliance';

export type Fact = {
  /** Criterion word: country, label, gpu.count, cpu.cores, memory.gib, price.month, kubernetes.version, … */
  readonly name: string;
  readonly group: FactGroup;
  readonly value: string | number | boolean;
  readonly unit?: string;
  readonly assurance: Assurance;
  /** SHA-256 (hex) of the credential as received; `observed` (the cluster's own API) or `measured` where there is none. */
  readonly credential: string;
  /** DID of its issuer; `hanse` of what it measured itself. */
  readonly issuer: string;
  /** RFC 3339; null: the proof names no end. */
  readonly validUntil: string | null;
  /** Of what was measured: from how many probes, and since when (RFC 3339). */
  readonly measurement?: { readonly probes: number; readonly since: string };
};

export type Offering = {
  /** The offering's id in its credential (a URI). */
  readonly id: string;
  /** DID of the provider. */
  readonly provider: string;
  readonly name: string;
  /** Liqo cluster id of the cluster that is offered; null when the credential names none. */
  readonly cluster: string | null;
  readonly facts: readonly Fact[];
  /** Names of facts that are stated with values that cannot all be true; absent: none. */
  readonly contradicted?: readonly string[];
  /** Others who claim the same cluster, the first few: their claims were believed later and do not count; absent: nobody does. */
  readonly alsoClaimedBy?: readonly string[];
  /** The earliest end of any proof it rests on. */
  readonly validUntil: string | null;
};

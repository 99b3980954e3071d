// What is asked of a credential before it is relied on. A check is the same under every policy; whether it blocks is decided here.
import type { Jwk } from './pure-crypto.ts';

export const roles = ['notary', 'labelIssuer', 'certificationBody'] as const;
export type Role = (typeof roles)[number];

/** An issuer that the configuration knows: what it may attest, and its keys where they are not to be had from did:web. */
export type TrustedIssuer = { readonly id: string; readonly roles: readonly Role[]; readonly keys: readonly Jwk[] };

export const checkNames = [
  'jws',
  'header',
  'structure',
  'profile',
  'context',
  'jsonld',
  'rules',
  'shapes',
  'issuer',
  'key',
  'signature',
  'chain',
  'validity',
  'status',
  'right',
  'contents',
  'binding',
  'reissue',
] as const;
export type CheckName = (typeof checkNames)[number];

/** `passed`: anything else blocks. `notFailed`: what could not be found out does not. `nothing`: it is looked at and told. */
export const demands = ['passed', 'notFailed', 'nothing'] as const;
export type Demand = (typeof demands)[number];

/** What lies at `from` (https address or absolute path of a file) counts only as it was when its SHA-256 (hex) was taken. */
export type Pinned = { readonly from: string; readonly sha256: string };

export type Policy = {
  readonly issuers: readonly TrustedIssuer[];
  /** Certificates (PEM) that chains may end in. */
  readonly anchors: readonly string[];
  /** Base addresses of Gaia-X registries, any of which may answer for a chain. */
  readonly registries: readonly string[];
  /** Object identifiers of certificate policies, one of which a leaf has to be under; none: any will do. EV: 2.23.140.1.1. */
  readonly certificatePolicies: readonly string[];
  /** `any`: live notaries have certificates for another host than their DID's. */
  readonly certificateHost: 'same' | 'any';
  /** JSON-LD contexts, each admitted under this exact address, beside those of the W3C and Hanse's own. */
  readonly contexts: readonly (Pinned & { readonly url: string })[];
  /** Turtle with SHACL shapes, or with the classes that they name. */
  readonly shapes: readonly Pinned[];
  /** What is asked beside the standing demands. */
  readonly requires: Readonly<Partial<Record<CheckName, Demand>>>;
};

export const policyOf = (some: Partial<Policy>): Policy => ({
  issuers: [],
  anchors: [],
  registries: [],
  certificatePolicies: [],
  certificateHost: 'same',
  contexts: [],
  shapes: [],
  requires: {},
  ...some,
});

/**
 * Everything has to be shown. Only of a chain, of what other credentials say, and of what needs contexts and shapes that nobody configured, not knowing is no
 * reason against a credential.
 */
const standing: Readonly<Partial<Record<CheckName, Demand>>> = { chain: 'notFailed', binding: 'notFailed', jsonld: 'notFailed', shapes: 'notFailed' };

export type Result = 'passed' | 'failed' | 'unknown';

export function blocks(name: CheckName, result: Result, { requires }: Pick<Policy, 'requires'>): boolean {
  const demand = requires[name] ?? standing[name] ?? 'passed';
  return result !== 'passed' && demand !== 'nothing' && (result === 'failed' || demand === 'passed');
}

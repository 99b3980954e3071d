// The gate before everything that takes a namespace back from a provider: Liqo deletes the twin namespace there, and the data of its claims with it.
import type { Refusal } from '../../operations/index.ts';
import type { ClaimFacts } from './facts.ts';

/** Claims whose data would be lost if these clusters were taken out. A bound claim whose place nobody knows could be at any of them. */
export const claimsAt = (claims: readonly ClaimFacts[], clusters: readonly string[]): ClaimFacts[] =>
  claims.filter(({ cluster, isBound }) => (cluster === null ? isBound : clusters.includes(cluster)));

export const claimRefusals = (claims: readonly ClaimFacts[], clusters: readonly string[]): Refusal[] =>
  claimsAt(claims, clusters).map(({ namespace, name, size, cluster }) => ({
    message: `Claim ${namespace}/${name} holds ${size} at ${cluster ?? `a cluster nobody knows (perhaps ${clusters.join(' or ')})`}; Hanse cannot move volumes yet, and its data would be lost.`,
    fix: 'Save the data, then delete the claim; or leave the application where it is.',
  }));

// An offer as it counts at a moment: what has ended since it was judged counts no longer, whether or not anybody has judged it again.
import type { Offering } from './offering.ts';

export type StandingOffer = {
  readonly offering: Offering;
  /** The end of what makes it an offer at all, RFC 3339; null: it names none. */
  readonly until: string | null;
};

/** `at`: milliseconds since 1970. null: it is no offer any more. */
export function asOf({ offering, until }: StandingOffer, at: number): Offering | null {
  if (hasEnded(until, at)) return null;
  if (!hasEnded(offering.validUntil, at)) return offering;
  const facts = offering.facts.filter(({ validUntil }) => !hasEnded(validUntil, at));
  const ends = [until, ...facts.map(({ validUntil }) => validUntil)].filter((end) => end !== null).toSorted();
  const { contradicted = [], ...rest } = offering;
  const still = contradicted.filter((name) => facts.filter((fact) => fact.name === name).length > 1);
  return { ...rest, facts, ...(still.length > 0 && { contradicted: still }), validUntil: ends[0] ?? null };
}

const hasEnded = (end: string | null, at: number): boolean => end !== null && Date.parse(end) <= at;

// What an index needs of an offer, as short as it can be said: 100,000 of them are read after every start of a broker.
import { z } from 'zod';
import type { Assurance, Fact, Offering } from './offering.ts';

export type ToldFact = { readonly name: string; readonly value: Fact['value']; readonly assurance: Assurance };

export type Told = {
  readonly id: string;
  readonly provider: string;
  readonly name: string;
  readonly cluster: string | null;
  readonly facts: readonly ToldFact[];
  /** When any of this ends first, milliseconds since 1970; null: nothing of it does. */
  readonly endsAt: number | null;
};

/** One character each: they stand in every fact of every offer. */
const signs = { asserted: 'a', declared: 'd', notarised: 'n', certified: 'c', measured: 'm' } as const satisfies Record<Assurance, string>;
const assuranceOf: Readonly<Record<string, Assurance>> = { a: 'asserted', d: 'declared', n: 'notarised', c: 'certified', m: 'measured' };

type Packed = readonly [id: string, provider: string, name: string, cluster: string | null, until: number | null, ends: number[], facts: unknown[]];
const packed = z.custom<Packed>((value) => Array.isArray(value) && value.length === 7);

export function packTold({ id, provider, name, cluster, facts }: Offering, until: string | null): string {
  const ends: number[] = [];
  const endOf = (end: string): number => {
    const time = Date.parse(end);
    const known = ends.indexOf(time);
    return known === -1 ? ends.push(time) - 1 : known;
  };
  // name, value, assurance and, where it ends, which of the ends: one flat list
  const flat = facts.flatMap((fact) => [fact.name, fact.value, signs[fact.assurance], fact.validUntil === null ? -1 : endOf(fact.validUntil)]);
  return JSON.stringify([id, provider, name, cluster, until === null ? null : Date.parse(until), ends, flat]);
}

/** As it counts at that moment (milliseconds since 1970); null: it is no offer any more. */
export function unpackTold(text: string, at: number): Told | null {
  const [id, provider, name, cluster, until, ends, flat] = packed.parse(JSON.parse(text));
  if (until !== null && until <= at) return null;
  let endsAt = until ?? Number.POSITIVE_INFINITY;
  const facts: ToldFact[] = [];
  for (let index = 0; index + 3 < flat.length; index += 4) {
    const [fact, value, sign, which] = [flat[index], flat[index + 1], flat[index + 2], flat[index + 3]];
    const end = typeof which === 'number' ? (ends[which] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const assurance = typeof sign === 'string' ? assuranceOf[sign] : undefined;
    if (end <= at || typeof fact !== 'string' || assurance === undefined || !isValue(value)) continue;
    endsAt = Math.min(endsAt, end);
    facts.push({ name: fact, value, assurance });
  }
  return { id, provider, name, cluster, facts, endsAt: endsAt === Number.POSITIVE_INFINITY ? null : endsAt };
}

const isValue = (value: unknown): value is Fact['value'] => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

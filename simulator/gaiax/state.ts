// What the simulated Gaia-X keeps on disk: keys, what was issued and announced, and what was done to it.
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { isPlain } from '../fields.ts';
import { newAuthority, type Authority } from '../pki.ts';
import type { Certified } from './certificates.ts';
import type { Event } from './eventsService.ts';
import type { RegistryWay } from './registry.ts';
import type { StatementKind } from './statements.ts';
import type { Purpose } from './statusList.ts';

/** `until`: milliseconds since 1970. */
export type Issued = { readonly kind: StatementKind; readonly jwt: string; readonly until: number };

export type State = {
  authority: Authority;
  /** Private keys by the name of their issuer. */
  keys: Record<string, JsonWebKey>;
  certified: Certified;
  prices: Record<string, number>;
  /** `member/kind`: its bit is set on the list of its issuer. */
  set: Record<Purpose, string[]>;
  /** By `member/kind`: milliseconds since 1970, where it is issued for less than usual. */
  ends: Record<string, number>;
  /** Names under which nothing is answered. */
  hidden: string[];
  registry: RegistryWay;
  issued: Record<string, Issued[]>;
  events: Event[];
  /** Of what everything was issued under: other words, issued anew. */
  words?: string;
  /** By issuer and purpose: signed anew when it changes or grows old, not whenever somebody asks. */
  lists: Record<string, { readonly jwt: string; readonly madeAt: number; readonly set: string }>;
};

export const part = 'gaia-x';

/** Nothing is withdrawn, short-lived or gone; prices as at first. */
export const untouched = (): Pick<State, 'prices' | 'set' | 'ends' | 'hidden' | 'registry'> => ({
  prices: {},
  set: { revocation: [], suspension: [] },
  ends: {},
  hidden: [],
  registry: 'knows',
});

export async function newState(issuers: readonly string[]): Promise<State> {
  const keys = Object.fromEntries(issuers.map((name) => [name, newKey()]));
  return { authority: await newAuthority(part), keys, certified: { anchor: '', chains: {} }, ...untouched(), issued: {}, events: [], lists: {} };
}

export const newKey = (): JsonWebKey => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

/** What an older version wrote lacks a part or another. */
export function readState(found: unknown): State | null {
  if (!isPlain(found) || !isPlain(found.authority) || !isPlain(found.keys) || !isPlain(found.certified)) return null;
  return { ...untouched(), issued: {}, events: [], lists: {}, ...found } as unknown as State; // only this folder writes it
}

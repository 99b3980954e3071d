// What was gathered beforehand, as received: a judgement reads nothing else of the world, and so can be made again at any time.

/** `fetchedAt`: RFC 3339. `failure`: why it could not be had, in words. */
export type Found = { readonly text: string; readonly fetchedAt: string } | { readonly failure: string };

/** By address (`addresses` below). What is not in it was not asked for. */
export type Evidence = ReadonlyMap<string, Found>;

/** How the answer of a Gaia-X registry about the chain at `x5u` is kept: it is asked by POST. */
export const registryQuestion = (registry: string, x5u: string): string => `POST ${registry.replace(/\/+$/, '')}/api/trustAnchor/chain/file ${x5u}`;

export type Question = { readonly url: string; readonly body: string | null };

/** An address of evidence as a request. */
export function questionOf(address: string): Question {
  const [, url, x5u] = /^POST (\S+) (\S+)$/.exec(address) ?? [];
  return url === undefined ? { url: address, body: null } : { url, body: JSON.stringify({ uri: x5u }) };
}

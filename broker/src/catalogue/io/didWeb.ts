// Documents of did:web issuers, fetched once and kept for a while with the time at which they were fetched.
import type { DidEvidence } from '../index.ts';
import { fetchText } from './fetchText.ts';
import type { FetchRules } from './fetchText.ts';

/** Keys change rarely; a key that was taken back has to stop counting within the hour. */
const keptMs = 3_600_000;
/** A host that does not answer is not asked again at every decision. */
const failureKeptMs = 60_000;
const documentBytesMax = 64 * 1024;
const documentsMax = 10_000;

export type DidDocuments = { documentsOf(issuers: readonly string[]): Promise<ReadonlyMap<string, DidEvidence>> };

/** did:web:host%3A8443:a:b → https://host:8443/a/b/did.json; a bare host → /.well-known/did.json (W3C did:web). null: not did:web. */
export function didWebAddress(did: string): string | null {
  if (!did.startsWith('did:web:')) return null;
  const [host = '', ...path] = did.slice('did:web:'.length).split(':');
  if (!/^[A-Za-z0-9.-]+(%3[Aa]\d{1,5})?$/.test(host)) return null;
  if (!path.every((part) => /^[A-Za-z0-9._~-]+$/.test(part) && part !== '.' && part !== '..')) return null;
  const origin = `https://${host.replace(/%3[Aa]/, ':')}`;
  return path.length === 0 ? `${origin}/.well-known/did.json` : `${origin}/${path.join('/')}/did.json`;
}

export function createDidDocuments(rules: Omit<FetchRules, 'bytesMax'>, now: () => number): DidDocuments {
  const kept = new Map<string, { readonly evidence: DidEvidence; readonly until: number }>();
  const resolve = async (did: string): Promise<DidEvidence> => {
    const known = kept.get(did);
    if (known !== undefined && known.until > now()) return known.evidence;
    const address = didWebAddress(did);
    if (address === null) return { failure: 'it is not a did:web that can be turned into an address' };
    const fetched = await fetchText(address, { ...rules, bytesMax: documentBytesMax });
    const evidence = 'failure' in fetched ? fetched : { bytes: fetched.text, fetchedAt: new Date(now()).toISOString() };
    if (kept.size >= documentsMax) kept.clear();
    kept.set(did, { evidence, until: now() + ('failure' in evidence ? failureKeptMs : keptMs) });
    return evidence;
  };
  return {
    async documentsOf(issuers) {
      const distinct = [...new Set(issuers)].filter((issuer) => issuer.startsWith('did:web:'));
      return new Map(await Promise.all(distinct.map(async (issuer) => [issuer, await resolve(issuer)] as const)));
    },
  };
}

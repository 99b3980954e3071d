// What has to be fetched to judge a credential, as far as can be told from what was fetched already: asked again until nothing new comes.
import { enclosedTokens, readReceived } from './judge/credential.ts';
import type { Credential, Presentation } from './judge/credential.ts';
import { didWebAddress } from './judge/did.ts';
import { registryQuestion } from './judge/evidence.ts';
import type { Evidence } from './judge/evidence.ts';
import { fetchedChain, fromDocument, signerOf } from './judge/issuer.ts';
import type { Policy } from './judge/policy.ts';
import type { Jwk } from './judge/pure-crypto.ts';
import { statusAddresses } from './judge/status.ts';

/** What kind of thing lies there decides how long it is kept. */
export type Wanted =
  | { readonly address: string; readonly kind: 'document' | 'chain' | 'status' | 'pinned' }
  /** `chain`: what it is asked about, PEM or base64 of DER. */
  | { readonly address: string; readonly kind: 'registry'; readonly registry: string; readonly chain: readonly string[] };

/** Each address once, also those that are in the evidence already. */
export function wanted(received: string, evidence: Evidence, policy: Policy): Wanted[] {
  const read = readReceived(received);
  if ('part' in read) return [];
  const pinned = [...policy.contexts, ...policy.shapes].map(({ from }): Wanted => ({ address: from, kind: 'pinned' }));
  const found = [read, ...insideOf(read)].flatMap((each) => [...ofSigner(each, evidence, policy), ...(each.kind === 'credential' ? ofStatus(each) : [])]);
  return [...new Map([...found, ...pinned].map((each) => [each.address, each])).values()];
}

function insideOf(read: Credential | Presentation): Credential[] {
  if (read.kind === 'credential') return [];
  return enclosedTokens(read).flatMap((each) => {
    const inner = readReceived(each);
    return 'part' in inner || inner.kind === 'presentation' ? [] : [inner];
  });
}

function ofSigner(signed: Credential | Presentation, evidence: Evidence, { issuers, registries }: Policy): Wanted[] {
  const signer = signerOf(signed) ?? '';
  const configured = issuers.find(({ id }) => id === signer)?.keys ?? [];
  const address = didWebAddress(signer);
  if (configured.length > 0) return configured.flatMap((key) => ofChain(key, evidence, registries));
  if (address === null) return [];
  const found = fromDocument(signed.header.kid ?? '', signer, { evidence, address });
  return [{ address, kind: 'document' }, ...('jwk' in found ? ofChain(found.jwk, evidence, registries) : [])];
}

function ofChain({ x5u, x5c }: Pick<Jwk, 'x5u' | 'x5c'>, evidence: Evidence, registries: readonly string[]): Wanted[] {
  if (x5c === undefined && x5u === undefined) return [];
  const chain = x5c ?? fetchedChain(x5u ?? '', evidence);
  const asked =
    'name' in chain ? [] : registries.map((registry): Wanted => ({ address: registryQuestion(registry, chain), kind: 'registry', registry, chain }));
  return x5c === undefined ? [{ address: x5u ?? '', kind: 'chain' }, ...asked] : asked;
}

const ofStatus = (credential: Credential): Wanted[] => statusAddresses(credential).map((address): Wanted => ({ address, kind: 'status' }));

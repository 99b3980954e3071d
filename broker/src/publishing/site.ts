// A participant's material as a folder that any web server can serve: did.json, the certificate chain, each credential at the address that is its id, a presentation.
import { didWebAddress, sriOf } from '../catalogue/index.ts';
import type { Credential, Jwk } from '../catalogue/index.ts';
import type { OwnKey } from './token.ts';

/** The address under which everything of this DID lies, with a slash at its end; null: it is not did:web. */
export function baseOf(did: string): string | null {
  const address = didWebAddress(did);
  return address === null ? null : address.replace(/(\.well-known\/)?did\.json$/, '');
}

export type Signed = { readonly token: string; readonly credential: Credential };

export type Site = {
  readonly did: string;
  readonly key: OwnKey;
  /** PEM of the chain, leaf first; null: the key stands for itself alone. */
  readonly chain: string | null;
  readonly credentials: readonly Signed[];
  /** VP-JWT over all of them. */
  readonly presentation: string;
};

export const presentationFile = 'presentation.jwt';
const chainFile = 'chain.pem';
const safePath = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}\/){0,5}[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/;

/** Path inside the folder → text. Paths are our own or were held against `safePath`: nothing in a credential leads out of the folder. */
export function filesOf({ did, key, chain, credentials, presentation }: Site): Readonly<Record<string, string>> {
  const base = baseOf(did) ?? '';
  const isBareHost = (didWebAddress(did) ?? '').endsWith('/.well-known/did.json');
  const placed = credentials.map((each, index) => ({ ...each, path: pathOf(each.credential, base) ?? `credentials/${index + 1}.jwt` }));
  const index = placed.map(({ path, credential }) => ({
    id: credential.payload.id ?? null,
    types: typesOf(credential),
    issuer: credential.payload.issuer,
    validUntil: credential.payload.validUntil ?? null,
    digest: sriOf(credential),
    address: base + path,
  }));
  return {
    [isBareHost ? '.well-known/did.json' : 'did.json']: json(didDocument(did, key, { base, hasChain: chain !== null })),
    ...(chain !== null && { [chainFile]: chain }),
    ...Object.fromEntries(placed.map(({ path, token }) => [path, `${token}\n`])),
    [presentationFile]: `${presentation}\n`,
    'index.json': json({ did, presentation: base + presentationFile, credentials: index }),
  };
}

/** Of the file that a credential's id names below the base; null: it lies elsewhere, or its name could lead elsewhere. */
export function pathOf({ payload }: Credential, base: string): string | null {
  const id = payload.id ?? '';
  const path = base !== '' && id.startsWith(base) ? id.slice(base.length) : '';
  return safePath.test(path) && ![chainFile, presentationFile, 'index.json', 'did.json'].includes(path) ? path : null;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export function typesOf({ payload }: Credential): readonly string[] {
  const stated = [payload.type, ...payload.credentialSubject.map((subject) => subject['type'])].flat();
  return [...new Set(stated.filter((type) => typeof type === 'string' && type !== 'VerifiableCredential'))] as string[];
}

/** The verification relationships that a credential needs, and where to find the rest. */
export function didDocument(did: string, { kid, jwk }: OwnKey, { base, hasChain }: { readonly base: string; readonly hasChain: boolean }): object {
  const published: Jwk = { ...jwk, kid, ...(hasChain && { x5u: base + chainFile }) };
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
    id: did,
    verificationMethod: [{ id: kid, type: 'JsonWebKey2020', controller: did, publicKeyJwk: published }],
    assertionMethod: [kid],
    authentication: [kid],
    service: [{ id: `${did}#presentation`, type: 'LinkedVerifiablePresentation', serviceEndpoint: base + presentationFile }],
  };
}

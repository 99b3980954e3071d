// Whose signature it is: the issuer, the key that its DID document or the configuration names, and the chain of that key.
import { certificatesIn, judgeChain } from './chain.ts';
import { look } from './check.ts';
import type { Look } from './check.ts';
import type { Credential, Presentation } from './credential.ts';
import { assertingKey, didWebAddress, didWebHost, readDidDocument } from './did.ts';
import { registryQuestion } from './evidence.ts';
import type { Evidence, Found } from './evidence.ts';
import { parseJson, isDocument, quoted } from './json.ts';
import type { CheckName, Policy, Result } from './policy.ts';
import { keyMismatch, verifySignature } from './pure-crypto.ts';
import type { Jwk } from './pure-crypto.ts';

type Signed = Credential | Presentation;

/** DID or URL of whoever signed: the issuer of a credential, the holder of a presentation. undefined: nobody is named. */
export const signerOf = ({ kind, header, payload }: Signed): string | undefined =>
  kind === 'credential' ? payload.issuer : (payload.holder ?? payload.issuer ?? header.iss ?? payload.iss);

export type Key = { readonly jwk: Jwk | null; readonly looks: readonly Look[] };

export function keyOf(signed: Signed, evidence: Evidence, { issuers }: Policy): Key {
  const { header, payload } = signed;
  const signer = signerOf(signed);
  if (signer === undefined) return keyless('issuer', 'it names neither holder nor issuer');
  const other = [header.iss, payload.iss].find((claimed) => claimed !== undefined && claimed !== signer);
  if (other !== undefined) return keyless('issuer', `the ${signed.kind === 'credential' ? 'issuer' : 'holder'} is ${signer}, but iss says ${other}`);
  const configured = issuers.find(({ id }) => id === signer)?.keys ?? [];
  if (configured.length > 0) return fromConfiguration(signed, signer, configured);
  const address = didWebAddress(signer);
  if (address === null) return keyless('issuer', `${signer} is neither did:web nor an issuer that the configuration gives a key for`);
  const known = look('issuer', 'passed', 'did:web, the same in header and payload');
  if (header.kid === undefined) return { jwk: null, looks: [known, look('key', 'failed', 'the header has no kid: it does not say which key signed')] };
  if (!header.kid.startsWith(`${signer}#`)) return { jwk: null, looks: [known, look('key', 'failed', `${header.kid} is not a key of ${signer}`)] };
  const found = fromDocument(header.kid, signer, { evidence, address });
  if (!('jwk' in found)) return { jwk: null, looks: [known, found] };
  const mismatch = keyMismatch(found.jwk, header.alg);
  if (mismatch !== null) return { jwk: null, looks: [known, look('key', 'failed', mismatch)] };
  return { jwk: found.jwk, looks: [known, look('key', 'passed', `assertionMethod of ${signer}, fetched ${found.fetchedAt}`)] };
}

const keyless = (name: CheckName, reason: string): Key => ({ jwk: null, looks: [look(name, 'failed', reason)] });

function fromConfiguration({ header }: Signed, signer: string, keys: readonly Jwk[]): Key {
  const known = look('issuer', 'passed', 'its key is configured');
  const names = (jwk: Jwk): boolean => jwk.kid !== undefined && (jwk.kid === header.kid || `${signer}#${jwk.kid}` === header.kid);
  const jwk = keys.find(names);
  if (jwk === undefined)
    return { jwk: null, looks: [known, look('key', 'failed', `the configuration has no key ${header.kid ?? 'without a name'} for ${signer}`)] };
  const mismatch = keyMismatch(jwk, header.alg);
  return mismatch === null
    ? { jwk, looks: [known, look('key', 'passed', 'the configured key')] }
    : { jwk: null, looks: [known, look('key', 'failed', mismatch)] };
}

type At = { readonly evidence: Evidence; readonly address: string };

/** As it was read the first time: every credential of an issuer asks for the same. */
const documents = new WeakMap<Found, ReturnType<typeof readDidDocument>>();

/** The key that a DID's document names, or why there is none. */
export function fromDocument(kid: string, did: string, { evidence, address }: At): { readonly jwk: Jwk; readonly fetchedAt: string } | Look {
  const found = evidence.get(address);
  if (found === undefined || 'failure' in found)
    return look('key', 'unknown', `the document of ${did} could not be fetched: ${found?.failure ?? 'it was not tried'}`);
  const read = documents.get(found) ?? readDidDocument(found.text);
  documents.set(found, read);
  if ('reason' in read) return look('key', 'failed', `the document of ${did} cannot be read: ${read.reason}`);
  if (read.document.id !== did) return look('key', 'failed', `the document of ${did} is of ${read.document.id}`);
  const key = assertingKey(read.document, kid);
  return 'flaw' in key ? look('key', 'failed', key.flaw) : { jwk: key.key, fetchedAt: found.fetchedAt };
}

export function signatureLook(signed: Signed, jwk: Jwk | null): Look {
  if (jwk === null) return look('signature', 'unknown', 'there is no key to check it with');
  const name = signed.header.kid ?? 'the key';
  return verifySignature(jwk, signed.header.alg, signed)
    ? look('signature', 'passed', `${signed.header.alg} by ${name}`)
    : look('signature', 'failed', `it is not the signature of ${name} over these bytes`);
}

/** `until`: when the first certificate on the path ends. */
export function chainLook(
  jwk: Jwk | null,
  signer: string,
  { evidence, policy, at }: { readonly evidence: Evidence; readonly policy: Policy; readonly at: number },
): {
  readonly look: Look;
  readonly until: string | null;
} {
  const answer = (result: Result, reason: string) => ({ look: look('chain', result, reason), until: null });
  if (jwk === null) return answer('unknown', 'there is no key to hold certificates against');
  const { x5c, x5u } = jwk;
  if (x5c === undefined && x5u === undefined) return answer('unknown', 'the key names no certificate chain (x5u or x5c)');
  const texts = x5c ?? fetchedChain(x5u ?? '', evidence);
  if ('name' in texts) return { look: texts, until: null };
  const registry = registryAnswer(texts, evidence, policy.registries);
  if (registry.result === 'failed') return answer('failed', registry.reason);
  const { anchors, certificatePolicies: policies } = policy;
  const host = policy.certificateHost === 'any' ? null : didWebHost(signer);
  const verdict = judgeChain(texts, jwk, { anchors, policies, host, isRegistered: registry.result === 'passed' }, at);
  const isOpen = registry.result === 'unknown' && verdict.result !== 'passed' && policy.registries.length > 0;
  const reason = verdict.path.length > 1 ? `${verdict.path.join(' ← ')}: ${verdict.reason}` : verdict.reason;
  // a registry that could not be asked might have known the root
  return { look: look('chain', isOpen ? 'unknown' : verdict.result, isOpen ? `${reason}; ${registry.reason}` : reason), until: verdict.until };
}

/** PEM of the chain, leaf first; a look where there is none. */
export function fetchedChain(x5u: string, evidence: Evidence): readonly string[] | Look {
  const found = evidence.get(x5u);
  if (found === undefined || 'failure' in found)
    return look('chain', 'unknown', `the chain at ${x5u} could not be fetched: ${found?.failure ?? 'it was not tried'}`);
  const certificates = certificatesIn(found.text);
  return 'reason' in certificates ? look('chain', 'failed', `${certificates.reason} at ${x5u}`) : certificates;
}

/** Any registry that knows the chain is enough; one that refuses it is told where none knows it. */
function registryAnswer(chain: readonly string[], evidence: Evidence, registries: readonly string[]): { readonly result: Result; readonly reason: string } {
  if (registries.length === 0) return { result: 'unknown', reason: 'no registry was asked' };
  const answers = registries.map((registry): { readonly result: Result; readonly reason: string } => {
    const found = evidence.get(registryQuestion(registry, chain));
    if (found === undefined || 'failure' in found)
      return { result: 'unknown', reason: `the registry ${registry} could not be asked: ${found?.failure ?? 'it was not tried'}` };
    const read = parseJson(found.text);
    const answer = 'value' in read && isDocument(read.value) ? read.value : {};
    if (answer['result'] === true) return { result: 'passed', reason: `the registry ${registry} knows the chain` };
    const why = quoted(answer['message'] ?? 'without a reason');
    const isRefusal = answer['result'] === false || answer['statusCode'] === 409 || answer['statusCode'] === 422;
    return isRefusal
      ? { result: 'failed', reason: `the registry ${registry} does not take the chain: ${why}` }
      : { result: 'unknown', reason: `the registry ${registry} answered something that is not known here` };
  });
  const inOrder = (['passed', 'failed', 'unknown'] as const).flatMap((result) => answers.filter((each) => each.result === result));
  return inOrder[0] ?? { result: 'unknown', reason: 'no registry was asked' };
}

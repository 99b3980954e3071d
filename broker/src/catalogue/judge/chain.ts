// A key's certificate chain, from its leaf to an anchor that is trusted (RFC 5280 §6, as far as Gaia-X' chains go).
import { basicConstraints, certificateParts, keyUsageHas, policyOids } from './der.ts';
import type { Extension } from './der.ts';
import { quoted } from './json.ts';
import { rawCertificate } from './pure-crypto.ts';
import type { Jwk, RawCertificate } from './pure-crypto.ts';

export const certificatesMax = 10;
const pemMax = 128 * 1024;

type Certificate = RawCertificate & { readonly algorithm: string; readonly extensions: readonly Extension[] };

export type ChainRules = {
  /** Certificates (PEM) that are trusted as they stand. */
  readonly anchors: readonly string[];
  /** Whether a registry answered for this chain. */
  readonly isRegistered: boolean;
  /** Object identifiers, one of which the leaf has to be issued under; none: any will do. */
  readonly policies: readonly string[];
  /** The leaf has to be for this host; null: for any. */
  readonly host: string | null;
};

export type ChainVerdict = {
  readonly result: 'passed' | 'failed' | 'unknown';
  readonly reason: string;
  /** Earliest end of a certificate on the path, RFC 3339; null: there is no path. */
  readonly until: string | null;
  /** Subjects, leaf first. */
  readonly path: readonly string[];
};

const refused = (reason: string): ChainVerdict => ({ result: 'failed', reason, until: null, path: [] });

/** PEM of a chain apart; a reason where it is none. */
export function certificatesIn(pem: string): readonly string[] | { readonly reason: string } {
  if (pem.length > pemMax) return { reason: `the chain is larger than ${pemMax} characters` };
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,20000}-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return { reason: 'there is no certificate (PEM) in it' };
  return blocks.length > certificatesMax ? { reason: `the chain has more than ${certificatesMax} certificates` } : blocks;
}

/** `texts`: leaf first, PEM or base64 of DER. `at`: milliseconds since 1970. */
export function judgeChain(texts: readonly string[], jwk: Jwk, rules: ChainRules, at: number): ChainVerdict {
  if (texts.length > certificatesMax) return refused(`the chain has more than ${certificatesMax} certificates`);
  const certificates = texts.map(certificateOf);
  const broken = certificates.indexOf(null);
  if (broken !== -1) return refused(`certificate ${broken + 1} of the chain cannot be read`);
  const chain = certificates.filter((each) => each !== null);
  const [leaf] = chain;
  if (leaf === undefined) return refused('the chain is empty');
  const flaw = leafFlaw(leaf, jwk, rules);
  if (flaw !== null) return refused(flaw);
  const anchors = rules.anchors.map(certificateOf).filter((each) => each !== null);
  return judgePath(leaf, { others: chain.slice(1), anchors, rules, at });
}

function certificateOf(text: string): Certificate | null {
  const raw = rawCertificate(text);
  const parts = raw === null ? null : certificateParts(raw.der);
  return raw === null || parts === null ? null : { ...raw, ...parts };
}

function leafFlaw(leaf: Certificate, jwk: Jwk, { policies, host }: ChainRules): string | null {
  if (!leaf.isFor(jwk)) return 'the first certificate of the chain is not for the key that signs';
  if (host !== null && !leaf.names(host)) return `the certificate is not for ${host}, where the issuer's DID lies`;
  const usage = extension(leaf, oids.keyUsage);
  if (usage !== undefined && !keyUsageHas(usage, 0) && !keyUsageHas(usage, 1)) return 'the key usage of the certificate leaves out signatures';
  const stated = policyOids(extension(leaf, oids.policies) ?? new Uint8Array());
  return policies.length > 0 && !policies.some((each) => stated.includes(each)) ? `the certificate is under none of the policies ${policies.join(', ')}` : null;
}

type Search = { readonly others: readonly Certificate[]; readonly anchors: readonly Certificate[]; readonly rules: ChainRules; readonly at: number };

/** Cross-signed authorities leave several ways up: one that holds is enough, else the flaw of the longest is told. */
function judgePath(leaf: Certificate, { others, anchors, rules, at }: Search): ChainVerdict {
  const isAnchor = ({ digest }: Certificate): boolean => anchors.some((anchor) => anchor.digest === digest);
  // a registry answers for the certificates that it was sent, all of them: which of two roots among them it knows it does not say
  const isRegistered = (path: readonly Certificate[]): boolean =>
    rules.isRegistered && others.every(({ digest }) => path.some((each) => each.digest === digest));
  let verdict: ChainVerdict = refused('the chain leads nowhere');
  let longest = 0;
  let looks = 0;
  const climb = (path: readonly Certificate[]): boolean => {
    looks += 1;
    const top = path.at(-1) ?? leaf;
    const found = (result: ChainVerdict['result'], reason: string): ChainVerdict => ({
      result,
      reason,
      until: new Date(Math.min(...path.map(({ until }) => until))).toISOString(),
      path: path.map(({ subject }) => commonName(subject)),
    });
    const flaw = pathFlaw(path, at);
    if (flaw !== null || looks > 200) {
      if (path.length > longest) [verdict, longest] = [refused(flaw ?? 'the chain has too many ways up'), path.length];
      return false;
    }
    const isRoot = top.issued(top);
    if (isAnchor(top) || (isRoot && isRegistered(path))) {
      const narrow = policyFlaw(path, rules.policies);
      if (narrow !== null) {
        if (path.length > longest) [verdict, longest] = [refused(narrow), path.length];
        return false;
      }
      verdict = found('passed', `${isAnchor(top) ? 'a configured trust anchor' : 'the registry'} answers for ${commonName(top.subject)}`);
      return true;
    }
    const above = [...anchors, ...others].filter((each) => !path.some(({ digest }) => digest === each.digest) && each.issued(top));
    if (above.length === 0 && path.length > longest) {
      const ends = isRoot
        ? `the chain ends in ${commonName(top.subject)}`
        : `the certificate of ${commonName(top.issuer)}, which issued ${commonName(top.subject)}, is missing`;
      const nobody = anchors.length === 0 && isRoot;
      verdict = nobody ? found('unknown', `${ends}, and no trust anchors are configured`) : refused(isRoot ? `${ends}, which is no trust anchor here` : ends);
      longest = path.length;
    }
    return above.some((each) => climb([...path, each]));
  };
  climb([leaf]);
  return verdict;
}

const anyPolicy = '2.5.29.32.0';

/** An authority cannot give what it was not given: between leaf and anchor, each has to hold the policy as well, or any (RFC 5280 §6.1; nothing is mapped). */
function policyFlaw([leaf, ...above]: readonly Certificate[], wanted: readonly string[]): string | null {
  const between = above.slice(0, -1);
  const statedBy = (certificate: Certificate): readonly string[] => policyOids(extension(certificate, oids.policies) ?? new Uint8Array());
  // how many certificates may follow first is not read: it is asked for at once
  const isExplicit = above.some((each) => extension(each, oids.policyConstraints) !== undefined);
  if ((wanted.length === 0 && !isExplicit) || leaf === undefined) return null;
  const held = statedBy(leaf).filter((policy) => wanted.length === 0 || wanted.includes(policy));
  if (held.length === 0) return 'an authority asks for a policy, and the certificate is under none';
  const narrowest = between.find((each) => !held.some((policy) => statedBy(each).some((stated) => stated === policy || stated === anyPolicy)));
  if (narrowest !== undefined) return `${commonName(narrowest.subject)} may not issue under ${held.join(', ')}`;
  const isHeld = held.some((policy) => between.every((each) => statedBy(each).some((stated) => stated === policy || stated === anyPolicy)));
  return isHeld ? null : `no policy of ${held.join(', ')} is held by every authority of the chain`;
}

const oids = {
  subjectNames: '2.5.29.17',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  policies: '2.5.29.32',
  policyConstraints: '2.5.29.36',
  purposes: '2.5.29.37',
};
const understood = new Set([...Object.values(oids), '2.5.29.14', '2.5.29.35', '2.5.29.31', '1.3.6.1.5.5.7.1.1']);

/** Constraints of names, mapped policies, `anyPolicy` inhibited: they bind whoever is below, also where an authority did not mark them as critical (RFC 5280 §4.2.1). */
const limits = new Set(['2.5.29.30', '2.5.29.33', '2.5.29.54']);

/** SHA-256 and better: RSA (PKCS #1, PSS), ECDSA, Ed25519, Ed448. PSS names its digest in its parameters, which OpenSSL holds to. */
const signatureAlgorithms = /^(1\.2\.840\.113549\.1\.1\.1[0-3]|1\.2\.840\.10045\.4\.3\.[2-4]|1\.3\.101\.11[23])$/;
const keyCertSign = 5;

const extension = ({ extensions }: Certificate, oid: string): Uint8Array | undefined => extensions.find((each) => each.oid === oid)?.value;

function extensionFlaw({ extensions }: Certificate, { name, isLeaf }: { readonly name: string; readonly isLeaf: boolean }): string | null {
  const stranger = extensions.find(({ oid, isCritical }) => isCritical && !understood.has(oid));
  if (stranger !== undefined) return `${name} has the critical extension ${stranger.oid}, which is not understood here`;
  const limit = isLeaf ? undefined : extensions.find(({ oid }) => limits.has(oid));
  if (limit !== undefined) return `${name} may issue within limits only (extension ${limit.oid}), which are not understood here`;
  return new Set(extensions.map(({ oid }) => oid)).size < extensions.length ? `${name} has an extension twice` : null;
}

/** Of the newest certificate on the path, as the one above all others. Dates last: what is wrong at any time is told first. */
function pathFlaw(path: readonly Certificate[], at: number): string | null {
  const top = path.at(-1);
  if (top === undefined) return 'the chain is empty';
  const name = commonName(top.subject);
  const flaw = extensionFlaw(top, { name, isLeaf: path.length === 1 });
  if (flaw !== null) return flaw;
  if (path.length > 1) {
    const { isAuthority, pathLengthMax } = basicConstraints(extension(top, oids.basicConstraints) ?? new Uint8Array());
    if (!isAuthority) return `${name} is not an authority, but issued ${commonName(path.at(-2)?.subject ?? '')}`;
    const usage = extension(top, oids.keyUsage);
    if (usage !== undefined && !keyUsageHas(usage, keyCertSign)) return `the key usage of ${name} leaves out signing certificates`;
    const below = path.slice(1, -1).filter(({ subject, issuer }) => subject !== issuer).length;
    if (pathLengthMax !== null && below > pathLengthMax) return `${name} allows ${pathLengthMax} authorities below it, and there are ${below}`;
  }
  if (!signatureAlgorithms.test(top.algorithm)) return `${name} is signed by an algorithm that is not taken (${top.algorithm})`;
  const weak = top.keyFlaw();
  if (weak !== null) return `the key of ${name} ${weak}`;
  if (!(at >= top.from)) return `${name} is valid from ${Number.isNaN(top.from) ? 'an unreadable time' : new Date(top.from).toISOString()} on`;
  return at <= top.until ? null : `${name} ended ${Number.isNaN(top.until) ? 'at an unreadable time' : new Date(top.until).toISOString()}`;
}

/** Its common name, else all of its name in one line. */
export const commonName = (subject: string): string => quoted(/(?:^|\n)CN=(.*)/.exec(subject)?.[1] ?? subject.replaceAll('\n', ', '));

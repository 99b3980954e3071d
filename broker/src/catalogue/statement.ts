// What was said, about what, by whom: the subjects of reliable credentials, each with the weight of its issuer's word.
import canonicalize from 'canonicalize';
import { isReliable } from './judge.ts';
import type { Judgement, Role, TrustedIssuer } from './judge.ts';
import { idOf, typesOf } from './node.ts';
import type { Node } from './node.ts';
import { sha256Hex } from './pure-crypto.ts';

export type Statement = {
  readonly node: Node;
  /** Id of the subject. */
  readonly about: string;
  readonly types: readonly string[];
  readonly issuer: string;
  readonly roles: readonly Role[];
  /** SHA-256 (hex) of the credential as received. */
  readonly digest: string;
  /** `sha256-…` over the canonical JSON (RFC 8785) of its payload: how Gaia-X labels name what they cover. */
  readonly sri: string;
  readonly validUntil: string | null;
};

export type Rejected = { readonly digest: string; readonly reason: string };

export function statementsOf(
  judgements: readonly Judgement[],
  issuers: readonly TrustedIssuer[],
): { readonly statements: readonly Statement[]; readonly rejected: readonly Rejected[] } {
  const distinct = [...new Map(judgements.map((judgement) => [judgement.digest, judgement])).values()].toSorted((left, right) =>
    left.digest < right.digest ? -1 : 1,
  );
  const rejected: Rejected[] = [];
  const statements: Statement[] = [];
  const newest = newestOf(distinct.filter(isReliable));
  for (const judgement of distinct) {
    const flaw = judgement.checks.find(({ result }) => result === 'failed') ?? judgement.checks.find(({ result }) => result === 'unknown');
    if (flaw !== undefined) rejected.push({ digest: judgement.digest, reason: `${flaw.name} ${flaw.result}: ${flaw.reason}` });
    else if (!newest.has(judgement.digest)) rejected.push({ digest: judgement.digest, reason: 'its issuer has issued a newer one under the same id' });
    else statements.push(...subjectsOf(judgement, issuers));
  }
  return { statements, rejected };
}

/** ICAM 25.11 §5.7.2: with the same id and issuer the newest issuance counts, the others are deprecated. */
function newestOf(judgements: readonly Judgement[]): ReadonlySet<string> {
  const newest = new Map<string, Judgement>();
  for (const judgement of judgements) {
    const { id = '', issuer = '' } = judgement.credential?.payload ?? {};
    const key = JSON.stringify([issuer, id]);
    const other = newest.get(key);
    if (other === undefined || issuedAt(judgement) >= issuedAt(other)) newest.set(key, judgement);
  }
  return new Set([...newest.values()].map(({ digest }) => digest));
}

const issuedAt = ({ credential }: Judgement): number => Date.parse(credential?.payload.validFrom ?? '');

function subjectsOf({ credential, digest, validUntil }: Judgement, issuers: readonly TrustedIssuer[]): Statement[] {
  if (credential === null) return [];
  const { issuer, credentialSubject, type } = credential.payload;
  const roles = issuers.find(({ id }) => id === issuer)?.roles ?? [];
  const sri = `sha256-${sha256Hex(canonicalize(credential.document) ?? '')}`;
  return credentialSubject.flatMap((node) => {
    const about = idOf(node);
    const own = typesOf(node);
    const types = own.length > 0 ? own : type.flatMap((each) => each.split(',')).filter((each) => each !== 'VerifiableCredential');
    return about === undefined ? [] : [{ node, about, types, issuer, roles, digest, sri, validUntil }];
  });
}

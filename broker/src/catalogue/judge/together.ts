// What credentials say of each other: that one was issued anew, and that a label is for this very offering.
import { checked, look } from './check.ts';
import type { Look } from './check.ts';
import type { Credential } from './credential.ts';
import { isAuthentic, isReliable } from './judge.ts';
import type { Judgement } from './judge.ts';
import { idOf, nodesOf, valuesOf } from '../node.ts';
import type { Policy } from './policy.ts';
import { sriOf } from './sri.ts';
import { issuedAt } from './validity.ts';

/** The same judgements with the checks `reissue` and, of labels, `binding`. One for each digest, in the order of their digests. */
export function judgeTogether(judgements: readonly Judgement[], policy: Policy): Judgement[] {
  const distinct = [...new Map(judgements.map((judgement) => [judgement.digest, judgement])).values()].toSorted((left, right) =>
    left.digest < right.digest ? -1 : 1,
  );
  const newest = newestOf(distinct);
  const issued = distinct.map((judgement): Judgement => withLook(judgement, reissueLook(judgement, newest), policy));
  const held = sriById(issued);
  return issued.map((judgement) => withLook(judgement, bindingLook(judgement, held), policy));
}

const withLook = (judgement: Judgement, found: Look | null, policy: Policy): Judgement =>
  found === null ? judgement : { ...judgement, checks: [...judgement.checks, checked(found, policy)] };

const idOfCredential = ({ payload }: Credential): string => payload.id ?? idOf(payload) ?? '';

/**
 * ICAM 25.11 §5.7.2: with the same id and issuer the newest issuance counts, the others are deprecated. Also where the newest was revoked or has ended: an
 * issuer that took its word back does not fall back on an older one. What is not valid yet takes nothing's place.
 */
function newestOf(judgements: readonly Judgement[]): ReadonlyMap<string, Judgement> {
  const newest = new Map<string, Judgement>();
  for (const judgement of judgements) {
    if (!isAuthentic(judgement) || judgement.checks.some(({ finding }) => finding === 'early')) continue;
    const key = keyOf(judgement);
    const other = newest.get(key);
    if (other === undefined || startOf(judgement) >= startOf(other)) newest.set(key, judgement);
  }
  return newest;
}

const keyOf = ({ credential }: Judgement): string => (credential === null ? '' : JSON.stringify([credential.payload.issuer, idOfCredential(credential)]));
const startOf = ({ credential }: Judgement): number => (credential === null ? 0 : (issuedAt(credential) ?? 0));

function reissueLook(judgement: Judgement, newest: ReadonlyMap<string, Judgement>): Look | null {
  if (judgement.credential === null) return null;
  const other = newest.get(keyOf(judgement));
  if (other === undefined || other.digest === judgement.digest || !isAuthentic(judgement) || idOfCredential(judgement.credential) === '')
    return look('reissue', 'passed', 'no newer one is known');
  if (judgement.checks.some(({ finding }) => finding === 'early')) return look('reissue', 'passed', 'it is the newer one');
  return look('reissue', 'failed', `its issuer has issued a newer one under the same id: ${other.digest}`, 'deprecated');
}

/** Credentials that count, by their ids. */
function sriById(judgements: readonly Judgement[]): ReadonlyMap<string, ReadonlySet<string>> {
  const held = new Map<string, Set<string>>();
  for (const judgement of judgements) {
    if (judgement.credential === null || !isReliable(judgement)) continue;
    const id = idOfCredential(judgement.credential);
    const known = held.get(id) ?? new Set<string>();
    held.set(id, known.add(sriOf(judgement.credential)));
  }
  return held;
}

function bindingLook({ credential }: Judgement, held: ReadonlyMap<string, ReadonlySet<string>>): Look | null {
  const named = (credential?.payload.credentialSubject ?? []).flatMap((node) => nodesOf(node, 'gx', 'compliantCredentials'));
  if (named.length === 0) return null;
  const known = named.flatMap((each) => {
    const id = idOf(each) ?? '';
    const digests = held.get(id);
    return digests === undefined ? [] : [{ id, isSame: valuesOf(each, 'cred', 'digestSRI').some((digest) => digests.has(String(digest))) }];
  });
  if (known.length === 0) return look('binding', 'unknown', `none of the ${named.length} credentials that it names is here`);
  const bound = known.filter(({ isSame }) => isSame);
  const changed = known.filter(({ isSame }) => !isSame).map(({ id }) => id);
  if (bound.length === 0) return look('binding', 'failed', `it is for another version of ${changed.join(', ')}: the digest differs`);
  const but = changed.length === 0 ? '' : `, but not of ${changed.join(', ')}, which differ`;
  return look('binding', 'passed', `it names the digest of ${bound.map(({ id }) => id).join(', ')}${but}`);
}

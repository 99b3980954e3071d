// What was said, about what, by whom: the subjects of reliable credentials, each with the weight of its issuer's word.
import { decisive, isOpenable, isReliable } from './judge/judge.ts';
import type { Judgement } from './judge/judge.ts';
import { idOf, typesOf } from './node.ts';
import type { Node } from './node.ts';
import type { Policy, Role } from './judge/policy.ts';
import { sriOf } from './judge/sri.ts';
import { judgeTogether } from './judge/together.ts';

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

export type Judged = { readonly statements: readonly Statement[]; readonly rejected: readonly Rejected[]; readonly judgements: readonly Judgement[] };

export function statementsOf(judgements: readonly Judgement[], policy: Policy): Judged {
  const together = judgeTogether(judgements.flatMap(opened), policy);
  const rejected = together.flatMap((judgement): Rejected[] => {
    const flaw = decisive(judgement);
    return flaw === undefined || isOpenable(judgement) ? [] : [{ digest: judgement.digest, reason: `${flaw.name} ${flaw.result}: ${flaw.reason}` }];
  });
  const statements = together.filter(isReliable).flatMap((judgement) => subjectsOf(judgement, policy));
  return { statements, rejected, judgements: together };
}

/** What a presentation holds stands for itself, and counts where the presentation is what its holder signed. */
const opened = (judgement: Judgement): readonly Judgement[] => (isOpenable(judgement) ? [judgement, ...judgement.contents] : [judgement]);

function subjectsOf({ credential, digest, validUntil }: Judgement, { issuers }: Policy): Statement[] {
  if (credential === null) return [];
  const { issuer, credentialSubject, type } = credential.payload;
  const roles = issuers.find(({ id }) => id === issuer)?.roles ?? [];
  const sri = sriOf(credential);
  return credentialSubject.flatMap((node) => {
    const about = idOf(node);
    const own = typesOf(node);
    const types = own.length > 0 ? own : type.flatMap((each) => each.split(',')).filter((each) => each !== 'VerifiableCredential');
    return about === undefined ? [] : [{ node, about, types, issuer, roles, digest, sri, validUntil }];
  });
}

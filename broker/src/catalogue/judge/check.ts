// One thing that was looked at, with what was found in words that its issuer or holder can act on.
import { quoted } from './json.ts';
import { blocks } from './policy.ts';
import type { CheckName, Policy, Result } from './policy.ts';

/** What a check found besides passing or not. */
export type Finding = 'expired' | 'early' | 'revoked' | 'suspended' | 'deprecated';

export type Check = {
  readonly name: CheckName;
  /** `unknown`: it could not be found out, which is not the same as failed, and not a pass either. */
  readonly result: Result;
  readonly reason: string;
  /** Whether the policy does not let the credential be relied on for this. */
  readonly blocks: boolean;
  readonly finding?: Finding;
};

/** A check before a policy was asked about it. */
export type Look = Omit<Check, 'blocks'>;

export const look = (name: CheckName, result: Result, reason: string, finding?: Finding): Look => ({
  name,
  result,
  reason: quoted(reason, 1000),
  ...(finding !== undefined && { finding }),
});

export const checked = (each: Look, policy: Pick<Policy, 'requires'>): Check => ({ ...each, blocks: blocks(each.name, each.result, policy) });

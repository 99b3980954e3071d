// What became of credentials, and what runs on those that lapsed.
import { z } from 'zod';
import { label, operationId, rfc3339 } from './base.ts';
import { credentialDigest } from './credential.ts';
import { reactionStates } from './reaction.ts';

export const lifecycleState = z.enum(['active', 'expiring', 'suspended', 'expired', 'revoked', 'deprecated', 'unverifiable', 'refused', 'gone']).meta({
  id: 'LifecycleState',
  description:
    'Of a credential that was believed. expiring: it ends soon. revoked: by its issuer, or the key, registry or configuration behind it no longer stands for it. deprecated: its issuer issued a newer one. unverifiable: too little could be found out. refused: it is not believed. gone: no source gives it any more.',
});

export const credentialPast = z
  .object({ at: rfc3339, from: lifecycleState, state: lifecycleState, why: z.string().nullable().describe('The check that decided.') })
  .meta({ id: 'CredentialPast' });

export const impactQuery = z.object({
  credential: credentialDigest.optional().describe('Everything that rests on it, also where nothing is the matter with it.'),
  provider: label.optional().describe('Only what runs on this cluster.'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

export const impact = z
  .object({
    application: label,
    provider: label.describe('Our name of the cluster on which it runs.'),
    criterion: z.string().describe('Of the application, that the credential satisfied.'),
    credential: z.string().describe('SHA-256 (hex): the newest of its line that is known.'),
    state: lifecycleState,
    since: rfc3339.nullable(),
    until: rfc3339.nullable(),
    why: z.string().nullable(),
    holds: z.boolean().describe('Whether the criterion is satisfied now.'),
    found: z.string().describe('What is known now.'),
    plan: z
      .object({
        word: z.enum(['act', 'ask', 'forbid', 'warn']).describe('What its policy says of proofs; ask where it says nothing.'),
        state: z.enum(reactionStates).nullable().describe('What came of it so far; null: nothing was seen yet, or the criterion still holds.'),
        operation: operationId.nullable().describe('The plan that was made.'),
      })
      .describe('warn: told. forbid: nothing new goes there. ask: it moves when a person approves. act: it moves.'),
  })
  .meta({ id: 'Impact' });

export type Impact = z.infer<typeof impact>;
export type CredentialPast = z.infer<typeof credentialPast>;

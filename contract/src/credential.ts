// Credentials one by one: what they are, and every check of their judgement.
import { z } from 'zod';
import { jsonObject, list, rfc3339 } from './base.ts';

export const credentialState = z
  .enum(['active', 'expired', 'revoked', 'suspended', 'deprecated', 'unverifiable', 'refused'])
  .meta({ id: 'CredentialState', description: 'unverifiable: too little could be found out. refused: it says or proves something wrong.' });

export const credentialCheck = z
  .object({
    name: z.string(),
    result: z.enum(['passed', 'failed', 'unknown']).describe('unknown: it could not be found out, which is neither.'),
    reason: z.string(),
    blocks: z.boolean().describe('Whether the policy of this broker does not let the credential be relied on for this.'),
    finding: z.enum(['expired', 'early', 'revoked', 'suspended', 'deprecated']).exactOptional(),
  })
  .meta({ id: 'CredentialCheck' });

const summary = {
  digest: z.string().describe('SHA-256 (hex) of the credential as received.'),
  kind: z.enum(['credential', 'presentation']),
  types: list(z.string()).describe('Of it and of its subjects.'),
  id: z.string().nullable(),
  issuer: z.string().nullable(),
  source: z.string().describe('The file or address it came from.'),
  state: credentialState,
  reason: z.string().nullable().describe('The check that decides; null: it is relied on.'),
  validUntil: rfc3339.nullable().describe('The earliest end of anything it rests on.'),
  receivedAt: rfc3339,
};

/** Of lists: told from what became of it. */
const listedState = z.enum([...credentialState.options, 'expiring']).describe('As it was at the last look at it. expiring: active, and it ends soon.');

export const credential = z
  .object({ ...summary, state: listedState, reason: z.string().nullable().describe('Why it is in that state; null: nothing is the matter with it.') })
  .meta({ id: 'Credential' });

const states = z.union([listedState, z.array(listedState).max(20)]).transform((given) => (typeof given === 'string' ? [given] : given));

export const credentialsQuery = z.object({
  state: states.optional().describe('Only those in any of these states; can be repeated.'),
  type: z.string().min(1).max(500).optional().describe('Only those that have this type, or a subject of this type: gx:LabelCredential, LabelCredential.'),
  issuer: z.string().min(1).max(1000).optional(),
  source: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('Only those that this source gave, as the configuration names it, or that came from a file or an address that begins so.'),
  after: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be what the page before it answered as next')
    .optional()
    .describe('Read on behind this one: `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const credentials = z
  .object({ items: list(credential), next: z.string().nullable().describe('What to ask behind (after) for the next page; null: there is none.') })
  .meta({ id: 'Credentials' });

export const provenance = z
  .object({
    issuer: z.string(),
    document: z.string().nullable().describe('Where its key was looked up; null: it is configured.'),
    key: z.object({ id: z.string().nullable(), kind: z.string(), algorithm: z.string() }).nullable(),
    chain: z.string().nullable().describe('Where the certificates were fetched; null: they stand in the key, or there are none.'),
    certificates: list(
      z.object({ subject: z.string(), issuer: z.string(), from: rfc3339.nullable(), until: rfc3339.nullable(), isAnchor: z.boolean() }),
    ).describe('Leaf first, up to an anchor of the configuration where one issued the last.'),
  })
  .meta({ id: 'Provenance', description: 'Whose word it is: issuer, key, certificates, anchor. What each is worth stands in the checks.' });

export const credentialDetail = z
  .object({
    ...summary,
    judgedAt: rfc3339.describe('The time that its validity was held against.'),
    checks: list(credentialCheck),
    provenance: provenance.nullable(),
    evidence: list(
      z.union([z.object({ address: z.string(), digest: z.string(), fetchedAt: rfc3339 }), z.object({ address: z.string(), failure: z.string() })]),
    ).describe('What was fetched to judge it; the bytes are kept by their digest.'),
    changes: list(rfc3339).describe('When what it rests on changed, newest first.'),
    givenBy: list(z.object({ source: z.string(), id: z.string(), since: rfc3339, isNow: z.boolean() })).describe(
      'Every source that gave it, as the configuration names it, with what it calls it; the first first. Empty: it only stands inside of others.',
    ),
    received: z.string().describe('The credential itself, as received.'),
  })
  .meta({ id: 'CredentialDetail' });

export const credentialDigest = z
  .string()
  .regex(/^[0-9a-f]{6,64}$/, 'must be a digest as `hanse credential list` shows it, or at least its first six characters');

export const credentialQuery = z.object({
  replay: z
    .union([z.literal(''), z.literal('true'), z.iso.datetime({ offset: true })])
    .optional()
    .describe('Judge it as at this time, on the evidence and under the policy of then; true: when what it rests on last changed.'),
});

export const vocabulary = z
  .object({
    context: jsonObject.describe('The JSON-LD context of https://hanse.dev/ns#'),
    shapes: z.string().describe('Its SHACL shapes, as Turtle'),
    facts: list(
      z.object({
        name: z.string(),
        group: z.enum(['locality', 'technical', 'compliance']),
        type: z.enum(['text', 'country', 'number', 'boolean', 'version', 'label', 'position']),
        unit: z.string().exactOptional(),
        title: z.string(),
      }),
    ).describe('Everything that a criterion can name.'),
    schemes: list(z.object({ fact: z.string(), title: z.string(), names: list(z.string()) })).describe('Compliance schemes, and how attestations name them.'),
  })
  .meta({ id: 'Vocabulary' });

export type Credential = z.infer<typeof credential>;
export type CredentialPage = z.infer<typeof credentials>;
export type CredentialsQuery = z.infer<typeof credentialsQuery>;
export type Provenance = z.infer<typeof provenance>;
export type CredentialDetail = z.infer<typeof credentialDetail>;

// Where credentials come from, how far each source was read, and what others may read of ours.
import { z } from 'zod';
import { list, rfc3339 } from './base.ts';

export const source = z
  .object({
    name: z.string().describe('As the configuration has it: a folder, an address, or kind and address of a service.'),
    kind: z.enum(['folder', 'address', 'ces', 'xfsc', 'did', 'hanse']),
    cursor: z.string().nullable().describe('How far it was read, as its kind writes it.'),
    held: z.number().int().describe('Credentials that it stands for now.'),
    received: z.number().int(),
    refused: z.number().int().describe('At the door: what was no credential, or not what was announced.'),
    removed: z.number().int(),
    triedAt: rfc3339.nullable(),
    succeededAt: rfc3339.nullable(),
    againAt: rfc3339.nullable(),
    failure: z.string().nullable().describe('Why it could not be read the last time.'),
    limited: z.object({ at: rfc3339, until: rfc3339, reason: z.string() }).nullable().describe('It lies or floods, and is left alone until then.'),
    reasons: list(z.object({ id: z.string(), reason: z.string(), at: rfc3339 })).describe('Of what was refused, newest first.'),
  })
  .meta({ id: 'Source' });

export const catalogueChangesQuery = z.object({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const catalogueChanges = z
  .object({
    catalogue: z.uuid().describe('Another one: the sequence is another, to be read from the beginning.'),
    items: list(
      z.union([
        z.object({ seq: z.number().int(), digest: z.string().describe('SHA-256 (hex).'), credential: z.string().describe('As received.') }),
        z.object({ seq: z.number().int(), digest: z.string(), removed: z.literal(true) }),
      ]),
    ),
    next: z.number().int().describe('To ask behind.'),
    more: z.boolean(),
  })
  .meta({ id: 'CatalogueChanges' });

export type SourceOfCredentials = z.infer<typeof source>;
export type CatalogueChanges = z.infer<typeof catalogueChanges>;

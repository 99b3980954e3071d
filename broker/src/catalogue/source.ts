// What the configuration names as a source of credentials: a folder or an address, or a service that is read bit by bit.
import { z } from 'zod';
import { didWebAddress } from './judge/did.ts';

const harvestKinds = ['ces', 'xfsc', 'did', 'hanse'] as const;
export type HarvestKind = (typeof harvestKinds)[number];

/** `at`: base address of the service, or the DID. `tokenFile`: has the token that the service asks for; read when it is used, never kept. */
export type HarvestSource = { readonly kind: HarvestKind; readonly at: string; readonly tokenFile?: string };

/** A text: a folder, or an https address. */
export type Source = string | HarvestSource;

/** How it is called in tables, reasons and on the command line. */
export const nameOf = (source: Source): string => (typeof source === 'string' ? source : `${source.kind} ${source.at}`);

export const kindOf = (source: Source): HarvestKind | 'folder' | 'address' =>
  typeof source === 'string' ? (source.includes('://') ? 'address' : 'folder') : source.kind;

/** It stands in an index of the database. */
const address = z
  .string()
  .regex(/^https:\/\/[^\s?#@]+$/, 'must begin with https:// and have no query')
  .max(500)
  .transform((text) => text.replace(/\/+$/, ''));
const service = z
  .strictObject({
    ces: address.exactOptional(),
    xfsc: address.exactOptional(),
    hanse: address.exactOptional(),
    did: z
      .string()
      .max(500)
      .refine((text) => didWebAddress(text) !== null, 'must be did:web')
      .exactOptional(),
    tokenFile: z.string().startsWith('/', 'must be an absolute path').max(4096).exactOptional(),
  })
  .transform(({ tokenFile, ...named }, context): HarvestSource => {
    const given = harvestKinds.flatMap((kind) => (named[kind] === undefined ? [] : [{ kind, at: named[kind] }]));
    const [one] = given;
    if (one !== undefined && given.length === 1) return { ...one, ...(tokenFile !== undefined && { tokenFile }) };
    context.addIssue({ code: 'custom', message: `must be a folder, an https address, or exactly one of ${harvestKinds.join(', ')}` });
    return z.NEVER;
  });
const place = z.string().min(1).max(4096);

/** As the configuration has it. Each of the two forms says for itself what is wrong with it. */
export const sourceSetting = z.unknown().transform((given, context): Source => {
  const read = (typeof given === 'string' ? place : service).safeParse(given);
  if (read.success) return read.data;
  for (const issue of read.error.issues) context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path] });
  return z.NEVER;
});

// Rows of operations and journals, parsed before they are trusted.
import { z } from 'zod';
import { entry, plan } from '../../../../contract/src/index.ts';
import { errorTable } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import type { Entry } from '../journal.ts';
import type { Plan } from '../plan.ts';

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);

/** A code that a later version wrote is a defect to this one, its message stays. */
const codeOf = (code: string): ErrorCode => (isErrorCode(code) ? code : 'INTERNAL');

export const parsePlan = (document: unknown): Plan => plan.parse(document);

export function parseEntry(document: unknown): Entry {
  const { failure, ...rest } = entry.parse(document);
  return failure ? { ...rest, failure: { ...failure, code: codeOf(failure.code) } } : rest;
}

export const claimedRow = z.object({
  id: z.string(),
  owner: z.string(),
  plan: z.unknown(),
  fence: z.number(),
  cursor: z.number(),
  cancel_requested: z.boolean(),
  paused: z.boolean(),
});

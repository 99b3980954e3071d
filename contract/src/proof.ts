// Policies, receipts and the audit log.
import { z } from 'zod';
import { json, label, list, operationId, rfc3339 } from './base.ts';

export const policy = z.object({ name: label, record: json, updatedAt: rfc3339 }).meta({ id: 'Policy' });
export const putPolicy = z
  .strictObject({ text: z.string().min(1).max(262_144).describe('The policy file as it stands, YAML or JSON.') })
  .meta({ id: 'PutPolicy' });

export const putPolicyQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('Only read it and answer how it would be kept; nothing is stored.'),
});

export const receiptId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'must be a receipt id as `hanse get receipts` shows it');
export const receipt = z.object({ id: receiptId, operation: operationId, application: z.string(), at: rfc3339 }).meta({ id: 'Receipt' });
export const receiptDetail = receipt.extend({ body: json, jws: z.string() }).meta({ id: 'ReceiptDetail' });

export const auditQuery = z.object({
  head: z.string().max(4096).optional().describe('A head that was kept elsewhere: SEQ:HASH. The log must still contain it.'),
});
export const auditVerdict = z
  .object({
    valid: z.boolean(),
    events: z.number().describe('How many were read.'),
    head: z.object({ seq: z.number(), hash: z.string() }).nullable(),
    faults: list(z.object({ seq: z.number().nullable(), message: z.string() })),
  })
  .meta({ id: 'AuditVerdict' });

export type Policy = z.infer<typeof policy>;
export type Receipt = z.infer<typeof receipt>;
export type ReceiptDetail = z.infer<typeof receiptDetail>;
export type AuditVerdict = z.infer<typeof auditVerdict>;

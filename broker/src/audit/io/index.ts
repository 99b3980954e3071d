export { createHeadSigner, readHeadsFile } from './heads.ts';
export { appendAudit, verifyAudit } from './log.ts';
export { loadSigningKey } from './signingKey.ts';
export type { SigningKey } from './signingKey.ts';
export { createReceipts } from './receipts.ts';
export type { Placed } from './receipts.ts';

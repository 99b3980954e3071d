export { createHeadSigner, headsFile, readHeadsFile } from './heads.ts';
export type { HeadSigner } from './heads.ts';
export { appendAudit, lastLink, readAudit, verifyAudit } from './log.ts';
export { loadSigningKey } from './signingKey.ts';
export type { SigningKey } from './signingKey.ts';
export { createReceipts } from './receipts.ts';
export type { Issued, Placed, Receipts } from './receipts.ts';

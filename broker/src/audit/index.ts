// The public face of this capability's pure part; effects are behind io/index.ts.
export { verifyReceipt, redact } from './receipt.ts';
export type { ReceiptVerdict } from './receipt.ts';
export type { ReceiptBody } from './receiptBody.ts';
export { parseLink } from './head.ts';
export type { Link } from './chain.ts';

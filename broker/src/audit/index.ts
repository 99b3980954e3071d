// The public face of this capability's pure part; effects are behind io/index.ts.
export { verifyReceipt } from './receipt.ts';
export type { ReceiptBody, ReceiptVerdict } from './receipt.ts';

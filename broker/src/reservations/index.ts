export { decide, freeIn } from './ledger.ts';
export type { Amount, Answer, Booking, Ledger, Request } from './ledger.ts';

// Why a document is not turned into statements: it breaks a rule of JSON-LD 1.1, or it uses what is not read here, which is never guessed.
export type Refusal = { readonly kind: 'broken' | 'unread'; readonly reason: string };

/** Thrown and caught within this folder only. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(kind: Refusal['kind'], reason: string) {
    super(reason);
    this.refusal = { kind, reason };
  }
}
export const broken = (reason: string): Refused => new Refused('broken', reason);
export const unread = (reason: string): Refused => new Refused('unread', reason);

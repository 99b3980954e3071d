export { publicJwk } from './credential.ts';
export { isReliable, judge, roles } from './judge.ts';
export type { Check, DidEvidence, Evidence, Judgement, Role, TrustedIssuer } from './judge.ts';
export { assurances } from './offering.ts';
export type { Assurance, Fact, FactGroup, Offering } from './offering.ts';
export { offeringsOf } from './offerings.ts';
export type { Catalogued } from './offerings.ts';
export { factTable, labels } from './vocabulary.ts';
export type { FactMeaning, FactType } from './vocabulary.ts';

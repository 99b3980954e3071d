export { assurances } from './offering.ts';
export type { Assurance, Fact, FactGroup, Offering } from './offering.ts';
export { factTable, labels } from './vocabulary.ts';
export type { FactMeaning, FactType } from './vocabulary.ts';

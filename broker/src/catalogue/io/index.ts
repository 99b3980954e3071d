export { createCatalogue } from './catalogue.ts';
export type { Catalogue, CatalogueConfig } from './catalogue.ts';
export { fetchText, refused } from './fetchText.ts';
export type { FetchRules } from './fetchText.ts';
export { createEvidenceGatherer } from './gatherEvidence.ts';

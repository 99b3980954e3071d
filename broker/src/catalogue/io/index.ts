export { createCatalogue } from './catalogue.ts';
export type { Catalogue, CatalogueConfig } from './catalogue.ts';
export { fetchText, refused } from './fetchText.ts';
export type { Broker } from './folders.ts';
export type { FetchRules } from './fetchText.ts';
export { startHarvesting } from './harvest/loop.ts';
export type { Harvester } from './harvest/harvester.ts';
export { createSharing } from './sharing.ts';
export { createEvidenceGatherer } from './gatherEvidence.ts';

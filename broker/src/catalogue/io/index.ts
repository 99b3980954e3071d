export { createCatalogue } from './catalogue.ts';
export type { Catalogue, CatalogueConfig } from './catalogue.ts';

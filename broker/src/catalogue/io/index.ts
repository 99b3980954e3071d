export { createCatalogue } from './catalogue.ts';
export type { Catalogue, CatalogueConfig, CatalogueView } from './catalogue.ts';

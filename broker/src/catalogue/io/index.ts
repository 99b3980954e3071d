export { createCatalogue } from './catalogue.ts';
export type { Catalogue } from './catalogue.ts';

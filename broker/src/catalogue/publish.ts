// Our words as a document: the JSON-LD context of `https://hanse.dev/ns#` with its shapes, every fact that a criterion can name, and every scheme.
import { ownShapes } from './ownShapes.ts';
import { schemes } from './schemes.ts';
import { clusterTerms, factTable, hanseNamespace } from './vocabulary.ts';
import type { FactMeaning } from './vocabulary.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema#';

/** What a term of `clusterTerms` is written as, by the type of its fact. */
const datatypes: Readonly<Record<FactMeaning['type'], string | null>> = {
  number: `${xsd}decimal`,
  boolean: `${xsd}boolean`,
  text: null,
  country: null,
  version: null,
  label: null,
  position: null,
};

const links = ['forOffering', 'hostedOn', 'providedBy', 'certifies'];
const words = ['FederableCluster', 'Certification', 'liqoClusterId', 'scheme', 'podRange', 'serviceRange'];

export type PublishedVocabulary = {
  readonly context: Readonly<Record<string, unknown>>;
  /** Turtle. */
  readonly shapes: string;
  readonly facts: readonly (FactMeaning & { readonly name: string })[];
  readonly schemes: readonly { readonly fact: string; readonly title: string; readonly names: readonly string[] }[];
};

export function publishedVocabulary(): PublishedVocabulary {
  const typed = clusterTerms.map(([term, fact]): readonly [string, object] => {
    const datatype = datatypes[factTable[fact]?.type ?? 'text'];
    return [`hanse:${term}`, { '@id': hanseNamespace + term, ...(datatype !== null && { '@type': datatype }) }];
  });
  const context = {
    '@version': 1.1,
    hanse: hanseNamespace,
    ...Object.fromEntries(words.map((word) => [`hanse:${word}`, { '@id': hanseNamespace + word }])),
    ...Object.fromEntries(links.map((term) => [`hanse:${term}`, { '@id': hanseNamespace + term, '@type': '@id' }])),
    ...Object.fromEntries(typed),
  };
  return {
    context: { '@context': context },
    shapes: ownShapes,
    facts: Object.entries(factTable).map(([name, meaning]) => ({ name, ...meaning })),
    schemes: schemes.map(({ fact, title, names }) => ({ fact, title, names })),
  };
}

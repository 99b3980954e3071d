// Reading compacted JSON-LD by the few vocabularies that are known, whatever way a term is spelt. The judge has checked that no prefix means anything else.
import { hanseNamespace } from './vocabulary.ts';

export type Node = { readonly [key: string]: unknown };
type Vocabulary = 'gx' | 'hanse' | 'schema' | 'vcard' | 'cred' | 'qudt' | 'dcterms';

const namespaces: Readonly<Record<Vocabulary, RegExp>> = {
  // the default vocabulary of the Gaia-X context: its terms may stand without a prefix
  gx: /^(?:gx:|https:\/\/w3id\.org\/gaia-x\/[a-z0-9]+#)?(?!.*[:/#])/,
  hanse: new RegExp(`^(?:hanse:|${hanseNamespace})`),
  schema: /^(?:schema:|https?:\/\/schema\.org\/)/,
  vcard: /^(?:vcard:|http:\/\/www\.w3\.org\/2006\/vcard\/ns#)/,
  qudt: /^(?:qudt:|https?:\/\/qudt\.org\/schema\/qudt\/)/,
  dcterms: /^(?:dcterms:|http:\/\/purl\.org\/dc\/terms\/)/,
  cred: /^(?:cred:|gx:|https:\/\/www\.w3\.org\/2018\/credentials#)/,
};

const isTerm = (key: string, vocabulary: Vocabulary, term: string): boolean => key.endsWith(term) && key.replace(namespaces[vocabulary], '') === term;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

/** All values of a property: literals out of their `@value`, nodes as they are. */
export function valuesOf(node: Node, vocabulary: Vocabulary, term: string): readonly unknown[] {
  return Object.entries(node)
    .filter(([key]) => isTerm(key, vocabulary, term))
    .flatMap(([, value]) => listOf(value))
    .map((value) => (isNode(value) && '@value' in value ? value['@value'] : value));
}

export const nodesOf = (node: Node, vocabulary: Vocabulary, term: string): readonly Node[] => valuesOf(node, vocabulary, term).filter(isNode);

/** Ids that a property refers to, written as a node with an id or as the id itself. */
export const idsOf = (node: Node, vocabulary: Vocabulary, term: string): readonly string[] =>
  valuesOf(node, vocabulary, term)
    .map((value) => (isNode(value) ? idOf(value) : value))
    .filter((id) => typeof id === 'string');

export const idOf = (node: Node): string | undefined => [node['id'], node['@id']].find((id) => typeof id === 'string');

/** Notaries join several types by commas. A subject without a type has that of its credential. */
export const hasType = (types: readonly string[], vocabulary: Vocabulary, wanted: RegExp): boolean =>
  types.some((type) => namespaces[vocabulary].test(type) && wanted.test(type.replace(namespaces[vocabulary], '')));

export const typesOf = (node: Node): readonly string[] =>
  [...listOf(node['type']), ...listOf(node['@type'])].flatMap((type) => (typeof type === 'string' ? type.split(',').map((each) => each.trim()) : []));

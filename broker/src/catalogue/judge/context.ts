// Terms are read by their prefix, so a prefix may only mean what everyone means by it, wherever in the document it is given its meaning.
import { look } from './check.ts';
import type { Look } from './check.ts';
import type { Policy } from './policy.ts';
import { isDocument, listOf, quoted } from './json.ts';

const knownContexts = [/^https:\/\/www\.w3\.org\/ns\/credentials\/v2$/, /^https:\/\/w3id\.org\/gaia-x\/[a-z0-9]+#?$/, /^https:\/\/hanse\.dev\/ns\/?#?$/];
const knownPrefixes: Readonly<Record<string, RegExp>> = {
  gx: /^https:\/\/w3id\.org\/gaia-x\/[a-z0-9]+#$/,
  hanse: /^https:\/\/hanse\.dev\/ns#$/,
  schema: /^https?:\/\/schema\.org\/$/,
  vcard: /^http:\/\/www\.w3\.org\/2006\/vcard\/ns#$/,
  qudt: /^https?:\/\/qudt\.org\/schema\/qudt\/$/,
  cred: /^https:\/\/www\.w3\.org\/2018\/credentials#$/,
  xsd: /^http:\/\/www\.w3\.org\/2001\/XMLSchema#$/,
  dcterms: /^http:\/\/purl\.org\/dc\/terms\/$/,
};

/** Contexts that the policy admits are taken as it has them. */
export function contextLook(document: unknown, { contexts: admitted }: Pick<Policy, 'contexts'>): Look {
  const contexts = contextsIn(document);
  const meanings = contexts.filter(isDocument).flatMap((each) => Object.entries(each));
  const stranger = meanings.find(
    ([prefix, meaning]) => typeof meaning !== 'string' || !Object.hasOwn(knownPrefixes, prefix) || !knownPrefixes[prefix]?.test(meaning),
  );
  if (stranger !== undefined) return look('context', 'failed', `the context gives "${stranger[0].slice(0, 60)}" a meaning of its own`);
  const unread = contexts.find((each) => typeof each !== 'string' && !isDocument(each));
  if (unread !== undefined) return look('context', 'failed', 'a context is neither an address nor an object');
  const unknown = contexts.find(
    (each) => typeof each === 'string' && !knownContexts.some((known) => known.test(each)) && !admitted.some(({ url }) => url === each),
  );
  if (unknown !== undefined) return look('context', 'unknown', `the context ${quoted(unknown)} is not known here`);
  return look('context', 'passed', 'every term means what its vocabulary says');
}

/** At every depth: subjects may carry contexts of their own. The depth is bounded already (json.ts). */
const contextsIn = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap(contextsIn);
  if (!isDocument(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => (key === '@context' ? (each === null ? [null] : listOf(each)) : contextsIn(each)));
};

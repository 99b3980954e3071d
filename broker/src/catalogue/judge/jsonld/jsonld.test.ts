// Held against jsonld, the reference implementation in JavaScript: the same statements from every document that is read here, and none where it finds a fault.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import jsonld from 'jsonld';
import { describe, expect, test } from 'vitest';
import type { Quad, Term } from '../rdf.ts';
import { builtInContext, readContext } from './admitted.ts';
import type { Admit } from './context.ts';
import { statementsIn } from './statements.ts';

const data = join(import.meta.dirname, '../../../../../../shared/data');
const gaiaX = join(data, 'gaia-x-25.11/gx.context.jsonld');
const present = existsSync(gaiaX);
if (!present) process.stderr.write(`The context of Gaia-X is not at ${gaiaX}: its examples are skipped.\n`);

const gx = 'https://w3id.org/gaia-x/development#';
const examples = 'https://www.w3.org/ns/credentials/examples/v2';
const texts = new Map<string, string>([
  [examples, JSON.stringify({ '@context': { '@vocab': 'https://www.w3.org/ns/credentials/examples#' } })],
  ...(present ? [[gx, readFileSync(gaiaX, 'utf8')] as const] : []),
]);
const fetched = new Map([...texts].map(([address, text]) => [address, readContext(text)]));
const admit: Admit = (address) => builtInContext(address) ?? fetched.get(address) ?? { flaw: `the context ${address} is not known` };

const documentLoader = (url: string): Promise<object> => {
  const found = admit(url);
  if ('flaw' in found) return Promise.reject(new Error(found.flaw));
  return Promise.resolve({ documentUrl: url, document: { '@context': found.context } });
};

const written = (term: Term): string => {
  if (term.kind === 'iri') return `<${term.value}>`;
  if (term.kind === 'blank') return `_:b${Buffer.from(term.value).toString('hex')}`;
  const text = `"${term.value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
  return term.language === undefined ? `${text}^^<${term.datatype}>` : `${text}@${term.language}`;
};
const nquads = (quads: readonly Quad[]): string =>
  quads
    .map(({ subject, predicate, object, graph }) => `${written(subject)} <${predicate}> ${written(object)}${graph === null ? '' : ` ${written(graph)}`} .\n`)
    .join('');
const canonical = (input: string): Promise<string> =>
  jsonld.canonize(input, { algorithm: 'RDFC-1.0', inputFormat: 'application/n-quads', safe: false, documentLoader });
const theirs = async (document: unknown): Promise<string> =>
  canonical(await jsonld.toRDF(document, { format: 'application/n-quads', documentLoader, safe: false }));

/** What ours says and what theirs says; a document that is not read here is not compared. */
async function compare(document: unknown): Promise<'same' | 'refused' | 'unread'> {
  const ours = statementsIn(document, admit);
  if ('kind' in ours && ours.kind === 'unread') return 'unread';
  const expected = await theirs(document).catch(() => 'refused');
  const found = 'kind' in ours ? 'refused' : await canonical(nquads(ours.quads));
  expect(found, JSON.stringify(document)).toBe(expected);
  return 'kind' in ours ? 'refused' : 'same';
}

const base = (subject: unknown, more: object = {}, contexts: readonly unknown[] = []): object => ({
  '@context': ['https://www.w3.org/ns/credentials/v2', ...contexts],
  id: 'https://csp.example/vc',
  type: ['VerifiableCredential'],
  issuer: 'did:web:csp.example',
  validFrom: '2026-11-01T00:00:00Z',
  credentialSubject: subject,
  ...more,
});
const prefixes = { schema: 'https://schema.org/', vcard: 'http://www.w3.org/2006/vcard/ns#', xsd: 'http://www.w3.org/2001/XMLSchema#' };

describe('says the same as jsonld', () => {
  test.each([
    [
      'a term before whose colon stands one that is no prefix',
      base({ id: 'urn:a', 'issue:by': 'x' }, {}, [{ issue: { '@id': 'https://x.example/' }, 'issue:by': { '@container': '@set' } }]),
    ],
    ['a subject', base({ id: 'urn:a', name: 'A', description: { '@value': 'B', '@language': 'DE' } })],
    ['values of every kind', base({ id: 'urn:a', 'schema:x': [1, 1.5, 1e21, -0, 0, true, 'x', null, { '@value': 2, '@type': 'xsd:double' }] }, {}, [prefixes])],
    [
      'an evidence, a schema, terms, a status',
      base(
        { id: 'urn:a' },
        {
          evidence: [{ type: 'schema:E', id: 'urn:e' }],
          termsOfUse: { type: 'schema:T' },
          credentialSchema: { id: 'https://x.example/s', type: 'JsonSchema', jsonSchema: { b: 1, a: [] } },
          credentialStatus: {
            type: 'BitstringStatusListEntry',
            statusPurpose: 'revocation',
            statusListIndex: '1',
            statusListCredential: 'https://x.example/1',
          },
        },
        [prefixes],
      ),
    ],
    ['a context inside a subject', base({ '@context': { '@vocab': 'https://x.example/#' }, id: 'urn:a', foo: { bar: 1 } })],
    ['a list', base({ id: 'urn:a', 'schema:l': { '@list': [1, { id: 'urn:b' }, 'c'] } }, {}, [prefixes])],
    ['a list by its term', base({ id: 'urn:a', l: [1, 'b', { id: 'urn:c' }] }, {}, [{ l: { '@id': 'https://x.example/l', '@container': '@list' } }])],
    [
      'a graph by its term',
      base({ id: 'urn:a' }, { proof: [{ type: 'DataIntegrityProof', cryptosuite: 'x', created: '2026-01-01T00:00:00Z', proofPurpose: 'assertionMethod' }] }),
    ],
    [
      'our own vocabulary',
      base({ id: 'urn:a', type: 'hanse:FederableCluster', 'hanse:cpuCores': 4, 'hanse:forOffering': 'urn:o' }, {}, ['https://hanse.dev/ns']),
    ],
    ['a word that no context knows', base({ id: 'urn:a', foo: 'bar' })],
    ['a relative address', base({ id: 'urn:a', 'schema:x': { id: 'b/c', 'schema:y': 1 } }, {}, [prefixes])],
    ['a term that was taken away', base({ id: 'urn:a', gone: 1 }, {}, [{ gone: 'urn:gone' }, { gone: null }])],
  ])('%s', async (_, document) => expect(await compare(document)).toBe('same'));

  test.each([
    ['a protected term redefined', base({ id: 'urn:a' }, {}, [{ name: 'urn:other' }])],
    ['a term defined by itself', base({ id: 'urn:a' }, {}, [{ a: 'b:x', b: 'a:y' }])],
    ['contexts taken away', base({ '@context': null, id: 'urn:a' })],
    ['a type that is a number', base({ id: 'urn:a', type: 7 })],
    ['an index that is a number', base({ id: 'urn:a', 'schema:x': { '@value': 'a', '@index': 1 } }, {}, [prefixes])],
    [
      'a context of a term that nobody uses, which brings one that is none',
      base({ id: 'urn:a' }, {}, [{ a: { '@id': 'urn:a', '@context': { b: { '@id': 'urn:b', '@context': { '@version': 2 } } } } }]),
    ],
  ])('%s: refused', async (_, document) => expect(await compare(document)).toBe('refused'));

  test.each([
    ['a context from elsewhere', base({ id: 'urn:a' }, {}, ['https://evil.example/context'])],
    ['a context that asks for another one', base({ id: 'urn:a' }, {}, [{ '@import': 'https://evil.example/context' }])],
    ['a reverse property', base({ id: 'urn:a', '@reverse': { 'schema:x': { id: 'urn:b' } } }, {}, [prefixes])],
    ['two names for what is not read', base({ id: 'urn:a', n: { a: 1 }, o: { b: 2 } }, {}, [{ n: '@nest', o: '@nest', a: 'urn:a', b: 'urn:b' }])],
    ['a value with properties', base({ id: 'urn:a', 'schema:x': { '@value': 1, 'schema:y': 2 } }, {}, [prefixes])],
    [
      'the same context ten thousand times',
      base(
        { id: 'urn:a' },
        {},
        Array.from({ length: 10_000 }, () => 'https://hanse.dev/ns'),
      ),
    ],
    ['the same type ten thousand times', base({ id: 'urn:a', type: Array.from({ length: 10_000 }, () => 'BitstringStatusList') })],
    ['included nodes', base({ id: 'urn:a', '@included': [{ id: 'urn:b' }] })],
    ['a thousand contexts', base(Array.from({ length: 1000 }, (_, at) => ({ '@context': { [`t${at}`]: 'urn:t' }, id: `urn:${at}` })))],
  ])('%s: not read', async (_, document) => expect(await compare(document)).toBe('unread'));
});

const generated = (() => {
  const key = fc.constantFrom(
    'id',
    '@id',
    'type',
    '@type',
    'name',
    'description',
    'schema:a',
    'vcard:b',
    'foo',
    'a',
    'b',
    'gx:countryCode',
    '@value',
    '@language',
    '@list',
    '@set',
    'evidence',
    'digestSRI',
    '@context',
    'address',
    'accessType',
    'text',
  );
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(
      'urn:x',
      'schema:T',
      'VerifiableCredential',
      'BitstringStatusList',
      'a b',
      'x',
      '_:q',
      '@id',
      '',
      'xsd:float',
      null,
      1,
      1.25,
      true,
      1e22,
      'de',
    ),
    fc.string({ maxLength: 4 }),
  );
  const context = fc.oneof(
    fc.constantFrom<unknown>(
      gx,
      'https://hanse.dev/ns',
      null,
      prefixes,
      { a: { '@id': 'schema:a', '@type': '@id' } },
      { a: { '@id': 'urn:a', '@container': '@set', '@context': { b: 'urn:b' } } },
      { '@vocab': 'urn:v:' },
      { x: { '@id': 'urn:x', '@context': { foo: 'urn:foo' } } },
      { foo: { '@id': 'urn:foo', '@language': 'fr' } },
      { '@language': 'en' },
      { b: 'a:b' },
    ),
    fc.dictionary(
      fc.constantFrom('a', 'b', 'foo', 'name', '@vocab', '@protected', 'schema'),
      fc.constantFrom<unknown>('urn:z:', 'schema:z', null, true, '@type', { '@id': 'urn:w', '@type': '@vocab' }),
      { maxKeys: 3 },
    ),
  );
  return fc.letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof({ depthSize: 'small', maxDepth: 5 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
    object: fc.oneof(
      { depthSize: 'small', maxDepth: 5 },
      {
        weight: 4,
        arbitrary: fc.dictionary(
          key.filter((each) => each !== '@context'),
          tie('value'),
          { maxKeys: 4 },
        ),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            context,
            fc.dictionary(
              key.filter((each) => each !== '@context'),
              tie('value'),
              { maxKeys: 3 },
            ),
          )
          .map(([own, rest]) => ({ '@context': own, ...rest })),
      },
    ),
  })).object;
})();

test('says the same as jsonld of any document that it reads', async () => {
  const counted = { same: 0, refused: 0, unread: 0 };
  const contexts = [prefixes, ...(present ? [gx] : [])];
  await fc.assert(
    fc.asyncProperty(generated, async (subject) => {
      counted[await compare(base(subject, {}, contexts))] += 1;
    }),
    { numRuns: 300, seed: 11 },
  );
  expect(counted.same, JSON.stringify(counted)).toBeGreaterThan(60);
  expect(counted.refused, JSON.stringify(counted)).toBeGreaterThan(15);
});

describe.skipIf(!present)('says the same as jsonld of published documents', () => {
  const folder = join(data, 'vc-jose-cose');
  const files = present ? readdirSync(folder).filter((name) => name.startsWith('credential') && name.endsWith('.json')) : [];
  test.each(files)('%s', async (name) => expect(await compare(JSON.parse(readFileSync(join(folder, name), 'utf8')))).toBe('same'));
  const tokens = present ? readdirSync(folder).filter((name) => /^(credential|presentation).*\.txt$/.test(name)) : [];
  test.each(tokens)('%s', async (name) => {
    const [, body = ''] = readFileSync(join(folder, name), 'utf8').trim().split('.');
    expect(await compare(JSON.parse(Buffer.from(body, 'base64url').toString()))).not.toBe('unread');
  });
});

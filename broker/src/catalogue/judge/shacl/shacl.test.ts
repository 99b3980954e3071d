// Held against rdf-validate-shacl, another validator: the same findings on the published shapes of Gaia-X and on shapes that use every component.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaiaXContexts, lagoon } from '../../../../../test/fixtures/gaiaX.ts';
import { bothOf, compare, triplesOf } from '../../../../../test/fixtures/secondShacl.ts';
import { builtInContext, readContext } from '../jsonld/admitted.ts';
import { statementsIn } from '../jsonld/statements.ts';
import { graphOf, iri, literal, xsd } from '../rdf.ts';
import type { Term, Triple } from '../rdf.ts';
import { compileShapes } from './shapes.ts';

const data = join(import.meta.dirname, '../../../../../../shared/data/gaia-x-25.11');
const present = existsSync(data);
if (!present) process.stderr.write(`The shapes of Gaia-X are not at ${data}: what needs them is skipped.\n`);
const read = (file: string): string => readFileSync(join(data, file), 'utf8');

describe.skipIf(!present)('finds what another validator finds, by the published shapes of Gaia-X 25.11', () => {
  const classes = present ? triplesOf(read('gx.owl.ttl')).filter(({ predicate, object }) => predicate.endsWith('#subClassOf') && object.kind === 'iri') : [];
  const both = present ? bothOf(read('gx.shacl.ttl'), classes) : null;
  const context = present ? readContext(read('gx.context.jsonld')) : null;
  const documentOf = (subjects: readonly object[]): object => ({
    '@context': gaiaXContexts,
    id: 'urn:vc',
    type: 'VerifiableCredential',
    issuer: 'did:web:a',
    credentialSubject: subjects,
  });
  const statements = (subjects: readonly object[]): readonly Triple[] => {
    const found = statementsIn(documentOf(subjects), (address) => builtInContext(address) ?? context ?? { flaw: address });
    if ('kind' in found) throw new Error(found.reason);
    return found.subjects.flatMap(({ triples }) => triples);
  };

  test('reads all of them', () => expect(both?.ours.unread).toEqual([]));
  test('in a provider that conforms: nothing', async () => {
    if (both !== null) expect(await compare(both, statements(Object.values(lagoon).flat()))).toEqual([]);
  });
  test('in each of its credentials for itself', async () => {
    if (both !== null) for (const subjects of Object.values(lagoon)) await compare(both, statements(subjects));
  });
  test('in what became of it by any changes', async () => {
    if (both === null) return;
    const whole = statements(Object.values(lagoon).flat());
    const objects = [
      iri('urn:x'),
      literal('x'),
      literal('-1', `${xsd}integer`),
      literal('1.5', `${xsd}float`),
      literal('nan', `${xsd}float`),
      literal('true', `${xsd}boolean`),
      literal('DE'),
      ...whole.map(({ object }) => object),
    ];
    const change = fc.record({
      at: fc.nat(whole.length - 1),
      what: fc.constantFrom('drop', 'object', 'predicate', 'add'),
      other: fc.nat(whole.length - 1),
      object: fc.constantFrom(...objects),
    });
    let flawed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const triples: Triple[] = [...whole];
        for (const { at, what, other, object } of changes) {
          const [one, two] = [triples[at % triples.length], whole[other]];
          if (one === undefined || two === undefined) continue;
          if (what === 'drop') triples.splice(at % triples.length, 1);
          else if (what === 'add') triples.push({ ...one, object });
          else triples[at % triples.length] = what === 'object' ? { ...one, object } : { ...one, predicate: two.predicate };
        }
        if ((await compare(both, triples)).length > 0) flawed += 1;
      }),
      { numRuns: 12, seed: 7 },
    );
    expect(flawed).toBeGreaterThan(6);
  });
});

describe('finds what another validator finds, by shapes that use every component', () => {
  const shapes = readFileSync(join(import.meta.dirname, '../../../../../test/fixtures/everyComponent.ttl'), 'utf8');
  const both = bothOf(shapes);
  test('reads all of them', () => expect(both.ours.unread).toEqual([]));
  test('in any statements', async () => {
    const node = fc.constantFrom('a', 'b', 'c', 'd').map((name) => iri(`urn:${name}`));
    const value = fc.oneof(
      node,
      fc.constantFrom<Term>(
        iri('urn:K'),
        iri('urn:L'),
        literal('x'),
        literal('xyz'),
        literal('abcdefgh'),
        literal('1', `${xsd}integer`),
        literal('7', `${xsd}integer`),
        literal('12', `${xsd}integer`),
        literal('7.5', `${xsd}decimal`),
        literal('oops', `${xsd}integer`),
        literal('2026-01-01T00:00:00Z', `${xsd}dateTime`),
        literal('2027-01-01T00:00:00Z', `${xsd}dateTime`),
        literal('true', `${xsd}boolean`),
        { kind: 'literal', value: 'hallo', datatype: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString', language: 'de' },
        { kind: 'literal', value: 'hello', datatype: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString', language: 'en' },
        { kind: 'literal', value: 'hi', datatype: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString', language: 'en' },
      ),
    );
    const predicate = fc.constantFrom(...'pqrstuvw'.split('')).map((name) => `urn:${name}`);
    const typeOf = fc.constantFrom('K', 'L', 'M').map((name) => iri(`urn:${name}`));
    const triple = fc.oneof(
      { weight: 3, arbitrary: fc.record({ subject: node, predicate, object: value }) },
      { weight: 1, arbitrary: fc.record({ subject: node, predicate: fc.constant('http://www.w3.org/1999/02/22-rdf-syntax-ns#type'), object: typeOf }) },
    );
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(triple, { minLength: 1, maxLength: 14 }), async (any) => {
        // of several values under sh:and, theirs holds what one of them lacks against all of them (SHACL §4.6.2 asks of each for itself)
        const firsts = new Map(any.map(({ subject, predicate }, at) => [`${subject.value} ${predicate}`, at]));
        const triples = any.filter(({ subject, predicate }, at) => predicate !== 'urn:r' || firsts.get(`${subject.value} ${predicate}`) === at);
        for (const each of await compare(both, triples)) seen.add(each.split(' ')[2] ?? '');
      }),
      { numRuns: 400, seed: 5 },
    );
    expect(seen.size).toBeGreaterThan(24);
  });
});

test('names what it does not know, and does not let it pass in silence', () => {
  const unknown = compileShapes(
    triplesOf('@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> a sh:NodeShape ; sh:targetClass <urn:K> ; sh:sparql [ sh:select "SELECT" ] ; sh:foo 1 .'),
  );
  expect(unknown.unread.toSorted()).toEqual(['foo', 'sparql']);
});

test('comes to an end with shapes and lists that go round in circles', () => {
  const shapes = compileShapes(
    triplesOf(
      '@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> a sh:NodeShape ; sh:targetClass <urn:K> ; sh:property [ sh:path <urn:p> ; sh:node <urn:S> ] ; sh:property [ sh:path [ sh:zeroOrMorePath <urn:p> ] ; sh:maxCount 9 ] .',
    ),
  );
  const graph = graphOf([
    { subject: iri('urn:a'), predicate: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type', object: iri('urn:K') },
    { subject: iri('urn:a'), predicate: 'urn:p', object: iri('urn:a') },
  ]);
  expect(shapes.validate(graph).every(({ isOpen }) => isOpen)).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { credentialFlaws, presentationFlaws, stampMs } from './structure.ts';

const context = 'https://www.w3.org/ns/credentials/v2';
const good = {
  '@context': [context, 'https://www.w3.org/ns/credentials/examples/v2'],
  type: ['VerifiableCredential', 'ExampleCredential'],
  issuer: 'did:web:csp.example',
  credentialSubject: { id: 'did:example:subject', degree: { type: 'Degree' } },
};
const status = { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '1', statusListCredential: 'https://csp.example/1' };

describe('as the data model has it', () => {
  test.each<readonly [string, object]>([
    ['nothing more than what is needed', {}],
    ['an issuer as an object', { issuer: { id: 'https://csp.example/i', name: 'CSP' } }],
    ['several subjects, one without an id', { credentialSubject: [{ id: 'urn:uuid:1', a: 1 }, { b: 2 }] }],
    ['names with languages', { name: [{ '@value': 'Nombre', '@language': 'es', '@direction': 'ltr' }], description: 'words' }],
    ['times with an offset', { validFrom: '2026-01-01T00:00:00+01:00', validUntil: '2026-02-01T24:00:00Z' }],
    [
      'a status, a schema and a digest',
      {
        credentialStatus: [status],
        credentialSchema: { id: 'https://a.example/s', type: 'JsonSchema' },
        relatedResource: [{ id: 'https://a.example/r', digestSRI: 'sha384-x' }],
      },
    ],
  ])('%s', (_, more) => expect(credentialFlaws({ ...good, ...more })).toEqual([]));
});

describe('not as the data model has it', () => {
  test.each<readonly [string, unknown, RegExp]>([
    ['a list', [], /not a JSON object/],
    ['the contexts the wrong way round', { ...good, '@context': ['https://a.example', context] }, /first context/],
    ['no context', { ...good, '@context': undefined }, /first context/],
    ['the context of 1.1', { ...good, '@context': ['https://www.w3.org/2018/credentials/v1'] }, /Tagus/],
    ['a number for a context', { ...good, '@context': [context, 5] }, /each context/],
    ['another type', { ...good, type: ['Degree'] }, /type has to hold/],
    ['no issuer', { ...good, issuer: undefined }, /no issuer/],
    ['an issuer that is no URL', { ...good, issuer: 'CSP' }, /issuer has to be/],
    ['two issuers', { ...good, issuer: ['https://a.example', 'https://b.example'] }, /issuer has to be/],
    ['an id that is no URL', { ...good, id: 'not a url' }, /id has to be/],
    ['two ids', { ...good, id: ['https://a.example', 'https://b.example'] }, /id has to be/],
    ['no subject', { ...good, credentialSubject: [] }, /no credentialSubject/],
    ['a subject that says nothing', { ...good, credentialSubject: {} }, /says nothing/],
    ['a text for a subject', { ...good, credentialSubject: 'did:example:1' }, /has to be an object/],
    ['a date without a time', { ...good, validFrom: '2026-01-01' }, /validFrom/],
    ['a time without an offset', { ...good, validFrom: '2026-01-01T00:00:00' }, /validFrom/],
    ['the 30th of February', { ...good, validFrom: '2026-02-30T00:00:00Z' }, /validFrom/],
    ['an end before its start', { ...good, validFrom: '2026-02-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' }, /lies before/],
    ['a status without a type', { ...good, credentialStatus: { id: 'https://a.example' } }, /no type/],
    ['a schema without an id', { ...good, credentialSchema: { type: 'JsonSchema' } }, /credentialSchema\[0\]\.id/],
    ['evidence that is a text', { ...good, evidence: 'seen' }, /evidence\[0\]/],
    ['terms without a type', { ...good, termsOfUse: [{ id: 'https://a.example' }] }, /no type/],
    ['a name with something else in it', { ...good, name: { '@value': 'a', url: 'x' } }, /name has to be/],
    ['a resource twice', { ...good, relatedResource: [1, 2].map(() => ({ id: 'https://a.example/r', digestSRI: 'x' })) }, /twice/],
    ['a resource without a digest', { ...good, relatedResource: { id: 'https://a.example/r' } }, /neither digestSRI/],
  ])('%s', (_, document, flaw) => expect(credentialFlaws(document).join('; ')).toMatch(flaw));
});

test('a presentation holds objects, enveloped ones as data: URLs under the context', () => {
  const presentation = { '@context': [context], type: 'VerifiablePresentation' };
  const enveloped = { '@context': context, type: 'EnvelopedVerifiableCredential', id: 'data:application/vc+jwt,e.e.e' };
  expect(presentationFlaws({ ...presentation, verifiableCredential: [enveloped], holder: { id: 'did:web:a.example' } })).toEqual([]);
  expect(presentationFlaws({ ...presentation, verifiableCredential: ['e.e.e'] })).toHaveLength(1);
  expect(presentationFlaws({ ...presentation, verifiableCredential: [{ ...enveloped, id: 'not-a-credential' }] })).toHaveLength(1);
  expect(presentationFlaws({ ...presentation, verifiableCredential: [{ ...enveloped, '@context': undefined }] })).toHaveLength(1);
  expect(presentationFlaws({ ...presentation, holder: 'me' })).toHaveLength(1);
});

test('reads every dateTimeStamp there is', () => {
  expect(stampMs('2024-02-29T12:00:00.123456Z')).toBe(Date.UTC(2024, 1, 29, 12, 0, 0, 123));
  for (const none of ['2023-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T25:00:00Z', '2026-01-01T24:00:01Z', '2026-01-01 00:00:00Z', ''])
    expect(stampMs(none), none).toBeNull();
});

// What strangers' services answer: any text gives a value or a reason, in bounded time, and nothing is taken for what it is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { readReceived } from '../judge/credential.ts';
import { parseCursor, readChanges } from './changes.ts';
import { namedBy, readCesEvents } from './ces.ts';
import { credentialAddresses } from './services.ts';
import { readAssetPage } from './xfsc.ts';

const did = 'did:web:csp.example';
const digest = 'a'.repeat(64);
const catalogue = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const token = `${Buffer.from('{}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.c2ln`;

/** Near misses of each form too: a generator of JSON alone hardly ever comes near. */
const near = (keys: readonly string[]): fc.Arbitrary<string> => {
  const leaf = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('1.0', digest, catalogue, token, did, 'LinkedVerifiablePresentation', 'active', 1, 2, true),
  );
  const thing = fc.dictionary(fc.constantFrom(...keys), leaf, { maxKeys: 8 });
  const nested = fc.dictionary(fc.constantFrom(...keys), fc.oneof(leaf, thing, fc.array(thing, { maxLength: 4 })), { maxKeys: 8 });
  return fc.oneof(
    fc.string(),
    fc.json(),
    fc.oneof(nested, fc.array(nested, { maxLength: 4 })).map((value) => JSON.stringify(value)),
  );
};
const bomb = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const wide = `[${'{},'.repeat(200_000)}{}]`;

const readers: readonly (readonly [string, readonly string[], (text: string) => object])[] = [
  ['an events service', ['specversion', 'id', 'type', 'data', 'data_base64', 'source'], readCesEvents],
  ['a catalogue', ['totalCount', 'items', 'meta', 'assetHash', 'sdHash', 'status', 'content'], readAssetPage],
  ['a DID document', ['id', 'service', 'type', 'serviceEndpoint', 'verificationMethod', 'assertionMethod'], (text) => credentialAddresses(text, did)],
  ['another Hanse', ['catalogue', 'items', 'next', 'more', 'seq', 'digest', 'credential', 'removed'], (text) => readChanges(text, { catalogue, after: 1 })],
];

describe.each(readers)('what %s answers', (_, keys, read) => {
  it('is a value or a reason, whatever it is', () => {
    fc.assert(
      fc.property(near(keys), (text) => {
        const found = read(text);
        if ('reason' in found) expect(String(found.reason).length).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
  it.each([
    ['deep', bomb],
    ['wide', wide],
  ])('is refused where it is too %s', (_name, text) => {
    expect(read(text)).toHaveProperty('reason');
  });
});

describe('an event', () => {
  const events = (...given: unknown[]) => {
    const read = readCesEvents(JSON.stringify(given));
    return 'reason' in read ? read.reason : read.events.map(({ id, text }) => [id, text]);
  };
  const event = { specversion: '1.0', id: 'one', type: 'eu.gaia-x.credential' };

  it('carries its token as it is despite the name, or coded as CloudEvents means it', () => {
    expect(events({ ...event, data_base64: token }, { ...event, data_base64: Buffer.from(token).toString('base64') }, { ...event, data: token })).toEqual([
      ['one', token],
      ['one', token],
      ['one', token],
    ]);
  });
  it('has the names that services write, and no others', () => {
    expect(events({ ...event, dataBase64: token }, { ...event, specVersion: '1.0', specversion: undefined, data_base64: token })).toEqual([
      ['one', null],
      ['one', null],
    ]);
  });
  it('of the format before, as they were recorded, is seen for what it is', () => {
    const data = {
      '@context': ['https://www.w3.org/2018/credentials/v1'],
      type: ['VerifiableCredential'],
      proof: { type: 'JsonWebSignature2020', jws: 'a..b' },
    };
    const read = readCesEvents(
      JSON.stringify([{ ...event, source: 'a', subject: null, cesreceiveddate: '2023-09-19T19:26:38.056Z', datacontenttype: 'application/json', data }]),
    );
    const text = 'events' in read ? (read.events[0]?.text ?? '') : '';
    expect(readReceived(text)).toMatchObject({ reason: expect.stringContaining('Tagus') });
  });
  it('that is none leaves the others on its page', () => {
    expect(events(null, { ...event, id: 7 }, { ...event, id: 'a\u0000b' }, { ...event, data_base64: token })).toEqual([
      [null, null],
      [null, null],
      [null, null],
      ['one', token],
    ]);
  });
});

it('a label names https addresses, each once, without what stands behind #', () => {
  const issuer = anIssuer(did);
  const named = [
    { id: 'https://csp.example/offering.json#cs', 'gx:digestSRI': 'sha256-1' },
    { id: 'https://csp.example/offering.json', 'cred:digestSRI': 'sha256-1' },
    { id: 'http://csp.example/x' },
    { id: 'file:///etc/passwd' },
    { id: 7 },
    'text',
  ];
  const payload = aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }, 'urn:label', [
    { id: 'urn:l', 'gx:compliantCredentials': named },
  ]);
  expect(namedBy(signJwt(issuer, aHeader(issuer), payload))).toEqual([{ address: 'https://csp.example/offering.json', digest: 'sha256-1' }]);
  expect(namedBy('no.token.here')).toEqual([]);
});

/** Milliseconds where each character is read once; where a pattern begins again at each of them, half a minute, and hours in the largest page that is taken. */
const oncePassMs = 10_000;

it(
  'padding without an end, and a fragment without one, are read once',
  () => {
    const read = readCesEvents(JSON.stringify([{ specversion: '1.0', id: 'one', type: 't', data_base64: `${'='.repeat(250_000)}x` }]));
    expect(read).toMatchObject({ events: [{ id: 'one' }] });
    const issuer = anIssuer(did);
    const named = [{ id: `https://csp.example/${'#'.repeat(180_000)}\nx` }];
    const payload = aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }, 'urn:label', [
      { id: 'urn:l', 'gx:compliantCredentials': named },
    ]);
    expect(namedBy(signJwt(issuer, aHeader(issuer), payload))).toEqual([{ address: 'https://csp.example/', digest: null }]);
  },
  oncePassMs,
);

it('a DID document is its own, and only services of presentations count', () => {
  const document = (id: string, ...service: unknown[]): string => JSON.stringify({ id, service });
  const linked = {
    id: '#a',
    type: ['X', 'LinkedVerifiablePresentation'],
    serviceEndpoint: ['https://a.example/vp', 'https://a.example/vp', 'https://b.example/vp'],
  };
  expect(credentialAddresses(document(did, linked, { type: 'LinkedDomains', serviceEndpoint: 'https://c.example' }, 3), did)).toEqual({
    addresses: ['https://a.example/vp', 'https://b.example/vp'],
  });
  expect(credentialAddresses(document('did:web:other.example', linked), did)).toEqual({ reason: 'it is the document of another DID' });
});

describe('the changes of another Hanse', () => {
  const change = (seq: number) => ({ seq, digest, removed: true });
  const answer = (items: unknown[], next: number, more = false, of = catalogue): string => JSON.stringify({ catalogue: of, items, next, more });

  it('only go forward', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }), fc.integer({ min: 0, max: 20 }), fc.boolean(), (seqs, next, more) => {
        const read = readChanges(answer(seqs.map(change), next, more), { catalogue, after: 5 });
        if ('reason' in read || 'restarted' in read) return;
        expect(read.next).toBeGreaterThanOrEqual(Math.max(5, ...seqs));
        expect(seqs).toEqual([...new Set(seqs)].toSorted((left, right) => left - right));
        if (read.more) expect(read.next).toBeGreaterThan(5);
      }),
    );
  });
  it('begin anew where another database answers, or an earlier day of the same', () => {
    expect(readChanges(answer([], 5, false, 'b0c1d2e3-4f89-41d3-9a0c-0305e82c3301'), { catalogue, after: 5 })).toEqual({ restarted: true });
    expect(readChanges(answer([], 3), { catalogue, after: 5 })).toEqual({ restarted: true });
    expect(readChanges(answer([change(3)], 3), { catalogue, after: 5 })).toEqual({ reason: expect.stringContaining('goes back') });
  });
  it('are gone on with where they were left', () => {
    expect(parseCursor(`${catalogue}:17`)).toEqual({ catalogue, after: 17 });
    for (const other of [null, '', '17', `${catalogue}:`, `${catalogue}:-1`]) expect(parseCursor(other)).toBeNull();
  });
});

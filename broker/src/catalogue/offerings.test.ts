import { expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, demoProviders, issueDemoCredentials, signJwt } from '../../../test/fixtures/issueCredentials.ts';
import { judge, offeringsOf, policyOf } from './index.ts';
import type { Catalogued, TrustedIssuer } from './index.ts';

const now = Date.parse('2026-11-22T08:00:00Z');
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
const catalogue = (received: readonly string[], issuers: readonly TrustedIssuer[]): Catalogued =>
  offeringsOf(
    received.map((each) => judge(each, new Map(), policyOf({ issuers }), new Date(now).toISOString())),
    policyOf({ issuers }),
  );
const demo = issueDemoCredentials(now);
const all = Object.values(demo.files);
const told = ({ offerings }: Catalogued, cluster: string): string[] =>
  (offerings.find((offering) => offering.cluster === cluster)?.facts ?? []).map(({ name, value, assurance }) => `${name}=${String(value)}@${assurance}`);

test('turns signed credentials into facts that weigh as much as their issuer', () => {
  const made = catalogue(all, demo.issuers);
  expect(made.rejected).toEqual([]);
  expect(made.offerings.map(({ cluster, provider, name }) => ({ cluster, provider, name }))).toEqual([
    { cluster: 'pa', provider: 'did:web:pa.example', name: 'Amsterdam cluster' },
    { cluster: 'pb', provider: 'did:web:pb.example', name: 'Frankfurt cluster' },
  ]);
  expect(told(made, 'pb')).toEqual(
    expect.arrayContaining([
      'country=DE@declared',
      'region=DE71@declared',
      'seat.country=DE@declared',
      'registration.country=DE@notarised',
      'label=L3@certified',
      'criterion=P5.1.1@certified',
      'iso27001=true@certified',
      'c5=true@certified',
      'gpu.count=4@declared',
      'price=0.034@declared',
      'liqo.version=1.2.0@declared',
    ]),
  );
  expect(made.offerings[0]?.facts.every(({ credential, validUntil }) => /^[0-9a-f]{64}$/.test(credential) && validUntil !== null)).toBe(true);
});

test('answers the same in whatever order credentials come', () => {
  expect(catalogue(all.toReversed(), demo.issuers)).toEqual(catalogue(all, demo.issuers));
});

test('is no offer without a known issuer, and says why', () => {
  const strangers = demo.issuers.filter(({ id }) => id !== 'did:web:pa.example');
  const made = catalogue(all, strangers);
  expect(made.offerings.map(({ cluster }) => cluster)).toEqual(['pb']);
  expect(made.rejected[0]?.reason).toContain('could not be fetched');
});

test('believes nobody about others whom the configuration gives no role', () => {
  const made = catalogue(
    all,
    demo.issuers.map((issuer) => ({ ...issuer, roles: [] })),
  );
  expect(told(made, 'pa').some((fact) => /label|iso27001|notarised|certified/.test(fact))).toBe(false);
});

test('never takes a label for a credential that it does not name by digest', () => {
  const { files, issuers } = issueDemoCredentials(now, demoProviders.slice(0, 1));
  const other = issueDemoCredentials(
    now,
    demoProviders.slice(0, 1).map((provider) => ({ ...provider, eurPerVcpuHour: 0.001 })),
  );
  const swapped = catalogue(
    [other.files['pa-offering.jwt'] ?? '', files['pa-label.jwt'] ?? ''],
    [...issuers.filter(({ id }) => id !== 'did:web:pa.example'), ...other.issuers.filter(({ id }) => id === 'did:web:pa.example')],
  );
  expect(told(swapped, 'pa')).toContain('price=0.001@declared');
  expect(told(swapped, 'pa').some((fact) => fact.startsWith('label'))).toBe(false);
});

test('never lets a provider certify, notarise or label itself', () => {
  const own = anIssuer('did:web:own.example');
  const cluster = { id: 'https://own.example/c', type: 'hanse:FederableCluster', 'hanse:liqoClusterId': 'own' };
  const certification = { id: 'https://own.example/iso', type: 'hanse:Certification', 'hanse:scheme': 'iso27001', 'hanse:certifies': 'https://own.example/c' };
  const received = signJwt(own, aHeader(own), aPayload(own, validity, 'https://own.example/vc', [cluster, certification]));
  const made = catalogue([received], [{ id: own.id, roles: ['certificationBody', 'notary', 'labelIssuer'], keys: [own.jwk] }]);
  expect(told(made, 'own')).toEqual(['iso27001=true@declared']);
});

test('believes neither of two providers that claim the same cluster', () => {
  const thief = anIssuer('did:web:thief.example');
  const claim = signJwt(
    thief,
    aHeader(thief),
    aPayload(thief, validity, 'https://thief.example/vc', [{ id: 'https://thief.example/c', type: 'hanse:FederableCluster', 'hanse:liqoClusterId': 'pa' }]),
  );
  const made = catalogue([...all, claim], [...demo.issuers, { id: thief.id, roles: [], keys: [thief.jwk] }]);
  expect(made.offerings.map(({ cluster }) => cluster)).toEqual(['pb']);
  expect(made.rejected.map(({ reason }) => reason).join()).toContain('claimed by did:web:pa.example and did:web:thief.example');
});

test('counts the newest of credentials with one id, and drops values that are not what they should be', () => {
  const own = anIssuer('did:web:own.example');
  const issue = (from: string, price: unknown): string =>
    signJwt(
      own,
      aHeader(own),
      aPayload(own, { ...validity, from }, 'https://own.example/vc', [
        {
          id: 'https://own.example/c',
          type: 'hanse:FederableCluster',
          'hanse:liqoClusterId': 'own',
          'hanse:eurPerVcpuHour': price,
          'hanse:gpuModel': 'evil\u001b[2J',
          'hanse:cpuCores': -4,
        },
      ]),
    );
  const made = catalogue(
    [issue('2026-11-02T00:00:00Z', 0.09), issue('2026-11-03T00:00:00Z', { '@value': '0.05' }), issue('2026-11-01T00:00:00Z', 0.01)],
    [{ id: own.id, roles: [], keys: [own.jwk] }],
  );
  expect(told(made, 'own')).toEqual(['price=0.05@declared']);
  expect(made.rejected).toHaveLength(2);
});

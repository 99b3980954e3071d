import { expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, demoProviders, issueDemoCredentials, signJwt } from '../../../test/fixtures/issueCredentials.ts';
import type { Issuer } from '../../../test/fixtures/issueCredentials.ts';
import { judge, offeringsOf, policyOf } from './index.ts';
import type { Catalogued, Policy, TrustedIssuer } from './index.ts';

const now = Date.parse('2026-11-22T08:00:00Z');
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
const catalogue = (received: readonly string[], issuers: readonly TrustedIssuer[], some: Partial<Policy> = {}): Catalogued => {
  const policy = policyOf({ issuers, ...some });
  return offeringsOf(
    received.map((each) => judge(each, new Map(), policy, new Date(now).toISOString())),
    policy,
  );
};
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

test('counts the newest of credentials with one id, and where the policy lets pass what breaks a rule, drops values that are not what they should be', () => {
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
  const issued = [issue('2026-11-02T00:00:00Z', 0.09), issue('2026-11-03T00:00:00Z', { '@value': '0.05' }), issue('2026-11-01T00:00:00Z', 0.01)];
  const issuers = [{ id: own.id, roles: [], keys: [own.jwk] }];
  expect(catalogue(issued, issuers).offerings).toEqual([]);
  const made = catalogue(issued, issuers, { requires: { rules: 'nothing' } });
  expect(told(made, 'own')).toEqual(['price=0.05@declared']);
  expect(made.rejected).toHaveLength(2);
});

const own = anIssuer('did:web:own.example');
const notary = anIssuer('did:web:notary.example');
const body = anIssuer('did:web:body.example');
const trusted: readonly TrustedIssuer[] = [
  { id: own.id, roles: [], keys: [own.jwk] },
  { id: notary.id, roles: ['notary'], keys: [notary.jwk] },
  { id: body.id, roles: ['certificationBody'], keys: [body.jwk] },
];
const base = 'https://own.example';
const say = (by: Issuer, name: string, ...subjects: readonly object[]): string =>
  signJwt(
    by,
    aHeader(by),
    aPayload(
      by,
      validity,
      `${base}/${name}.json`,
      subjects.map((subject) => ({ ...subject })),
    ),
  );
const cluster = (more: object = {}) => ({ id: `${base}/c`, type: 'hanse:FederableCluster', 'hanse:liqoClusterId': 'own', ...more });

test('facts that contradict each other stay side by side, and the offer is marked', () => {
  const legal = {
    id: `${base}/lp`,
    type: 'gx:LegalPerson',
    'gx:legalAddress': { 'gx:countryCode': 'DE' },
    'gx:registrationNumber': { id: `${base}/vat` },
  };
  const offer = say(own, 'offer', cluster({ 'hanse:providedBy': { id: `${base}/lp` }, 'hanse:cpuCores': 8 }), legal);
  const number = (country: string): string => say(notary, 'vat', { id: `${base}/vat`, type: 'gx:VatID', 'gx:countryCode': country });
  expect(catalogue([offer, number('DE')], trusted).offerings[0]).not.toHaveProperty('contradicted');
  const made = catalogue([offer, number('NL'), say(own, 'more', cluster({ 'hanse:cpuCores': 16 }))], trusted);
  expect(made.offerings[0]?.contradicted).toEqual(['cpu.cores', 'registration.country']);
  expect(told(made, 'own')).toEqual(
    expect.arrayContaining(['registration.country=DE@declared', 'registration.country=NL@notarised', 'cpu.cores=8@declared', 'cpu.cores=16@declared']),
  );
});

test('two data centres in two countries contradict nobody; two credentials about one do', () => {
  const centre = (id: string, ...countries: readonly string[]) => ({
    id: `${base}/${id}`,
    type: 'gx:Datacenter',
    'gx:location': countries.map((country) => ({ 'gx:countryCode': country })),
  });
  const hosted = cluster({ 'hanse:hostedOn': [{ id: `${base}/dc1` }, { id: `${base}/dc2` }] });
  const offer = say(own, 'offer', hosted, centre('dc1', 'DE'), centre('dc2', 'FR'));
  expect(catalogue([offer], trusted).offerings[0]).not.toHaveProperty('contradicted');
  const made = catalogue([offer, say(body, 'look', centre('dc1', 'CH'))], trusted);
  expect(made.offerings[0]?.contradicted).toEqual(['country']);
});

test('an attestation is worth what its scheme says of whose word it is, and what says something else about the GDPR is kept apart', () => {
  const attest = (by: Issuer, ...named: readonly string[]): string =>
    say(
      by,
      `at-${by.id}`,
      ...named.map((scheme) => ({
        id: `${base}/${encodeURIComponent(scheme)}`,
        type: 'hanse:Certification',
        'hanse:scheme': scheme,
        'hanse:certifies': { id: `${base}/c` },
      })),
    );
  const service = { id: `${base}/s`, type: 'gx:ContainerServiceOffering', 'gx:dataProtectionRegime': ['GDPR2016'], 'gx:tenantSeparation': 'hw-virtualized' };
  const offer = say(own, 'offer', cluster({ 'hanse:forOffering': { id: `${base}/s` } }), service);
  const made = catalogue([offer, attest(own, 'EU Cloud CoC'), attest(body, 'GDPR Art. 42', 'ISO/IEC 27001', 'Unheard Of'), attest(notary, 'C5')], trusted);
  expect(told(made, 'own')).toEqual([
    'c5=true@notarised',
    'gdpr=true@declared',
    'gdpr.art42=true@certified',
    'gdpr.coc=true@declared',
    'iso27001=true@certified',
    'regime=GDPR2016@declared',
    'tenancy=hw-virtualized@declared',
  ]);
});

test('reads what a Gaia-X service says of limits, law, subcontractors and interfaces, in its own words only', () => {
  const service = {
    id: `${base}/s`,
    type: 'gx:ContainerServiceOffering',
    'gx:instantiationReq': [{ id: `${base}/limits` }],
    'gx:legalDocuments': [{ id: `${base}/law` }],
    'gx:subContractors': [{ 'gx:applicableJurisdiction': 'IE' }],
    'gx:endpoint': { 'gx:standardConformity': [{ 'dcterms:title': 'Kubernetes API v1.34' }] },
  };
  const limits = {
    id: `${base}/limits`,
    type: 'gx:ContainerResourceLimits',
    'gx:gpuLimit': 8,
    'gx:numberOfCoresLimit': 256,
    'gx:memoryLimit': { 'qudt:applicableUnit': 'https://qudt.org/vocab/unit/GibiBYTE', 'qudt:quantityValue': { '@value': '1024.0', '@type': 'xsd:float' } },
  };
  const law = { id: `${base}/law`, type: 'gx:LegallyBindingAct', 'gx:governingLawCountries': ['DE', 'BE'] };
  const foreign = say(
    notary,
    'foreign',
    { id: `${base}/s`, type: 'gx:ServiceOffering', 'gx:instantiationReq': [{ id: `${base}/other` }] },
    { id: `${base}/other`, 'gx:gpuLimit': 99 },
  );
  const made = catalogue([say(own, 'offer', cluster({ 'hanse:forOffering': { id: `${base}/s` } }), service, limits, law), foreign], trusted);
  expect(told(made, 'own')).toEqual([
    'conformity=Kubernetes API v1.34@declared',
    'cpu.cores=256@declared',
    'gpu.count=8@declared',
    'law.country=BE@declared',
    'law.country=DE@declared',
    'memory.gib=1024@declared',
    'subcontractor.country=IE@declared',
  ]);
});

test('statements about statements change nothing: no submitted rdfs:, owl: or sh: counts', () => {
  const twist = { id: `${base}/c`, 'rdfs:subClassOf': 'gx:LabelCredential', 'owl:sameAs': { id: 'https://pa.example/gx/cluster' }, 'sh:deactivated': true };
  const offer = say(own, 'offer', cluster());
  expect(catalogue([...all, offer, say(own, 'twist', twist)], [...demo.issuers, ...trusted]).offerings).toEqual(
    catalogue([...all, offer], [...demo.issuers, ...trusted]).offerings,
  );
});

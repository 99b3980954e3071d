// Credentials against the shapes and the context that Gaia-X publishes (25.11), where they are present: ours conform, and thirty ways of getting it wrong are
// each refused for what is wrong with them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isReliable, judge, policyOf } from '../../broker/src/catalogue/index.ts';
import type { Evidence, Judgement } from '../../broker/src/catalogue/index.ts';
import { builtInContext, readContext } from '../../broker/src/catalogue/judge/jsonld/admitted.ts';
import { statementsIn } from '../../broker/src/catalogue/judge/jsonld/statements.ts';
import type { Term } from '../../broker/src/catalogue/judge/rdf.ts';
import { members } from '../../simulator/federation.ts';
import { kinds, statement } from '../../simulator/gaiax/statements.ts';
import { gaiaXContexts, lagoon } from '../fixtures/gaiaX.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../fixtures/issueCredentials.ts';
import { bothOf, compare, triplesOf } from '../fixtures/secondShacl.ts';

const data = join(import.meta.dirname, '../../../shared/data/gaia-x-25.11');
const present = existsSync(data);
if (!present) process.stderr.write(`The shapes of Gaia-X are not at ${data}: skipped.\n`);

const now = '2026-11-22T08:00:00Z';
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' };
const issuer = anIssuer('did:web:lagoon.example');
const gx = 'https://w3id.org/gaia-x/development#';

const read = (file: string): { readonly from: string; readonly sha256: string; readonly text: string } => {
  const text = present ? readFileSync(join(data, file), 'utf8') : '';
  return { from: `/etc/hanse/${file}`, sha256: createHash('sha256').update(text).digest('hex'), text };
};
const files = ['gx.context.jsonld', 'gx.shacl.ttl', 'gx.owl.ttl'].map(read);
const [context, ...shapes] = files.map(({ from, sha256 }) => ({ from, sha256 }));
const did = JSON.stringify({
  id: issuer.id,
  verificationMethod: [{ id: issuer.kid, type: 'JsonWebKey2020', controller: issuer.id, publicKeyJwk: issuer.jwk }],
  assertionMethod: [issuer.kid],
});
const evidence: Evidence = new Map([
  ...files.map(({ from, text }) => [from, { text, fetchedAt: now }] as const),
  ['https://lagoon.example/.well-known/did.json', { text: did, fetchedAt: now }],
]);
const policy = policyOf({
  contexts: context === undefined ? [] : [{ url: gx, ...context }],
  shapes,
  requires: { jsonld: 'passed', shapes: 'passed' },
});

type Fields = Record<string, unknown>;
type Payloads = Record<string, Fields>;
const payloads = (): Payloads =>
  structuredClone(
    Object.fromEntries(
      Object.entries(lagoon).map(([name, subjects]) => [
        name,
        { ...aPayload(issuer, validity, `https://lagoon.example/${name}.json`, subjects), '@context': gaiaXContexts },
      ]),
    ),
  );
const present1 = (given: Payloads, on: Evidence = evidence, under = policy): Judgement => {
  const tokens = Object.values(given).map((payload) => signJwt(issuer, aHeader(issuer), payload));
  const presentation = {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiablePresentation'],
    id: 'https://lagoon.example/vp.json',
    holder: issuer.id,
    verifiableCredential: tokens.map((token) => ({
      '@context': 'https://www.w3.org/ns/credentials/v2',
      type: 'EnvelopedVerifiableCredential',
      id: `data:application/vc+jwt,${token}`,
    })),
  };
  return judge(signJwt(issuer, aHeader(issuer, { typ: 'vp+jwt', cty: 'vp' }), presentation), on, under, now);
};
const flawsOf = (judgement: Judgement): string[] =>
  judgement.checks.filter(({ blocks }) => blocks).map(({ name, result, reason }) => `${name} ${result}: ${reason}`);

const at = (value: unknown, path: readonly (string | number)[]): Fields => path.reduce<unknown>((inner, key) => (inner as Fields)[key], value) as Fields;
const subject = (given: Payloads, name: string, index = 0): Fields => at(given[name], ['credentialSubject', index]);
const typed = (value: string, type: string): Fields => ({ '@value': value, '@type': `xsd:${type}` });

/** What the demo says of a member; of one that offers nothing, nothing. */
const saidOf = (member: (typeof members)[number]): Payloads => {
  const names = {
    didOf: (name: string) => (name === 'labels' ? 'did:web:labels.example' : issuer.id),
    base: (member: string) => `https://lagoon.example/${member}`,
    statusOf: () => [
      {
        type: 'BitstringStatusListEntry',
        statusPurpose: 'revocation',
        statusListIndex: '7',
        statusListCredential: 'https://lagoon.example/status',
      },
    ],
  };
  const times = { from: Date.parse(validity.from), until: Date.parse(validity.until) };
  const { offer } = member;
  if (!offer) return {};
  const said = kinds.flatMap((kind) => (kind === 'label' ? [] : (statement(kind, member, offer, 0.02, names, () => times) ?? [])));
  return Object.fromEntries(said.map(({ payload }, index) => [index, payload]));
};

type Mutation = readonly [what: string, change: (given: Payloads) => unknown, check: string, reason: RegExp];
const mutations: readonly Mutation[] = [
  ['no registration number', (all) => delete subject(all, 'participant')['gx:registrationNumber'], 'shapes failed', /registrationNumber is missing/],
  [
    'a registration number that is a data centre',
    (all) => (subject(all, 'participant')['gx:registrationNumber'] = { id: 'https://lagoon.example/gx/datacenter' }),
    'shapes failed',
    /class RegistrationNumber/,
  ],
  ['a legal name, which 25.11 does not know', (all) => (subject(all, 'participant')['gx:legalName'] = 'Lagoon'), 'shapes failed', /must not say legalName/],
  ['no headquarters', (all) => delete subject(all, 'participant')['gx:headquartersAddress'], 'shapes failed', /headquartersAddress is missing/],
  [
    'two headquarters',
    (all) =>
      (subject(all, 'participant')['gx:headquartersAddress'] = [1, 2].map((each) => ({
        type: 'gx:Address',
        'gx:countryCode': 'IT',
        'vcard:locality': String(each),
      }))),
    'shapes failed',
    /headquartersAddress has 2 values, at most 1/,
  ],
  [
    'an address without a country',
    (all) => delete at(subject(all, 'participant'), ['gx:legalAddress'])['gx:countryCode'],
    'shapes failed',
    /countryCode is missing/,
  ],
  [
    'a country that does not exist',
    (all) => (at(subject(all, 'participant'), ['gx:legalAddress'])['gx:countryCode'] = 'ZQ'),
    'shapes failed',
    /countryCode "ZQ" is none of the kinds/,
  ],
  [
    'a country as a name',
    (all) => (at(subject(all, 'participant'), ['gx:legalAddress'])['gx:countryCode'] = 'Italy'),
    'rules failed',
    /countryCode has to be a country as ISO 3166-1/,
  ],
  [
    'a region that is no NUTS-2 code',
    (all) => (at(subject(all, 'place', 1), ['gx:location', 0])['vcard:region'] = 'Veneto'),
    'shapes failed',
    /region "Veneto" is none of the \d+ values/,
  ],
  ['no VAT id', (all) => delete subject(all, 'registration')['gx:vatID'], 'shapes failed', /vatID is missing/],
  ['a VAT id that is a number', (all) => (subject(all, 'registration')['gx:vatID'] = 1234), 'shapes failed', /vatID "1234" has to be of the type string/],
  [
    'other terms and conditions',
    (all) => (subject(all, 'terms')['gx:gaiaxTermsAndConditions'] = 'ff'),
    'shapes failed',
    /gaiaxTermsAndConditions "ff" is none/,
  ],
  ['a data centre without a zone', (all) => delete subject(all, 'place', 1)['gx:aggregationOfResources'], 'shapes failed', /aggregationOfResources is missing/],
  ['a data centre that nobody maintains', (all) => delete subject(all, 'place', 1)['gx:maintainedBy'], 'shapes failed', /maintainedBy is missing/],
  [
    'a zone that is a participant',
    (all) => (subject(all, 'place', 1)['gx:aggregationOfResources'] = [{ id: 'https://lagoon.example/gx/participant' }]),
    'shapes failed',
    /aggregationOfResources participant/,
  ],
  [
    'a PUE below one',
    (all) => (at(subject(all, 'place', 1), ['gx:energyUsageEfficiency'])['gx:powerUsageEffectiveness'] = typed('0.4', 'float')),
    'rules failed',
    /powerUsageEffectiveness has to be a number from 1/,
  ],
  [
    'a PUE without its datatype',
    (all) => (at(subject(all, 'place', 1), ['gx:energyUsageEfficiency'])['gx:powerUsageEffectiveness'] = '1.2'),
    'shapes failed',
    /powerUsageEffectiveness "1\.2" has to be of the type float/,
  ],
  [
    'a PUE that is not written as a number',
    (all) => (at(subject(all, 'place', 1), ['gx:energyUsageEfficiency'])['gx:powerUsageEffectiveness'] = typed('1,2', 'float')),
    'rules failed',
    /powerUsageEffectiveness/,
  ],
  [
    'an energy mix without a date',
    (all) =>
      (subject(all, 'place', 1)['gx:energyMix'] = {
        type: 'gx:EnergyMix',
        'gx:renewableEnergy': typed('80', 'float'),
        'gx:hourlyCarbonFreeEnergy': typed('80', 'float'),
      }),
    'shapes failed',
    /attainmentDate is missing/,
  ],
  [
    'a day that no month has',
    (all) =>
      (subject(all, 'place', 1)['gx:energyMix'] = {
        type: 'gx:EnergyMix',
        'gx:attainmentDate': typed('2026-02-30', 'date'),
        'gx:renewableEnergy': typed('80', 'float'),
        'gx:hourlyCarbonFreeEnergy': typed('80', 'float'),
      }),
    'shapes failed',
    /attainmentDate "2026-02-30" is not written as date is/,
  ],
  ['no provider', (all) => delete subject(all, 'offering', 2)['gx:providedBy'], 'shapes failed', /providedBy is missing/],
  [
    'no terms of the service',
    (all) => delete subject(all, 'offering', 2)['gx:serviceOfferingTermsAndConditions'],
    'shapes failed',
    /serviceOfferingTermsAndConditions is missing/,
  ],
  [
    'a regime that Gaia-X does not list',
    (all) => (subject(all, 'offering', 2)['gx:dataProtectionRegime'] = ['GDPR2018']),
    'shapes failed',
    /dataProtectionRegime "GDPR2018" is none/,
  ],
  ['a misspelt property', (all) => (subject(all, 'offering', 2)['gx:keywrod'] = 'kubernetes'), 'shapes failed', /must not say keywrod/],
  ['limits without a word on confidentiality', (all) => delete subject(all, 'offering', 0)['gx:confidential'], 'shapes failed', /confidential is missing/],
  [
    'cores as a text',
    (all) => (subject(all, 'offering', 0)['gx:numberOfCoresLimit'] = 'many'),
    'shapes failed',
    /numberOfCoresLimit "many" has to be of the type integer/,
  ],
  [
    'an image of an unknown format',
    (all) => (subject(all, 'offering', 1)['gx:containerFormat'] = 'zip'),
    'shapes failed',
    /containerFormat "zip" is none of the 5 values/,
  ],
  ['a price below nothing', (all) => (subject(all, 'offering', 3)['hanse:eurPerVcpuHour'] = -0.02), 'rules failed', /eurPerVcpuHour has to be a number from 0/],
  [
    'a Liqo cluster id that is none',
    (all) => (subject(all, 'offering', 3)['hanse:liqoClusterId'] = 'Lagoon 1'),
    'rules failed',
    /liqoClusterId has to be a name/,
  ],
  [
    'a cluster that stands in a text',
    (all) => (subject(all, 'offering', 3)['hanse:hostedOn'] = 'Giudecca'),
    'shapes failed',
    /hostedOn "Giudecca" has to be IRI/,
  ],
  [
    'a term of the W3C with another meaning',
    (all) => (at(all, ['offering'])['@context'] = [...gaiaXContexts, { name: 'https://lagoon.example/name' }]),
    'context failed',
    /"name" a meaning of its own/,
  ],
  [
    'a context from somewhere else',
    (all) => (at(all, ['offering'])['@context'] = [...gaiaXContexts, 'https://lagoon.example/context']),
    'context unknown',
    /is not known here/,
  ],
  ['one value out of two', (all) => (subject(all, 'offering', 2)['schema:name'] = { '@value': ['a', 'b'] }), 'jsonld unknown', /a value is a list/],
];

describe.skipIf(!present)('by the published shapes of Gaia-X 25.11', () => {
  it('has nothing against a provider that describes itself as they ask, and says what each check found', () => {
    const judgement = present1(payloads());
    expect([judgement, ...judgement.contents].flatMap(flawsOf)).toEqual([]);
    expect(isReliable(judgement)).toBe(true);
    const told = judgement.contents.flatMap(({ checks }) => checks.filter(({ name }) => name === 'shapes')).map(({ reason }) => reason);
    expect(told).toEqual(['1 subjects', '1 subjects', '1 subjects', '2 subjects', '4 subjects'].map((count) => `${count} are as their shapes ask`));
  });

  it('has nothing against what is said of the members of the demo', () => {
    for (const member of members) {
      if (!member.offer) continue;
      const judgement = present1(saidOf(member));
      const flaws = judgement.contents.flatMap(flawsOf).filter((flaw) => !flaw.startsWith('status unknown'));
      // 25.11 lists the regions of Europe only, and has no other word for one
      expect(flaws, member.name).toEqual(member.country === 'US' ? [expect.stringContaining('region "US-NY" is none of the 271 values')] : []);
    }
  });

  it.each(mutations)('refuses %s', (_, change, check, reason) => {
    const given = payloads();
    change(given);
    const judgement = present1(given);
    const flaws = judgement.contents.flatMap(flawsOf);
    expect(
      flaws.find((flaw) => flaw.startsWith(check)),
      flaws.join('\n'),
    ).toMatch(reason);
    expect(isReliable(judgement)).toBe(false);
  });

  it('says of each of them, and of what is said of the members of the demo, what another validator says', async () => {
    const [terms, asked, owl] = files.map(({ text }) => text);
    const classes = triplesOf(owl ?? '').filter(({ predicate, object }) => predicate.endsWith('#subClassOf') && object.kind === 'iri');
    const known = readContext(terms ?? '');
    const whole = payloads();
    const changed = mutations.map(([name, change]) => {
      const given = payloads();
      change(given);
      // the other one looks how a day is written, and not into the calendar
      const isSaid = name !== 'a day that no month has';
      return Object.fromEntries(Object.entries(given).filter(([kind, payload]) => isSaid && JSON.stringify(payload) !== JSON.stringify(whole[kind])));
    });
    // validated at once, as providers that have nothing to do with each other; what cannot be turned into statements no validator is asked about
    const triples = [whole, ...changed, ...members.map(saidOf)].flatMap((given, place) =>
      Object.entries(given).flatMap(([name, payload]) => {
        const document: unknown = JSON.parse(JSON.stringify(payload).replaceAll('https://lagoon.example/', `https://lagoon-${place}.example/`));
        const found = statementsIn(document, (address) => builtInContext(address) ?? (address === gx ? known : { flaw: address }));
        const own = <Any extends Term>(term: Any): Any => (term.kind === 'blank' ? { ...term, value: `${place}-${name}-${term.value}` } : term);
        if ('kind' in found) return [];
        return found.subjects.flatMap((each) => each.triples.map((triple) => ({ ...triple, subject: own(triple.subject), object: own(triple.object) })));
      }),
    );
    const wrong = new Set((await compare(bothOf(asked ?? '', classes), triples)).flatMap((finding) => /lagoon-\d+/.exec(finding) ?? []));
    expect(wrong).not.toContain('lagoon-0');
    expect(wrong.size).toBeGreaterThan(10);
  });

  it('never takes a context or shapes that are not those whose digest is configured: it does not know then', () => {
    for (const { from } of files) {
      for (const found of [{ text: 'changed', fetchedAt: now }, { failure: 'no answer' }]) {
        const judgement = present1(payloads(), new Map([...evidence, [from, found]]));
        const results = judgement.contents.flatMap(({ checks }) => checks.filter(({ name }) => name === 'shapes').map(({ result }) => result));
        expect(results).toEqual(results.map(() => 'unknown'));
      }
    }
  });

  it('hears nothing of what a credential says of classes and shapes', () => {
    const given = payloads();
    subject(given, 'registration')['type'] = 'hanse:Certification';
    const evil = { 'http://www.w3.org/2000/01/rdf-schema#subClassOf': { id: `${gx}RegistrationNumber` } };
    at(given, ['terms'])['credentialSubject'] = [
      ...(at(given, ['terms'])['credentialSubject'] as Fields[]),
      { id: 'https://hanse.dev/ns#Certification', ...evil },
    ];
    subject(given, 'participant')['http://www.w3.org/ns/shacl#deactivated'] = true;
    expect(present1(given).contents.flatMap(flawsOf).join('\n')).toMatch(/class RegistrationNumber/);
  });
});

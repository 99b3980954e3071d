// What is said of each member: by itself, by a notary of its registration, by the issuer of labels, by a certification body.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Plain } from '../fields.ts';
import type { MemberData, Offer } from '../federation.ts';
import { quantity } from '../controllers/read.ts';

/** `offering` first: the label names it by its digest. */
export const kinds = ['offering', 'registration', 'label', 'certifications'] as const;
export type StatementKind = (typeof kinds)[number];

/** Milliseconds since 1970. */
export type Validity = { readonly from: number; readonly until: number };
type ValidityOf = (kind: StatementKind) => Validity;
export type Said = { readonly issuer: string; readonly payload: Plain };
/** `didOf`: of a member, or of `notary`, `labels`, `certification`. `base`: where the member's things have their names. */
export type Names = {
  didOf(name: string): string;
  base(member: string): string;
  statusOf(issuer: string, member: string, kind: StatementKind): readonly Plain[];
};

const payloadOf = (issuer: string, id: string, validity: Validity, subjects: readonly Plain[], type: readonly string[] = []): Plain => ({
  '@context': [
    'https://www.w3.org/ns/credentials/v2',
    'https://w3id.org/gaia-x/development#',
    { hanse: 'https://hanse.dev/ns#', schema: 'https://schema.org/', vcard: 'http://www.w3.org/2006/vcard/ns#' },
  ],
  type: ['VerifiableCredential', ...type],
  id,
  issuer,
  validFrom: new Date(validity.from).toISOString(),
  validUntil: new Date(validity.until).toISOString(),
  credentialSubject: subjects,
});

/** null: nobody says that of this member. `price` in EUR per vCPU and hour. */
export function statement(kind: StatementKind, member: MemberData, offer: Offer, price: number, names: Names, validityOf: ValidityOf): Said | null {
  const base = names.base(member.name);
  const said = (issuer: string, subjects: readonly Plain[], type?: readonly string[]): Said => ({
    issuer,
    payload: {
      ...payloadOf(names.didOf(issuer), `${base}/${kind}.json`, validityOf(kind), subjects, type),
      credentialStatus: names.statusOf(issuer, member.name, kind),
    },
  });
  switch (kind) {
    case 'offering':
      return said(member.name, subjectsOf(member, offer, price, base));
    case 'registration':
      return said('notary', [{ id: `${base}/registration`, type: 'gx:VatID', 'gx:vatID': `${member.country}000000000`, 'gx:countryCode': member.country }]);
    case 'label':
      return offer.label === null ? null : said('labels', [labelOf(member, offer, price, names, validityOf)], ['gx:LabelCredential']);
    case 'certifications':
      return offer.schemes.length === 0
        ? null
        : said(
            'certification',
            offer.schemes.map((scheme) => ({
              id: `${base}/certification/${scheme}`,
              type: 'hanse:Certification',
              'hanse:scheme': scheme,
              'hanse:certifies': { id: `${base}/participant` },
            })),
          );
  }
}

/** Covers the offering as it stands, by `sha256-` over its canonical JSON (RFC 8785). */
function labelOf(member: MemberData, offer: Offer, price: number, names: Names, validityOf: ValidityOf): Plain {
  const base = names.base(member.name);
  const offering = statement('offering', member, offer, price, names, validityOf)?.payload;
  const digest = createHash('sha256')
    .update(canonicalize(offering) ?? '')
    .digest('hex');
  return {
    id: `${base}/label#cs`,
    type: 'gx:LabelCredential',
    'gx:labelLevel': offer.label,
    'gx:engineVersion': '2.14.0',
    'gx:rulesVersion': 'CD25.10',
    'gx:compliantCredentials': [{ id: `${base}/offering.json`, type: 'hanse:FederableCluster', 'gx:digestSRI': `sha256-${digest}` }],
    'gx:validatedCriteria': [`https://docs.gaia-x.eu/policy-rules-committee/compliance-document/25.10/criteria_infrastructure/#P5.1.1`],
  };
}

const typed = (value: string | number, type: 'float' | 'date'): Plain => ({ '@value': String(value), '@type': `http://www.w3.org/2001/XMLSchema#${type}` });

function subjectsOf(member: MemberData, offer: Offer, price: number, base: string): readonly Plain[] {
  const address = { type: 'gx:Address', 'gx:countryCode': member.country };
  const gps = { type: 'gx:GPSLocation', 'gx:latitude': String(member.latitude), 'gx:longitude': String(member.longitude) };
  const sum = (of: (node: MemberData['nodes'][number]) => number): number => member.nodes.reduce((total, node) => total + of(node), 0);
  const energy = {
    ...(offer.renewablePercent !== null && {
      'gx:energyMix': {
        type: 'gx:EnergyMix',
        'gx:attainmentDate': typed('2026-01-01', 'date'),
        'gx:renewableEnergy': typed(offer.renewablePercent, 'float'),
        'gx:hourlyCarbonFreeEnergy': typed(offer.renewablePercent, 'float'),
      },
    }),
    ...(offer.pue !== null && {
      'gx:energyUsageEfficiency': { type: 'gx:EnergyUsageEfficiency', 'gx:powerUsageEffectiveness': typed(offer.pue, 'float') },
    }),
  };
  return [
    {
      id: `${base}/cluster`,
      type: 'hanse:FederableCluster',
      'schema:name': member.title,
      'hanse:liqoClusterId': member.liqoClusterId ?? member.name,
      'hanse:providedBy': { id: `${base}/participant` },
      'hanse:hostedOn': [{ id: `${base}/datacenter` }],
      'hanse:cpuCores': sum(({ cpu }) => quantity(cpu)),
      'hanse:memoryGiB': sum(({ memory }) => quantity(memory)) / 1024 ** 3,
      'hanse:pods': 110 * member.nodes.length,
      'hanse:gpuCount': sum(({ gpus = 0 }) => gpus),
      ...(offer.gpuModel !== null && { 'hanse:gpuModel': offer.gpuModel }),
      'hanse:architecture': 'amd64',
      'hanse:kubernetesVersion': member.kubernetesVersion,
      'hanse:liqoVersion': '1.2.0',
      'hanse:eurPerVcpuHour': price,
    },
    {
      id: `${base}/datacenter`,
      type: 'gx:Datacenter',
      'gx:location': [{ ...address, 'gx:gps': gps, 'vcard:region': member.region, 'vcard:locality': member.city }],
      'gx:maintainedBy': [{ id: `${base}/participant` }],
      'gx:aggregationOfResources': [{ id: `${base}/zone` }],
      ...energy,
    },
    { id: `${base}/zone`, type: 'gx:AvailabilityZone', 'schema:name': `${member.city} A`, 'gx:address': address },
    {
      id: `${base}/participant`,
      type: 'gx:LegalPerson',
      'schema:name': member.title,
      'gx:legalAddress': address,
      'gx:headquartersAddress': address,
      'gx:registrationNumber': { id: `${base}/registration` },
    },
  ];
}

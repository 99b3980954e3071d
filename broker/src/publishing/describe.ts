// A cluster and its provider in the words of Gaia-X 25.11, and in ours where Gaia-X has none: one credential for each thing, ready to be dated and signed.
// Mandatory properties are those of the published shapes. Gaia-X has no class for a cluster that others extend onto: it is described as a compute service with the
// limits of its containers; a container service would have to name the images that run in it, which are its tenants'.
import type { Answers, RegistrationKind } from './questions.ts';
import { baseOf } from './site.ts';
import type { Document } from './token.ts';

type Node = Readonly<Record<string, unknown>>;
export type Described = { readonly name: string; readonly document: Document };

const contexts = [
  'https://www.w3.org/ns/credentials/v2',
  'https://w3id.org/gaia-x/development#',
  {
    gx: 'https://w3id.org/gaia-x/development#',
    hanse: 'https://hanse.dev/ns#',
    schema: 'https://schema.org/',
    vcard: 'http://www.w3.org/2006/vcard/ns#',
    qudt: 'http://qudt.org/schema/qudt/',
    xsd: 'http://www.w3.org/2001/XMLSchema#',
  },
];

/** SHA-256 of the terms and conditions for participants of Gaia-X, as 25.11 lists them (the newer of the two). */
const gaiaxTerms = '4bd7554097444c960292b4726c2efa1373485e8a5565d94d41195214c5e0ceb3';

const uri = (value: string | undefined): Node => ({ '@value': value ?? '', '@type': 'xsd:anyURI' });
const float = (value: string | undefined): Node => ({ '@value': value ?? '', '@type': 'xsd:float' });
const decimal = (value: string): Node => ({ '@value': value, '@type': 'xsd:decimal' });
const listed = (text: string | undefined): readonly string[] => (text === undefined ? [] : text.split(',').map((each) => each.trim()));
/** Nothing where there is no value: a property that is not there says less than one that is empty. */
const maybe = <Value>(property: string, value: Value | undefined | readonly []): Node =>
  value === undefined || (Array.isArray(value) && value.length === 0) ? {} : { [property]: value };

/** `answers` has everything that is needed (questions.ts). Same answers, same documents. */
export function describe(answers: Answers): readonly Described[] {
  const did = answers['did'] ?? '';
  const base = baseOf(did) ?? '';
  const idOf = (name: string): string => `${base}credentials/${name}.jwt`;
  /** What a credential is about has an id of its own beside that of the credential. */
  const about = (name: string): string => `${idOf(name)}#cs`;
  const say = (name: string, subjects: readonly Node[]): Described => ({
    name,
    document: {
      '@context': contexts,
      id: idOf(name),
      type: ['VerifiableCredential'],
      issuer: did,
      credentialSubject: subjects.length === 1 ? subjects[0] : subjects,
    },
  });
  return [
    say('participant', [participant(answers, about)]),
    say('registration', [registration(answers, about)]),
    say('terms', [{ id: about('terms'), type: 'gx:Issuer', 'gx:gaiaxTermsAndConditions': gaiaxTerms }]),
    say('datacenter', [datacenter(answers, about), ...zones(answers, about)]),
    say('resources', [limits(answers, about)]),
    say('service', [service(answers, about)]),
    say('cluster', [cluster(answers, about)]),
  ];
}

type About = (name: string) => string;

const address = (country: string | undefined, more: Node = {}): Node => ({ type: 'gx:Address', 'gx:countryCode': country, ...more });

const participant = (answers: Answers, about: About): Node => ({
  id: about('participant'),
  type: 'gx:LegalPerson',
  'schema:name': answers['participant.name'],
  'gx:registrationNumber': { id: about('registration') },
  'gx:legalAddress': address(answers['participant.country']),
  'gx:headquartersAddress': address(answers['participant.headquarters']),
});

/** Kind and number apart. */
export function registrationOf(answers: Answers): { readonly kind: RegistrationKind; readonly number: string } {
  const [, kind = 'vat-id', number = ''] = /^([a-z-]+):(.*)$/.exec(answers['registration'] ?? '') ?? [];
  return { kind: kind as RegistrationKind, number };
}

/** Our own word, until a notary's takes its place. */
function registration(answers: Answers, about: About): Node {
  const { kind, number } = registrationOf(answers);
  const country = answers['participant.country'];
  const stated: Readonly<Record<RegistrationKind, Node>> = {
    'vat-id': { type: 'gx:VatID', 'gx:vatID': number, 'gx:countryCode': country },
    'lei-code': { type: 'gx:LeiCode', 'schema:leiCode': number, 'gx:countryCode': country },
    eori: { type: 'gx:EORI', 'gx:eori': number, 'gx:country': country },
    'tax-id': { type: 'gx:TaxID', 'schema:taxID': number },
    euid: { type: 'gx:EUID', 'gx:euid': number },
    'country-company-number': { type: 'gx:CountryCompanyNumber', 'gx:countryCompanyNumber': number, 'gx:countryCode': country },
  };
  return { id: about('registration'), ...stated[kind] };
}

function datacenter(answers: Answers, about: About): Node {
  const [latitude, longitude] = (answers['datacenter.position'] ?? '').split(',');
  const place = address(answers['datacenter.country'], {
    ...(longitude !== undefined && { 'gx:gps': { type: 'gx:GPSLocation', 'gx:latitude': latitude, 'gx:longitude': longitude } }),
    ...maybe('vcard:region', answers['datacenter.region']),
    ...maybe('vcard:locality', answers['datacenter.city']),
  });
  const renewable = answers['energy.renewable'];
  return {
    id: about('datacenter'),
    type: 'gx:Datacenter',
    'schema:name': answers['datacenter.name'],
    'gx:location': [place],
    'gx:maintainedBy': [{ id: about('participant') }],
    'gx:aggregationOfResources': zones(answers, about).map(({ id }) => ({ id })),
    ...(renewable !== undefined && {
      'gx:energyMix': {
        type: 'gx:EnergyMix',
        'gx:renewableEnergy': float(renewable),
        'gx:hourlyCarbonFreeEnergy': float(answers['energy.carbonFree']),
        'gx:attainmentDate': { '@value': answers['energy.date'], '@type': 'xsd:date' },
      },
    }),
    ...(answers['energy.pue'] !== undefined && {
      'gx:energyUsageEfficiency': { type: 'gx:EnergyUsageEfficiency', 'gx:powerUsageEffectiveness': float(answers['energy.pue']) },
    }),
    ...(answers['energy.wue'] !== undefined && {
      'gx:waterUsageEffectiveness': { type: 'gx:WaterUsageEffectiveness', 'gx:waterUsageEffectiveness': float(answers['energy.wue']) },
    }),
  };
}

/** A data centre has at least one; where the cluster names none, it is one. */
const zones = (answers: Answers, about: About): readonly { readonly id: string }[] => {
  const names = listed(answers['zones'] ?? answers['datacenter.name']);
  return names.map((name, index) => ({
    id: `${about('datacenter').replace(/#cs$/, '')}#zone-${index + 1}`,
    type: 'gx:AvailabilityZone',
    'schema:name': name,
    'gx:address': address(answers['datacenter.country']),
  }));
};

const architectures: Readonly<Record<string, string>> = { amd64: 'x86-64', arm64: 'AArch-64', 386: 'x86-32', arm: 'AArch-32', riscv64: 'RISC-V' };

const limits = (answers: Answers, about: About): Node => {
  const [architecture = ''] = listed(answers['arch']);
  const [model] = listed(answers['gpu.model']);
  const vendor = model === undefined ? undefined : /^(nvidia|amd|intel)/i.exec(model)?.[1];
  return {
    id: about('resources'),
    type: 'gx:ContainerResourceLimits',
    'schema:name': `What ${answers['service.name']} has to offer`,
    'gx:confidential': answers['confidential'] === 'yes',
    'gx:numberOfCoresLimit': Number(answers['cpu.cores']),
    'gx:cpuRequirements': { type: 'gx:CPU', 'gx:cpuArchitecture': architectures[architecture] ?? 'Other' },
    'gx:memoryLimit': {
      type: 'gx:MemorySize',
      'qudt:applicableUnit': 'https://qudt.org/vocab/unit/GibiBYTE',
      'qudt:quantityValue': float(answers['memory.gib']),
    },
    'gx:gpuLimit': Number(answers['gpu.count']),
    ...(vendor !== undefined && { 'gx:gpuRequirements': { type: 'gx:GPU', 'gx:vendor': vendor.toUpperCase() } }),
  };
};

const service = (answers: Answers, about: About): Node => ({
  id: about('service'),
  type: 'gx:ComputeServiceOffering',
  'schema:name': answers['service.name'],
  'gx:providedBy': { id: about('participant') },
  'gx:serviceOfferingTermsAndConditions': [{ type: 'gx:TermsAndConditions', 'gx:url': uri(answers['service.terms']), 'gx:hash': answers['service.termsHash'] }],
  'gx:hostedOn': [{ id: about('datacenter') }],
  'gx:instantiationReq': [{ id: about('resources') }],
  'gx:keyword': ['kubernetes', 'liqo'],
  ...maybe('gx:dataProtectionRegime', listed(answers['regime'])),
  ...maybe('gx:provisionType', answers['provision']),
  ...maybe('gx:tenantSeparation', answers['tenancy']),
});

const cluster = (answers: Answers, about: About): Node => {
  const price = answers['price'];
  return {
    id: about('cluster'),
    type: 'hanse:FederableCluster',
    'schema:name': answers['service.name'],
    'hanse:liqoClusterId': answers['liqo.id'],
    'hanse:forOffering': { id: about('service') },
    'hanse:providedBy': { id: about('participant') },
    'hanse:hostedOn': [{ id: about('datacenter') }],
    'hanse:cpuCores': Number(answers['cpu.cores']),
    'hanse:memoryGiB': Number(answers['memory.gib']),
    'hanse:pods': Number(answers['pods']),
    'hanse:gpuCount': Number(answers['gpu.count']),
    ...maybe('hanse:gpuModel', listed(answers['gpu.model'])),
    'hanse:architecture': listed(answers['arch']),
    'hanse:kubernetesVersion': answers['kubernetes.version'],
    'hanse:liqoVersion': answers['liqo.version'],
    ...maybe('hanse:distribution', answers['distribution']),
    ...(answers['nodes'] !== undefined && { 'hanse:nodes': Number(answers['nodes']) }),
    ...maybe('hanse:storageClass', listed(answers['storage'])),
    ...maybe('hanse:cni', answers['cni']),
    ...maybe('hanse:podRange', listed(answers['ranges.pods'])),
    ...maybe('hanse:serviceRange', listed(answers['ranges.services'])),
    ...(price !== undefined && { 'hanse:eurPerVcpuHour': decimal(price) }),
  };
};

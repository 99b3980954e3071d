// From statements to the facts of one offering. A fact carries the weight of whoever stated it, never more.
import { nodesOf, valuesOf } from './node.ts';
import type { Node } from './node.ts';
import type { Assurance, Fact } from './offering.ts';
import type { Statement } from './statement.ts';
import { schemeNamed } from './schemes.ts';
import { positionIn } from './position.ts';
import { clusterTerms, factTable, labels } from './vocabulary.ts';
import type { FactMeaning } from './vocabulary.ts';

/**
 * What the word of an issuer is worth about things of this provider: its own is declared, whatever else it may be trusted for; a notary's is notarised, a
 * certification body's certified. null: it counts for nothing. Label issuers only issue labels.
 */
export function assuranceOf({ issuer, roles }: Statement, provider: string): Assurance | null {
  if (issuer === provider) return 'declared';
  if (roles.includes('certificationBody')) return 'certified';
  return roles.includes('notary') ? 'notarised' : null;
}

type Said = readonly [name: string, value: unknown];

export function factsOf(statement: Statement, assurance: Assurance, said: readonly Said[]): Fact[] {
  return said.flatMap(([name, stated]) => {
    const meaning = factTable[name];
    const value = meaning === undefined ? null : valueOf(meaning, stated);
    if (meaning === undefined || value === null) return [];
    const { digest: credential, issuer, validUntil } = statement;
    return [{ name, group: meaning.group, value, ...(meaning.unit === undefined ? {} : { unit: meaning.unit }), assurance, credential, issuer, validUntil }];
  });
}

/** No control characters, which could move a terminal's cursor; no brackets, which set off the assurance in explanations. */
const printable = /^[^\p{C}()]{1,200}$/u;

export const printableText = (value: unknown): string | null => (typeof value === 'string' && printable.test(value) ? value.trim() : null);

/** null: it is not of that type, or there is no such value, and so it is not a fact. */
function valueOf({ type, least = 0, most = 1e15 }: Pick<FactMeaning, 'type' | 'least' | 'most'>, value: unknown): Fact['value'] | null {
  switch (type) {
    case 'number':
      return numberIn(value, { least, most });
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'country':
      return typeof value === 'string' && /^[A-Za-z]{2}$/.test(value) ? value.toUpperCase() : null;
    case 'label':
      return labels.find((label) => label === value) ?? null;
    case 'version':
      return typeof value === 'string' && /^v?\d{1,5}(\.\d{1,5}){0,2}([+-][A-Za-z0-9.+-]{1,40})?$/.test(value) ? value.replace(/^v/, '') : null;
    case 'text':
      return printableText(value);
    case 'position':
      return positionIn(value);
  }
}

function numberIn(value: unknown, { least, most }: { readonly least: number; readonly most: number }): number | null {
  const number = typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= least && number <= most && number < 1e15 ? number : null;
}

const each = (name: string, values: readonly unknown[]): Said[] => values.map((value) => [name, value]);

export const saidOfCluster = (node: Node): Said[] => clusterTerms.flatMap(([term, fact]) => each(fact, valuesOf(node, 'hanse', term)));

export const saidOfDatacenter = (node: Node): Said[] => [
  ...nodesOf(node, 'gx', 'location').flatMap((address) => [
    ...each('country', valuesOf(address, 'gx', 'countryCode')),
    ...each('region', valuesOf(address, 'vcard', 'region')),
    ...each('city', valuesOf(address, 'vcard', 'locality')),
    ...each('position', nodesOf(address, 'gx', 'gps')),
  ]),
  ...nodesOf(node, 'gx', 'energyMix').flatMap((mix) => each('energy.renewable', valuesOf(mix, 'gx', 'renewableEnergy'))),
  ...nodesOf(node, 'gx', 'energyUsageEfficiency').flatMap((usage) => each('energy.pue', valuesOf(usage, 'gx', 'powerUsageEffectiveness'))),
  ...nodesOf(node, 'gx', 'waterUsageEffectiveness').flatMap((usage) => each('energy.wue', valuesOf(usage, 'gx', 'waterUsageEffectiveness'))),
];

export const saidOfParticipant = (node: Node): Said[] => [
  ...nodesOf(node, 'gx', 'headquartersAddress').flatMap((address) => each('seat.country', valuesOf(address, 'gx', 'countryCode'))),
  ...nodesOf(node, 'gx', 'legalAddress').flatMap((address) => each('registration.country', valuesOf(address, 'gx', 'countryCode'))),
];

export const saidOfRegistration = (node: Node): Said[] => each('registration.country', valuesOf(node, 'gx', 'countryCode'));

export const saidOfService = (node: Node): Said[] => {
  const regimes = valuesOf(node, 'gx', 'dataProtectionRegime');
  return [
    ...each('regime', regimes),
    ...(regimes.includes('GDPR2016') ? [['gdpr', true] as const] : []),
    ...each('tenancy', valuesOf(node, 'gx', 'tenantSeparation')),
    ...each('provision', valuesOf(node, 'gx', 'provisionType')),
    ...nodesOf(node, 'gx', 'subContractors').flatMap((other) => each('subcontractor.country', valuesOf(other, 'gx', 'applicableJurisdiction'))),
    ...nodesOf(node, 'gx', 'endpoint').flatMap((endpoint) =>
      nodesOf(endpoint, 'gx', 'standardConformity').flatMap((standard) => each('conformity', valuesOf(standard, 'dcterms', 'title'))),
    ),
  ];
};

/** A GPU or core that the service limits its tenants to; a memory size that is stated in gibibytes. */
export const saidOfLimits = (node: Node): Said[] => [
  ...each('cpu.cores', valuesOf(node, 'gx', 'numberOfCoresLimit')),
  ...each('gpu.count', valuesOf(node, 'gx', 'gpuLimit')),
  ...nodesOf(node, 'gx', 'memoryLimit').flatMap((size) =>
    valuesOf(size, 'qudt', 'applicableUnit').some((unit) => unit === 'https://qudt.org/vocab/unit/GibiBYTE')
      ? each('memory.gib', valuesOf(size, 'qudt', 'quantityValue'))
      : [],
  ),
];

export const saidOfLegalDocument = (node: Node): Said[] => each('law.country', valuesOf(node, 'gx', 'governingLawCountries'));

/** What an attestation is worth is told by its scheme, by whose word it is. */
export function factsOfCertification(statement: Statement, provider: string): Fact[] {
  return valuesOf(statement.node, 'hanse', 'scheme').flatMap((name) => {
    const scheme = schemeNamed(name);
    const by = statement.issuer === provider ? ['provider' as const] : statement.roles;
    const worth = by.flatMap((role) => scheme?.by[role] ?? []);
    const best = (['certified', 'notarised', 'declared', 'asserted'] as const).find((assurance) => worth.includes(assurance));
    return scheme === undefined || best === undefined ? [] : factsOf(statement, best, [[scheme.fact, true]]);
  });
}

/** Standard Compliance and L1 are self-declared by the rules of Gaia-X: the label is certified, the single criteria behind it are not. */
export function factsOfLabel(statement: Statement): Fact[] {
  const level = valuesOf(statement.node, 'gx', 'labelLevel').filter((value) => valueOf({ type: 'label' }, value) !== null);
  const criteria = valuesOf(statement.node, 'gx', 'validatedCriteria').map((uri) => (typeof uri === 'string' ? uri.replace(/^.*#/, '') : uri));
  const isCertified = level.some((value) => value === 'L2' || value === 'L3');
  return [...factsOf(statement, 'certified', each('label', level)), ...factsOf(statement, isCertified ? 'certified' : 'declared', each('criterion', criteria))];
}

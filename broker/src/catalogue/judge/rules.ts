// What holds for the few classes that decisions are made from, whatever shapes are at hand: read as decisions read them, by the words of their vocabularies.
import { look } from './check.ts';
import type { Look } from './check.ts';
import type { Credential } from './credential.ts';
import { quoted } from './json.ts';
import { hasType, idOf, nodesOf, typesOf, valuesOf } from '../node.ts';
import type { Node } from '../node.ts';
import { clusterTerms, factTable, labels } from '../vocabulary.ts';

type Rule = (node: Node) => readonly string[];

const shown = (value: unknown): string => quoted(typeof value === 'object' ? JSON.stringify(value) : value, 60);

const values =
  (vocabulary: Parameters<typeof valuesOf>[1], term: string, isFit: (value: unknown) => boolean, words: string): Rule =>
  (node) =>
    valuesOf(node, vocabulary, term)
      .filter((value) => !isFit(value))
      .map((value) => `${term} ${words}, and not ${shown(value)}`);

const below =
  (term: string, ...rules: readonly Rule[]): Rule =>
  (node) =>
    nodesOf(node, 'gx', term).flatMap((inner) => rules.flatMap((rule) => rule(inner)).map((flaw) => `${term}: ${flaw}`));

const numberOf = (value: unknown): number =>
  typeof value === 'string' && /^[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?$/.test(value) ? Number(value) : typeof value === 'number' ? value : NaN;
const between =
  (from: number, to: number) =>
  (value: unknown): boolean =>
    numberOf(value) >= from && numberOf(value) <= to;
const isText =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);

/** ISO 3166-1: two letters, three letters or three digits. */
const country = values('gx', 'countryCode', isText(/^([A-Z]{2,3}|\d{3})$/), 'has to be a country as ISO 3166-1 writes it');
const version = isText(/^v?\d{1,5}\.\d{1,5}/);
const aLevel = (node: Node): readonly string[] => (valuesOf(node, 'gx', 'labelLevel').length === 0 ? ['it names no labelLevel'] : []);

const ofCluster = clusterTerms.flatMap(([term, fact]): Rule[] => {
  const type = factTable[fact]?.type;
  if (type === 'number') return [values('hanse', term, between(0, 1e15), 'has to be a number from 0 on')];
  return type === 'version' ? [values('hanse', term, version, 'has to be a version such as 1.35.4')] : [];
});
const atMostOne =
  (term: string): Rule =>
  (node) =>
    valuesOf(node, 'hanse', term).length > 1 ? [`${term} is said more than once`] : [];

const rules: readonly { readonly vocabulary: 'gx' | 'hanse'; readonly type: RegExp; readonly rules: readonly Rule[] }[] = [
  {
    vocabulary: 'hanse',
    type: /^FederableCluster$/,
    rules: [
      values('hanse', 'liqoClusterId', isText(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/), 'has to be a name of small letters, digits and dashes'),
      atMostOne('liqoClusterId'),
      ...ofCluster,
    ],
  },
  {
    vocabulary: 'gx',
    type: /^Datacenter$/,
    rules: [
      below('location', country),
      below('energyUsageEfficiency', values('gx', 'powerUsageEffectiveness', between(1, 100), 'has to be a number from 1 on')),
      below('energyMix', values('gx', 'renewableEnergy', between(0, 100), 'has to be a percentage')),
      below('waterUsageEffectiveness', values('gx', 'waterUsageEffectiveness', between(0, 1000), 'has to be a number of litres')),
    ],
  },
  { vocabulary: 'gx', type: /^LegalPerson$/, rules: [below('legalAddress', country), below('headquartersAddress', country)] },
  { vocabulary: 'gx', type: /^(VatID|LeiCode|CountryCompanyNumber)$/, rules: [country] },
  {
    vocabulary: 'gx',
    type: /^LabelCredential$/,
    rules: [aLevel, values('gx', 'labelLevel', (value) => labels.some((label) => label === value), `has to be one of ${labels.join(', ')}`)],
  },
];

export function rulesLook({ payload }: Credential): Look {
  const read = payload.credentialSubject.map((node) => {
    const own = typesOf(node);
    const types = own.length > 0 ? own : payload.type.flatMap((each) => each.split(','));
    return { node, about: rules.filter(({ vocabulary, type }) => hasType(types, vocabulary, type)) };
  });
  const flaws = read.flatMap(({ node, about }) =>
    about
      .flatMap((each) => each.rules)
      .flatMap((rule) => rule(node))
      .map((flaw) => `${shown(idOf(node) ?? 'a subject').replace(/^.*[#/](?=.)/, '')}: ${flaw}`),
  );
  if (flaws.length > 0) return look('rules', 'failed', flaws.slice(0, 4).join('; ') + (flaws.length > 4 ? `; and ${flaws.length - 4} more` : ''));
  const held = read.filter(({ about }) => about.length > 0).length;
  return look(
    'rules',
    'passed',
    held === 0 ? 'it describes nothing that there are rules for' : `${held} of ${read.length} subjects, by the rules for what decisions read`,
  );
}

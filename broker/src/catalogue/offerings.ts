// From reliable credentials to offerings: a cluster that can be federated, with what is known of it, of where it stands and of who runs it.
import {
  assuranceOf,
  factsOf,
  factsOfCertification,
  factsOfLabel,
  printableText,
  saidOfCluster,
  saidOfDatacenter,
  saidOfLegalDocument,
  saidOfLimits,
  saidOfParticipant,
  saidOfRegistration,
  saidOfService,
} from './facts.ts';
import type { Judgement } from './judge/judge.ts';
import { hasType, idsOf, nodesOf, valuesOf } from './node.ts';
import type { Node } from './node.ts';
import type { Fact, Offering } from './offering.ts';
import type { Policy } from './judge/policy.ts';
import { statementsOf } from './statement.ts';
import type { Rejected, Statement } from './statement.ts';
import { factTable } from './vocabulary.ts';

/** What an offer stands on. */
export type Grounds = {
  /** The end of the statement that makes it an offer; null: it names none. */
  readonly until: string | null;
  /** SHA-256 (hex) of every credential that it rests on. */
  readonly credentials: readonly string[];
};

export type Catalogued = {
  readonly offerings: readonly Offering[];
  /** Of each offering, in their order. */
  readonly grounds: readonly Grounds[];
  readonly rejected: readonly Rejected[];
  /** Every credential for itself, those inside presentations too, with what they say of each other. */
  readonly judgements: readonly Judgement[];
};

/** Same judgements, same offerings, in whatever order they come. */
export function offeringsOf(given: readonly Judgement[], policy: Policy): Catalogued {
  const { statements, rejected, judgements } = statementsOf(given, policy);
  const clusters = statements.filter(({ types }) => hasType(types, 'hanse', /^FederableCluster$/));
  const { own, contested } = uncontested(clusters);
  const linked = new Set(clusters.flatMap(({ node }) => idsOf(node, 'hanse', 'forOffering')));
  const services = statements.filter(({ types, about }) => hasType(types, 'gx', /ServiceOffering$/) && !linked.has(about));
  const said = indexOf(statements);
  const made = distinctBy([...own, ...services], ({ about, issuer }) => `${about} ${issuer}`)
    .map((root) => offeringOf(root, said))
    .toSorted((left, right) => (left.offering.id + left.offering.provider < right.offering.id + right.offering.provider ? -1 : 1));
  return {
    offerings: made.map(({ offering }) => offering),
    grounds: made.map(({ grounds }) => grounds),
    rejected: [...rejected, ...contested],
    judgements,
  };
}

/** The one that ends last, where the same is said of the same thing more than once. */
function distinctBy(statements: readonly Statement[], keyOf: (statement: Statement) => string): readonly Statement[] {
  const end = ({ validUntil }: Statement): string => validUntil ?? '~';
  const kept = new Map<string, Statement>();
  for (const statement of statements) {
    const other = kept.get(keyOf(statement));
    if (other === undefined || end(other) < end(statement) || (end(other) === end(statement) && statement.digest < other.digest))
      kept.set(keyOf(statement), statement);
  }
  return [...kept.values()];
}

const liqoClusterId = ({ node }: Statement): string | null => printableText(valuesOf(node, 'hanse', 'liqoClusterId')[0]);

/** Anybody can sign a claim to somebody's cluster: where two providers claim the same, neither is believed. */
function uncontested(clusters: readonly Statement[]): { readonly own: readonly Statement[]; readonly contested: readonly Rejected[] } {
  const claimants = grouped(clusters, (statement) => [liqoClusterId(statement) ?? '']);
  const rivalsOf = (statement: Statement): string[] => (claimants.get(liqoClusterId(statement) ?? '') ?? []).map(({ issuer }) => issuer);
  const isContested = (statement: Statement): boolean => liqoClusterId(statement) !== null && new Set(rivalsOf(statement)).size > 1;
  const contested = clusters.filter(isContested).map((statement) => ({
    digest: statement.digest,
    reason: `the Liqo cluster id ${liqoClusterId(statement)} is claimed by ${[...new Set(rivalsOf(statement))].toSorted().join(' and ')}`,
  }));
  return { own: clusters.filter((statement) => !isContested(statement)), contested };
}

function grouped(statements: readonly Statement[], keysOf: (statement: Statement) => readonly string[]): ReadonlyMap<string, Statement[]> {
  const groups = new Map<string, Statement[]>();
  for (const statement of statements)
    for (const key of keysOf(statement)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [statement]);
      else group.push(statement);
    }
  return groups;
}

/** All that was said, by what it is said of: an offering is looked up, not searched for. */
type Said = {
  readonly about: ReadonlyMap<string, readonly Statement[]>;
  readonly certifying: ReadonlyMap<string, readonly Statement[]>;
  /** Labels of label issuers, by the digest (SRI) of what they cover. */
  readonly labelling: ReadonlyMap<string, readonly Statement[]>;
};

const indexOf = (statements: readonly Statement[]): Said => ({
  about: grouped(statements, ({ about }) => [about]),
  certifying: grouped(statements, ({ node }) => [...new Set(idsOf(node, 'hanse', 'certifies'))]),
  labelling: grouped(
    statements.filter(({ roles }) => roles.includes('labelIssuer')),
    ({ node }) => [...new Set(coveredBy(node))],
  ),
});

const coveredBy = (node: Node): readonly string[] =>
  nodesOf(node, 'gx', 'compliantCredentials').flatMap((named) => valuesOf(named, 'cred', 'digestSRI').map(String));

const found = (in_: ReadonlyMap<string, readonly Statement[]>, keys: Iterable<string>): readonly Statement[] => [
  ...new Set([...new Set(keys)].flatMap((key) => in_.get(key) ?? [])),
];

function offeringOf(root: Statement, said: Said): { readonly offering: Offering; readonly grounds: Grounds } {
  const provider = root.issuer;
  const about = (ids: readonly string[]): readonly Statement[] => found(said.about, ids);
  // links are followed in the provider's own words only: nobody else decides what belongs to its offering
  const own = (ids: readonly string[]): readonly Statement[] => about(ids).filter(({ issuer }) => issuer === provider);
  const roots = own([root.about]);
  const services = own([root.about, ...linksOf(roots, 'hanse', 'forOffering')]).filter(({ types }) => hasType(types, 'gx', /ServiceOffering$/));
  const datacenters = [...linksOf(roots, 'hanse', 'hostedOn'), ...linksOf(services, 'gx', 'hostedOn')];
  const participants = [...linksOf(roots, 'hanse', 'providedBy'), ...linksOf(services, 'gx', 'providedBy')];
  const registrations = linksOf(own(participants), 'gx', 'registrationNumber');
  const everything = [root.about, ...services.map((service) => service.about), ...datacenters, ...participants];
  const stated = (ids: readonly string[], read: (node: Node) => readonly (readonly [string, unknown])[]): Told[] =>
    about(ids).flatMap((statement) => {
      const assurance = assuranceOf(statement, provider);
      return assurance === null ? [] : factsOf(statement, assurance, read(statement.node)).map((fact) => ({ fact, about: statement.about }));
    });
  const told = [
    ...stated([root.about], saidOfCluster),
    ...stated(datacenters, saidOfDatacenter),
    ...stated(participants, saidOfParticipant),
    ...stated(registrations, saidOfRegistration),
    ...stated(
      services.map((service) => service.about),
      saidOfService,
    ),
    ...stated(linksOf(services, 'gx', 'instantiationReq'), saidOfLimits),
    ...stated(linksOf(services, 'gx', 'legalDocuments'), saidOfLegalDocument),
  ];
  // a label counts where its issuer names the very credentials by their digest; nobody labels itself
  const labels = found(
    said.labelling,
    [...roots, ...services].map(({ sri }) => sri),
  ).filter(({ issuer }) => issuer !== provider);
  const facts = [
    ...told.map(({ fact }) => fact),
    ...found(said.certifying, everything).flatMap((statement) => factsOfCertification(statement, provider)),
    ...labels.flatMap(factsOfLabel),
  ];
  const contradicted = contradictions(told);
  const name = [...roots, ...services]
    .flatMap(({ node }) => valuesOf(node, 'schema', 'name'))
    .map(printableText)
    .find((each) => each !== null);
  const ends = [root.validUntil, ...facts.map(({ validUntil }) => validUntil)].filter((end) => end !== null).toSorted();
  const offering = {
    id: root.about,
    provider,
    name: name ?? root.about,
    cluster: liqoClusterId(root),
    facts: inOrder(facts),
    ...(contradicted.length > 0 && { contradicted }),
    validUntil: ends[0] ?? null,
  };
  const credentials = [...new Set([root, ...roots, ...services].map(({ digest }) => digest).concat(facts.map(({ credential }) => credential)))].toSorted();
  return { offering, grounds: { until: root.validUntil, credentials } };
}

/** A fact with the id of what it is about. */
type Told = { readonly fact: Fact; readonly about: string };

/** All stay side by side: which counts is decided by the assurance that is asked for. Of things that there may be several of, two credentials contradict. */
function contradictions(told: readonly Told[]): readonly string[] {
  const said = new Map<string, Map<string, Set<string>>>();
  for (const { fact, about } of told) {
    const meaning = factTable[fact.name];
    if (meaning?.combine !== 'all') continue;
    const thing = meaning.each === true ? `${fact.name} ${about}` : fact.name;
    const bySource = said.get(thing) ?? new Map<string, Set<string>>();
    const source = meaning.each === true ? fact.credential : String(fact.value);
    said.set(thing, bySource.set(source, (bySource.get(source) ?? new Set()).add(String(fact.value))));
  }
  const differ = (bySource: ReadonlyMap<string, ReadonlySet<string>>): boolean =>
    new Set([...bySource.values()].map((set) => [...set].toSorted().join('\n'))).size > 1;
  return [...new Set([...said].filter(([, bySource]) => differ(bySource)).map(([thing]) => thing.split(' ')[0] ?? thing))].toSorted();
}

const linksOf = (statements: readonly Statement[], vocabulary: 'gx' | 'hanse', term: string): readonly string[] =>
  statements.flatMap(({ node }) => idsOf(node, vocabulary, term));

const inOrder = (facts: readonly Fact[]): Fact[] => {
  const keyed = new Map(facts.map((fact) => [JSON.stringify([fact.name, fact.value, fact.assurance, fact.credential]), fact]));
  return [...keyed].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, fact]) => fact);
};

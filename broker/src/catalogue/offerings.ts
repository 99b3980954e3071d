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
import type { Judged, Rejected, Statement } from './statement.ts';
import { factTable } from './vocabulary.ts';

/** What an offer stands on. */
export type Grounds = {
  /** SHA-256 (hex) of the credential that makes it an offer. */
  readonly root: string;
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

export type Claim = { readonly cluster: string; readonly issuer: string; readonly digest: string };

/** Whose a cluster is among those who claim it. */
export type Holding = {
  /** null: several were believed for the first time at the same moment. */
  readonly holder: string | null;
  /** RFC 3339: since when that claim is believed. */
  readonly since: string;
  /** Who else claims it, the first few. */
  readonly others: readonly string[];
};

/** Same judgements, same offerings, in whatever order they come. */
export const offeringsOf = (given: readonly Judgement[], policy: Policy): Catalogued => offeringsFrom(statementsOf(given, policy), new Map());

/** Who claims which cluster (its Liqo cluster id) among what is relied on. */
export const claimsOf = ({ statements }: Pick<Judged, 'statements'>): readonly Claim[] =>
  clustersIn(statements).flatMap((statement) => {
    const cluster = liqoClusterId(statement);
    return cluster === null ? [] : [{ cluster, issuer: statement.issuer, digest: statement.digest }];
  });

/** What a credential claims, whatever becomes of it. */
export const claimedBy = ({ credential, digest }: Judgement): readonly Claim[] =>
  (credential?.payload.credentialSubject ?? []).flatMap((node) => {
    const cluster = printableText(valuesOf(node, 'hanse', 'liqoClusterId')[0]);
    return cluster === null || credential === null ? [] : [{ cluster, issuer: credential.payload.issuer, digest }];
  });

const clustersIn = (statements: readonly Statement[]): readonly Statement[] => statements.filter(({ types }) => hasType(types, 'hanse', /^FederableCluster$/));

/** `holdings`: by cluster, whose it is as far as is known from before; of the others it is told only by what is given. */
export function offeringsFrom({ statements, rejected, judgements }: Judged, holdings: ReadonlyMap<string, Holding>): Catalogued {
  const clusters = clustersIn(statements);
  const { own, contested } = uncontested(clusters, holdings);
  // whose service belongs to a cluster is said by its provider alone
  const linked = new Set(clusters.flatMap(({ node, issuer }) => idsOf(node, 'hanse', 'forOffering').map((id) => `${id} ${issuer}`)));
  const services = statements.filter(({ types, about, issuer }) => hasType(types, 'gx', /ServiceOffering$/) && !linked.has(`${about} ${issuer}`));
  const said = indexOf(statements);
  const made = distinctBy([...own, ...services], ({ about, issuer }) => `${about} ${issuer}`)
    .map((root) => offeringOf(root, said, holdings))
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

/** Anybody can sign a claim to somebody's cluster: the one that was believed first stands. Where none was, and two providers claim the same, neither does. */
function uncontested(
  clusters: readonly Statement[],
  holdings: ReadonlyMap<string, Holding>,
): { readonly own: readonly Statement[]; readonly contested: readonly Rejected[] } {
  const claimants = grouped(clusters, (statement) => [liqoClusterId(statement) ?? '']);
  const flawOf = ({ issuer }: Statement, cluster: string): string | null => {
    const holding = holdings.get(cluster);
    const rivals = [...new Set((claimants.get(cluster) ?? []).map((each) => each.issuer))].toSorted();
    if (holding === undefined) return rivals.length > 1 ? `is claimed by ${rivals.join(' and ')}` : null;
    if (holding.holder === issuer) return null;
    if (holding.holder === null) return `is claimed by ${holding.others.join(' and ')}, all believed since ${holding.since}`;
    return `is claimed by ${holding.holder}, which is believed since ${holding.since}: the first claim stands`;
  };
  const flawed = clusters.map((statement) => {
    const cluster = liqoClusterId(statement);
    return { statement, cluster, flaw: cluster === null ? null : flawOf(statement, cluster) };
  });
  return {
    own: flawed.flatMap(({ statement, flaw }) => (flaw === null ? [statement] : [])),
    contested: flawed.flatMap(({ statement, cluster, flaw }) =>
      flaw === null ? [] : [{ digest: statement.digest, reason: `the Liqo cluster id ${cluster} ${flaw}` }],
    ),
  };
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

function offeringOf(root: Statement, said: Said, holdings: ReadonlyMap<string, Holding>): { readonly offering: Offering; readonly grounds: Grounds } {
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
  const cluster = liqoClusterId(root);
  const alsoClaimedBy = (cluster === null ? undefined : holdings.get(cluster)?.others) ?? [];
  const offering = {
    id: root.about,
    provider,
    name: name ?? root.about,
    cluster,
    facts: inOrder(facts),
    ...(contradicted.length > 0 && { contradicted }),
    ...(alsoClaimedBy.length > 0 && { alsoClaimedBy }),
    validUntil: ends[0] ?? null,
  };
  const credentials = [...new Set([root, ...roots, ...services].map(({ digest }) => digest).concat(facts.map(({ credential }) => credential)))].toSorted();
  return { offering, grounds: { root: root.digest, until: root.validUntil, credentials } };
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

// An Application: manifests, and where they may run.
import type { ApplicationDocument } from '../../../contract/src/index.ts';
import type { Fault } from '../errors.ts';
import type { Json, JsonObject } from '../ids.ts';
import { type Contradiction, contradictionIn, parseCriterion, parsePolicy, parsePreference, printCriterion, printPreference } from '../placement/index.ts';
import type { Application, Asked } from '../workloads/application.ts';
import { acceptedForms } from '../workloads/index.ts';
import { type Act, stages, type Translated, verbAct } from './act.ts';
import { differences } from './differences.ts';
import type { DeclaredApplication, NamedText } from './document.ts';
import { among } from './federation.ts';
import { policyOf } from './policy.ts';
import type { State } from './state.ts';

export type ApplicationDeps = {
  readonly state: State;
  /** Of what spec.files names; undefined: nothing was sent along. */
  readonly files: readonly NamedText[] | undefined;
  /** Policies that are declared beside it, as text. */
  readonly declaredPolicies: ReadonlyMap<string, string>;
};

export function applicationFaults({ document: { spec }, name, fault }: DeclaredApplication, { state, files, declaredPolicies }: ApplicationDeps): Fault[] {
  const policies = [...new Set([...declaredPolicies.keys(), ...state.policies.map((policy) => policy.name)])];
  const clusters = [...state.homes, ...state.providers];
  return [
    ...(spec.files !== undefined && files === undefined ? [fault(['spec', 'files'], `The files of ${name} were not sent along.`)] : []),
    ...(spec.home !== undefined && !state.homes.includes(spec.home)
      ? [fault(['spec', 'home'], `There is no home cluster ${spec.home}.`, among(spec.home, state.homes))]
      : []),
    ...(spec.policy !== undefined && !policies.includes(spec.policy)
      ? [fault(['spec', 'policy'], `There is no policy ${spec.policy}, neither stored nor declared beside it.`, among(spec.policy, policies))]
      : []),
    ...(spec.clusters ?? []).flatMap((cluster, index) =>
      clusters.includes(cluster) ? [] : [fault(['spec', 'clusters', index], `There is no cluster ${cluster}.`, among(cluster, clusters))],
    ),
    ...unmeetable(spec, { state, declaredPolicies }).map(({ index, word, why, fix }) =>
      fault(['spec', 'where', index], `The criterion "${word}" ${why}.`, fix),
    ),
  ];
}

/** What is asked here and by the policy, when nothing can satisfy both. */
function unmeetable({ policy, where = [] }: ApplicationDocument['spec'], deps: Pick<ApplicationDeps, 'state' | 'declaredPolicies'>): Contradiction[] {
  const text = policy === undefined ? undefined : policyText(policy, deps);
  const beside = text === undefined ? [] : parsePolicy(text, `policy ${policy}`).criteria;
  const found = contradictionIn([...beside, ...where.map(parseCriterion)]);
  return found === null ? [] : [{ ...found, index: found.index - beside.length }];
}

const choices = ['policy', 'where', 'prefer', 'clusters', 'spread'] as const;

/** What is asked of the clusters: of the document, or as it stands when the document says nothing of it. */
export const saysWhere = ({ spec }: ApplicationDocument): boolean => choices.some((field) => spec[field] !== undefined);

export function translateApplication(declared: DeclaredApplication, deps: ApplicationDeps): Translated {
  const { name, file, line, document, manifests: inline } = declared;
  const { spec } = document;
  const before = deps.state.applications.find((one) => one.name === name);
  const manifests = spec.url === undefined ? (deps.files ?? inline) : undefined;
  const policy = spec.policy === undefined ? undefined : policyText(spec.policy, deps);
  const deploy = verbAct('deploy', stages.deploy, {
    name,
    manifests: manifests?.map(({ file: from, text }) => ({ file: from, text })),
    url: spec.url,
    home: spec.home,
    where: spec.where,
    prefer: spec.prefer,
    clusters: spec.clusters,
    spread: spec.spread,
    policy: policy === undefined ? undefined : { file: `policy ${spec.policy}`, text: policy },
    keepSecretData: true,
  });
  const moves = before === undefined ? [] : movesOf(before, document, deps.state.unfit.get(name) ?? []);
  return {
    kind: 'Application',
    name,
    place: { file, line },
    differences: differences(before === undefined ? {} : nowOf(before), wantedOf(document, before, manifests), ''),
    acts: [...moves.filter(({ stage }) => stage < stages.deploy), deploy, ...moves.filter(({ stage }) => stage > stages.deploy)],
    notes: [],
  };
}

const policyText = (name: string, { state, declaredPolicies }: Pick<ApplicationDeps, 'state' | 'declaredPolicies'>): string | undefined => {
  const stored = state.policies.find((policy) => policy.name === name);
  return declaredPolicies.get(name) ?? (stored && JSON.stringify(policyOf(stored)));
};

/** Away from clusters that are no longer named, each to one that is new; else away from those that no longer fit, to the best. */
function movesOf(before: Application, { spec }: ApplicationDocument, unfit: readonly string[]): Act[] {
  const { clusters } = spec;
  const application = before.name;
  if (clusters === undefined)
    return unfit.filter((from) => before.clusters.includes(from)).map((from) => verbAct('migrate', stages.moveByCriteria, { application, from, to: 'best' }));
  const fresh = clusters.filter((cluster) => !before.clusters.includes(cluster));
  return before.clusters
    .filter((from) => !clusters.includes(from))
    .map((from, index) => verbAct('migrate', stages.move, { application, from, to: fresh[index] ?? clusters[0] ?? 'best' }));
}

/** Objects by kind and name; of Secrets never the data. */
const byTitle = (manifests: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[]): JsonObject =>
  Object.fromEntries(manifests.map((manifest): [string, Json] => [`${manifest.kind}/${manifest.metadata.name}`, JSON.parse(JSON.stringify(manifest)) as Json])); // of JSON

type Where = {
  readonly policy?: string;
  readonly where: readonly string[];
  readonly prefer: readonly string[];
  readonly clusters?: readonly string[];
  readonly spread?: number;
};

const shownWhere = ({ policy, where, prefer, clusters, spread }: Where): JsonObject => ({
  ...(policy !== undefined && { policy }),
  ...(where.length > 0 && { where }),
  ...(prefer.length > 0 && { prefer }),
  ...(clusters !== undefined && { clusters: clusters.toSorted() }),
  ...(spread !== undefined && { spread }),
});

/** As it was asked; of applications that do not know it any more, as it was understood. */
const askedOf = ({ asked, request }: Application): Asked =>
  asked ?? {
    where: request.criteria.map(printCriterion),
    prefer: request.preferences.map(printPreference),
    ...(request.providersMin > 1 && { spread: request.providersMin }),
  };

const nowOf = (before: Application): JsonObject => ({ spec: { ...shownWhere(askedOf(before)), runsAt: [...before.clusters] }, ...byTitle(before.accepted) });

function wantedOf(document: ApplicationDocument, before: Application | undefined, manifests: readonly NamedText[] | undefined): JsonObject {
  const { policy, where = [], prefer = [], clusters, spread } = document.spec;
  const asked: Where =
    before !== undefined && !saysWhere(document)
      ? askedOf(before)
      : {
          where: where.map((word) => printCriterion(parseCriterion(word))),
          prefer: prefer.map((word) => printPreference(parsePreference(word))),
          ...(policy !== undefined && { policy }),
          ...(clusters !== undefined && { clusters }),
          ...(spread !== undefined && { spread }),
        };
  const objects = manifests && acceptedForms(manifests);
  const runsAt = clusters?.toSorted() ?? before?.clusters;
  return {
    spec: { ...shownWhere(asked), ...(runsAt !== undefined && { runsAt }) },
    ...(objects === undefined ? before && byTitle(before.accepted) : byTitle(objects)),
  };
}

/** What stands, as a document. A policy is named where it is stored; else what it asked is written out. */
export function applicationOf(application: Application, stored: readonly string[]): ApplicationDocument {
  const { asked } = application;
  const isNamed = asked?.policy === undefined || stored.includes(asked.policy);
  const { asked: _asked, ...older } = application;
  const { policy, where, prefer, clusters, spread } = askedOf(isNamed ? application : older);
  const pinned = clusters ?? asked?.clusters;
  return {
    apiVersion: 'hanse.dev/v1',
    kind: 'Application',
    metadata: { name: application.name },
    spec: {
      home: application.home,
      ...(policy !== undefined && { policy }),
      ...(where.length > 0 && { where: [...where] }),
      ...(prefer.length > 0 && { prefer: [...prefer] }),
      ...(pinned !== undefined && { clusters: [...pinned] }),
      ...(spread !== undefined && { spread }),
      manifests: application.accepted.map(({ apiVersion, kind, metadata, ...rest }) => ({ apiVersion, kind, metadata, ...rest })),
    },
  };
}

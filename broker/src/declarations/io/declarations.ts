// Documents held against what is there: read, translated, and planned by the ordinary verbs; nothing is carried out here.
import { z } from 'zod';
import type { DeclaredKind, Difference, PlanDeclarations } from '../../../../contract/src/index.ts';
import type { ClusterRegistry } from '../../clusters/io/index.ts';
import { type Fault, HanseError } from '../../errors.ts';
import type { Peerings } from '../../federation/io/index.ts';
import type { Json } from '../../ids.ts';
import type { By, Operations, Verb } from '../../operations/io/index.ts';
import type { Plan } from '../../operations/index.ts';
import type { Decider } from '../../placement/io/index.ts';
import { parsePolicy, type Policy, printCriterion } from '../../placement/index.ts';
import type { Store } from '../../store/io/store.ts';
import type { Applications } from '../../workloads/io/index.ts';
import {
  type Act,
  applicationFaults,
  applicationOf,
  type Declared,
  federationFaults,
  federationOf,
  policyOf,
  readDeclarations,
  type State,
  type Translated,
  translateApplication,
  translateFederation,
  translatePolicy,
} from '../index.ts';
import { pruned } from '../prune.ts';

export type Outcome =
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'plan'; readonly plan: Plan; readonly operation: string | null }
  | { readonly kind: 'store'; readonly text: string }
  | { readonly kind: 'forget' }
  | { readonly kind: 'later'; readonly why: string }
  | { readonly kind: 'refused'; readonly reasons: readonly Fault[] };

export type Change = Omit<Translated, 'acts' | 'differences'> & {
  readonly differences: readonly Difference[];
  readonly acts: readonly { readonly verb: string; /** Nothing has to be done before it. */ readonly isNext: boolean; readonly outcome: Outcome }[];
};

export type Declarations = {
  /** INVALID_REQUEST with every fault of every document. In the order in which they are carried out, then as they stand in the files. */
  plan(by: By, asked: PlanDeclarations): Promise<readonly Change[]>;
  /** What stands, as documents. NOT_FOUND for a name that is not there. */
  list(owner: string, kind: DeclaredKind, name: string | undefined): Promise<readonly Json[]>;
};

export type DeclarationsDeps = {
  readonly store: Pick<Store, 'db'>;
  readonly clusters: Pick<ClusterRegistry, 'list'>;
  readonly peerings: Pick<Peerings, 'list'>;
  readonly applications: Pick<Applications, 'list'>;
  readonly decider: Pick<Decider, 'choose' | 'offers'>;
  /** By name. */
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly operations: Pick<Operations, 'create'>;
};

const policyRecord = z.looseObject({ name: z.string(), criteria: z.array(z.looseObject({})), preferences: z.array(z.looseObject({})) });
const storedPolicy = z.custom<Policy>((value) => policyRecord.safeParse(value).success); // written by parsePolicy

export function createDeclarations(deps: DeclarationsDeps): Declarations {
  const standing = async (owner: string): Promise<Omit<State, 'chosen' | 'unfit'>> => {
    const [clusters, peerings, applications, rows] = await Promise.all([
      deps.clusters.list(owner),
      deps.peerings.list(owner),
      deps.applications.list(owner),
      deps.store.db.selectFrom('policy').select('record').where('owner', '=', owner).orderBy('name').execute(),
    ]);
    const ofSide = (side: string): string[] => clusters.filter((cluster) => cluster.side === side && cluster.state === 'ready').map(({ name }) => name);
    return { homes: ofSide('consumer'), providers: ofSide('provider'), peerings, applications, policies: rows.map(({ record }) => storedPolicy.parse(record)) };
  };

  const plan: Declarations['plan'] = async (by, { documents, sources, prune, dryRun }) => {
    const { declared, faults } = readDeclarations(documents);
    const found = await standing(by.owner);
    const state: State = { ...found, ...(await held(deps, by.owner, declared, found)) };
    const translating = { state, sources, prune, declaredPolicies: new Map(declared.flatMap((one) => (one.kind === 'Policy' ? [[one.name, one.text]] : []))) };
    const all = [...faults, ...declared.flatMap((one) => faultsOf(one, translating))];
    if (all.length > 0) throw refused(all);
    const translated = [...declared.map((one) => translate(one, translating)), ...(prune ? pruned(declared, state) : [])];
    return carry(deps, by, translated, dryRun);
  };

  const list: Declarations['list'] = async (owner, kind, name) => {
    const { homes, peerings, applications, policies } = await standing(owner);
    const named = policies.map((policy) => policy.name);
    const all = {
      Federation: () => homes.filter((home) => home === name || peerings.some((one) => one.home === home)).map((home) => federationOf(home, peerings)),
      Application: () => applications.map((application) => applicationOf(application, named)),
      Policy: () => policies.map(policyOf),
    }
      [kind]()
      .filter(({ metadata }) => name === undefined || metadata.name === name);
    if (name !== undefined && all.length === 0) throw new HanseError('NOT_FOUND', `There is no ${kind.toLowerCase()} ${name}.`);
    return z.array(z.json()).parse(JSON.parse(JSON.stringify(all)));
  };
  return { plan, list };
}

type Translating = {
  readonly state: State;
  readonly sources: PlanDeclarations['sources'];
  readonly prune: boolean;
  readonly declaredPolicies: ReadonlyMap<string, string>;
};

const filesOf = (declared: Declared, { sources }: Translating) =>
  sources.find(({ file, application }) => file === declared.file && application === declared.name)?.manifests;

function faultsOf(declared: Declared, translating: Translating): Fault[] {
  if (declared.kind === 'Federation') return federationFaults(declared, translating.state);
  return declared.kind === 'Application' ? applicationFaults(declared, { ...translating, files: filesOf(declared, translating) }) : [];
}

function translate(declared: Declared, translating: Translating): Translated {
  if (declared.kind === 'Federation') return translateFederation(declared, translating.state, translating);
  if (declared.kind === 'Policy') return translatePolicy(declared, translating.state);
  const files = declared.document.spec.files === undefined ? undefined : filesOf(declared, translating);
  return translateApplication(declared, { ...translating, files });
}

/** What only a decision can tell: whom criteria choose, and which clusters of an application no longer satisfy them. */
async function held(
  deps: DeclarationsDeps,
  owner: string,
  declared: readonly Declared[],
  found: Omit<State, 'chosen' | 'unfit'>,
): Promise<Pick<State, 'chosen' | 'unfit'>> {
  const chosen = new Map<string, readonly string[]>();
  const unfit = new Map<string, readonly string[]>();
  for (const one of declared) {
    if (one.kind === 'Federation' && one.document.spec.where !== undefined)
      chosen.set(one.name, (await deps.decider.choose(owner, one.document.spec.where)).clusters.toSorted());
    const application = found.applications.find(({ name }) => name === one.name);
    if (one.kind !== 'Application' || application === undefined) continue;
    const { where = [], policy: name } = one.document.spec;
    const beside = declared.find((other) => other.kind === 'Policy' && other.name === name);
    const stored = found.policies.find((policy) => policy.name === name);
    const of = beside?.kind === 'Policy' ? parsePolicy(beside.text, beside.file) : { criteria: stored?.criteria ?? [], exclude: stored?.exclude ?? [] };
    const criteria = [...of.criteria.map(printCriterion), ...where];
    if (criteria.length === 0 && of.exclude.length === 0) continue;
    const { items } = await deps.decider.offers(owner, { where: criteria, prefer: [], named: application.clusters });
    unfit.set(
      one.name,
      application.clusters.filter((cluster) => of.exclude.includes(cluster) || items.some((offer) => offer.cluster === cluster && !offer.matches)),
    );
  }
  return { chosen, unfit };
}

type Considered = { readonly of: Translated; readonly act: Act; outcome: Outcome };

/** Every plan is made before one is stored. Only the first is: what it does may be what the next one is decided from. */
async function carry(deps: DeclarationsDeps, by: By, translated: readonly Translated[], dryRun: boolean): Promise<readonly Change[]> {
  const acts = translated.flatMap((of) => of.acts.map((act) => ({ of, act }))).toSorted((one, other) => one.act.stage - other.act.stage);
  const considered: Considered[] = [];
  let open: number | null = null;
  for (const { of, act } of acts) {
    const outcome = await consider(deps, by, act, open !== null && open < act.stage);
    if (outcome.kind !== 'nothing') open ??= act.stage;
    considered.push({ of, act, outcome });
  }
  const first = considered.find(({ outcome }) => outcome.kind !== 'nothing');
  // what is only stored stands for itself
  const isNext = (one: Considered): boolean => one === first || (one.act.kind !== 'verb' && one.act.stage === first?.act.stage);
  const isRefused = considered.some(({ outcome }) => outcome.kind === 'refused');
  if (!dryRun && !isRefused && first?.outcome.kind === 'plan')
    first.outcome = { ...first.outcome, operation: await deps.operations.create({ ...by, plan: first.outcome.plan }) };
  const firstOf = ({ acts: mine }: Translated): number => Math.min(99, ...mine.map(({ stage }) => stage));
  return translated
    .toSorted((one, other) => firstOf(one) - firstOf(other))
    .map((of) => ({
      kind: of.kind,
      name: of.name,
      place: of.place,
      differences: of.differences,
      notes: of.notes,
      acts: considered
        .filter((one) => one.of === of)
        .map((one) => ({ verb: one.act.kind === 'verb' ? one.act.verb : one.act.kind, isNext: isNext(one), outcome: one.outcome })),
    }));
}

/** Faults of the documents themselves: they do not pass when something else is done first. */
const lasting: readonly string[] = ['INVALID_REQUEST', 'MANIFEST_REJECTED', 'TOO_LARGE', 'OBJECT_NOT_OURS'];

async function consider({ verbs }: DeclarationsDeps, by: By, act: Act, mayWait: boolean): Promise<Outcome> {
  if (act.kind === 'store') return { kind: 'store', text: act.text };
  if (act.kind === 'forget') return { kind: 'forget' };
  const verb = verbs[act.verb];
  if (verb === undefined) throw new HanseError('INTERNAL', `There is no verb ${act.verb}.`);
  const parsed = verb.request.safeParse(act.request);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }): Fault => ({ message: `${act.verb}: ${path.map(String).join('.')}: ${message}` }));
    throw refused(faults);
  }
  try {
    const outcome = await verb.plan(parsed.data, by);
    if (outcome.kind === 'plan') return { ...outcome, operation: null };
    if (outcome.kind === 'refused' && mayWait) return { kind: 'later', why: outcome.reasons[0]?.message ?? 'It cannot be planned yet.' };
    return outcome;
  } catch (error) {
    if (!mayWait || !(error instanceof HanseError) || lasting.includes(error.code)) throw error;
    return { kind: 'later', why: error.message };
  }
}

function refused(faults: readonly Fault[]): HanseError {
  const [first] = faults;
  const { file, line, path } = first?.place ?? {};
  const where = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}${path === undefined ? '' : ` (${path})`}: `;
  const more = faults.length > 1 ? ` ${faults.length - 1} more.` : '';
  return new HanseError('INVALID_REQUEST', `The documents are refused: ${where}${first?.message ?? ''}${more}`, {
    faults,
    ...(first?.place && { place: first.place }),
    fix: first?.fix ?? 'Correct the line and try again; hanse schema KIND prints how a document looks.',
  });
}

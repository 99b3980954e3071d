// The plan to add a cluster: what was found, what is refused, which steps follow. Pure: everything was read before.
import type { ClusterName, OwnerId } from '../ids.ts';
import type { Plan, PlanNote, Refusal, Step } from '../operations/plan.ts';
import { type Account, accountOf } from './account.ts';
import type { Cluster, ClusterSide } from './cluster.ts';
import { managerTitles, type ManagerRef } from './entry.ts';
import type { ClusterFacts } from './facts.ts';
import { recognise } from './platform.ts';
import { type Check, preflight } from './preflight.ts';

export type AddInput = {
  readonly owner: OwnerId;
  readonly name: ClusterName;
  readonly side: ClusterSide;
  /** The consumer's cluster, when a provider is added. */
  readonly home: Cluster | null;
  readonly access: { readonly context: string; readonly ca: string; readonly tlsServerName: string | null };
  readonly facts: ClusterFacts;
  readonly known: readonly Cluster[];
  /** Which of the account's namespaces exist already, with the operation that made them. */
  readonly existing: readonly { readonly name: string; readonly operation: string | null; readonly liqo: boolean }[];
  /** Who made its machines, when it was entered through them. */
  readonly manager?: ManagerRef | null;
  /** How it was entered. */
  readonly notes?: readonly PlanNote[];
  readonly now: number;
};

/** The credential is sealed only when there is a plan. */
export type AddDraft =
  | { readonly kind: 'refused'; readonly reasons: readonly Refusal[]; readonly checks: readonly Check[] }
  | { readonly kind: 'draft'; plan(bootstrap: string): Plan };

const nameShape = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const standing = ({ name, facts, known, side, home }: AddInput): Refusal[] => {
  const same = known.find((cluster) => cluster.uid === facts.uid);
  return [
    ...(nameShape.test(name)
      ? []
      : [{ message: `${JSON.stringify(name)} is not a name of a cluster`, fix: 'Use lower case letters, digits and "-".', place: { path: 'name' } }]),
    ...(known.some((cluster) => cluster.name === name)
      ? [{ message: `there is a cluster ${name} already`, fix: 'Choose another name, or remove that one first.', place: { path: 'name' } }]
      : []),
    ...(same !== undefined && same.name !== name ? [{ message: `this cluster was added before, as ${same.name}`, fix: 'Use that name.' }] : []),
    ...(side === 'provider' && home !== null && home.liqoClusterId === null
      ? [{ message: `Liqo is not installed at ${home.name}`, fix: 'Add the home cluster again after Liqo is installed.' }]
      : []),
    ...(side === 'provider' && home?.liqoClusterId === facts.liqo.clusterId
      ? [{ message: `${name} has the same Liqo cluster id as ${home?.name ?? ''}`, fix: 'Install Liqo with another cluster id.' }]
      : []),
  ];
};

const inTheWay = (account: Account, { existing, name }: AddInput): Refusal[] =>
  existing.flatMap((namespace) => {
    // a tenant namespace that liqoctl made is taken over: federate recognises what is in it
    if (namespace.name === account.tenant?.namespace && namespace.liqo) return [];
    return [
      {
        message: `namespace ${namespace.name} exists at ${name} already${namespace.operation === null ? '' : `, made by operation ${namespace.operation}`}`,
        fix: 'If nobody needs it, delete it there (kubectl delete namespace) and add the cluster again.',
      },
    ];
  });

/** A manager that let us in is one, whatever can be seen of it inside the cluster. */
const platformOf = ({ facts, manager }: Pick<AddInput, 'facts' | 'manager'>): Cluster['platform'] => {
  const found = recognise(facts);
  if (manager == null) return found;
  const name = manager.kind === 'rancher' ? 'rancher' : 'oneks';
  const value = `${managerTitles[manager.kind]} at ${manager.url} has it as ${manager.cluster}`;
  const rest = found.evidence.filter(({ claim }) => !claim.startsWith('manager '));
  return { ...found, manager: name, evidence: [...rest, { claim: `manager is ${name}`, source: 'object', value }] };
};

const clusterOf = ({ owner, name, side, facts, manager = null }: AddInput, account: Account): Cluster => ({
  name,
  owner,
  side,
  server: facts.server,
  uid: facts.uid,
  liqoClusterId: facts.liqo.clusterId,
  liqoVersion: facts.liqo.version,
  accountNamespace: account.namespace,
  kubernetesVersion: facts.gitVersion,
  podCidrs: facts.podCidrs ?? [],
  serviceCidrs: facts.serviceCidrs ?? [],
  liqoNetworking: facts.liqo.networking ?? false,
  platform: platformOf({ facts, manager }),
  state: 'adding',
});

const notes = (checks: readonly Check[], cluster: Cluster, account: Account, more: readonly PlanNote[]): readonly PlanNote[] => {
  const { distribution, manager, platform, evidence } = cluster.platform;
  const seen = evidence.map(({ claim, value }) => `${claim} (${value})`).join('; ');
  return [
    ...more,
    { topic: 'platform', text: `${distribution}, managed by ${manager}, on ${platform}${seen === '' ? '' : `: ${seen}`}` },
    ...checks.map(({ name, state, detail, fix }) => ({
      topic: 'preflight',
      text: `${name} ${state}: ${detail}${state !== 'passed' && fix !== undefined ? ` ${fix}` : ''}`,
    })),
    {
      topic: 'account',
      text: `${account.username} with bound tokens; deleting Secret ${account.namespace}/hanse-anchor at the cluster ends all of them at once`,
    },
    { topic: 'credential', text: 'what was handed in is kept sealed for this operation only and forgotten at its end' },
    ...(account.tenant === null
      ? []
      : [
          {
            topic: 'grant',
            text: `the provider says yes, ask or no, and caps what it lends, in ConfigMap ${account.tenant.namespace}/hanse-grant, which our account can only read`,
          },
        ]),
  ];
};

const steps = (input: AddInput, account: Account, cluster: Cluster, bootstrap: string): readonly Step[] => {
  const { name, side, access, facts, existing, manager = null } = input;
  const adopted = account.tenant !== null && existing.some((namespace) => namespace.name === account.tenant?.namespace);
  const common = {
    cluster,
    homeClusterId: account.tenant?.homeClusterId ?? null,
    endpoint: { cluster: name, server: facts.server, ca: access.ca, tlsServerName: access.tlsServerName },
    bootstrap,
    manager,
    policies: facts.policies,
    adopted,
  };
  const base = { side: { role: side, cluster: name }, input: common, destructive: false, attempts: 3, timeoutSeconds: 120 } as const;
  const made = account.tenant === null || adopted ? account.namespace : `${account.namespace} and ${account.tenant.namespace}`;
  return [
    {
      ...base,
      kind: 'cluster-account',
      title: `Make namespace ${made} with our account, its rights and its limits at ${name}`,
      undo: { kind: 'undo', title: `Delete namespace ${made} and everything that was made with it at ${name}` },
    },
    {
      ...base,
      kind: 'cluster-token',
      title: `Ask for a token of ${account.username}, verify it, and use it from now on`,
      undo: { kind: 'undo', title: 'Forget the token' },
    },
    {
      ...base,
      kind: 'cluster-forget-bootstrap',
      title: 'Forget the credential that was handed in',
      side: { role: 'broker' },
      undo: { kind: 'irreversible', why: 'it is not kept anywhere' },
    },
  ];
};

/** Added again as it stands: its account is given the rights that this version needs, which may be more than those of the version that made it. */
const renewal = (input: AddInput, cluster: Cluster, account: Account): AddDraft => ({
  kind: 'draft',
  plan: (bootstrap) => {
    const [first, ...rest] = steps(input, account, cluster, bootstrap).filter(({ kind }) => kind !== 'cluster-token');
    const rights: readonly Step[] = first === undefined ? [] : [{ ...first, kind: 'cluster-rights', title: rightsTitle(input), undo: rightsUndo }];
    return {
      kind: 'cluster-add',
      subject: input.name,
      title: `Renew the rights of our account at ${input.name}`,
      steps: [...rights, ...rest],
      pointOfNoReturn: 0,
      madeFrom: { uid: input.facts.uid, server: input.facts.server, kubernetes: input.facts.gitVersion },
      notes: [
        ...(input.notes ?? []),
        { topic: 'account', text: `${account.username} and its tokens stay; what a provider said in ConfigMap hanse-grant stays` },
        { topic: 'credential', text: 'what was handed in is kept sealed for this operation only and forgotten at its end' },
      ],
    };
  },
});
const rightsTitle = ({ name }: AddInput): string => `Give our account at ${name} the rights and the limits that this version needs`;
const rightsUndo = { kind: 'irreversible', why: 'the rights of before are not kept' } as const;

export const draftAdd = (input: AddInput): AddDraft => {
  const { facts, home, known, now, name, side } = input;
  const checks = preflight(facts, home, now);
  const account = accountOf(side, side === 'provider' ? (home?.liqoClusterId ?? null) : null);
  const again = known.find((cluster) => cluster.name === name && cluster.uid === facts.uid && cluster.side === side && cluster.state === 'ready');
  if (again?.accountNamespace === account.namespace) return renewal(input, again, account);
  const reasons = [
    ...standing(input),
    ...checks
      .filter(({ state, blocks }) => state === 'failed' && blocks)
      .map(({ name: check, detail, fix }) => ({ message: `${check}: ${detail}`, ...(fix === undefined ? {} : { fix }) })),
    ...inTheWay(account, input),
  ];
  if (reasons.length > 0) return { kind: 'refused', reasons, checks };
  const cluster = clusterOf(input, account);
  return {
    kind: 'draft',
    plan: (bootstrap) => ({
      kind: 'cluster-add',
      subject: name,
      title: `Add ${name} (${facts.server}) as ${side}`,
      steps: steps(input, account, cluster, bootstrap),
      pointOfNoReturn: 2,
      madeFrom: { uid: facts.uid, server: facts.server, kubernetes: facts.gitVersion },
      notes: notes(checks, cluster, account, input.notes ?? []),
    }),
  };
};

// The plan to remove a cluster, or why not yet.
import type { PlanOutcome, Refusal, Step } from '../operations/plan.ts';
import type { ClusterRecord } from './record.ts';

export type Uses = {
  readonly peerings: readonly { readonly home: string; readonly provider: string; readonly state: string }[];
  readonly applications: readonly { readonly name: string; readonly home: string; readonly clusters: readonly string[] }[];
  /** Providers that were added for this home cluster. */
  readonly providers: readonly string[];
};

export const refusals = (name: string, { peerings, applications, providers }: Uses): readonly Refusal[] => [
  ...peerings
    .filter(({ home, provider }) => home === name || provider === name)
    .map(({ home, provider, state }) => ({ message: `${home} is federated with ${provider} (${state})`, fix: `Leave first: hanse leave ${provider}.` })),
  ...applications
    .filter(({ home, clusters }) => home === name || clusters.includes(name))
    .map(({ name: application }) => ({
      message: `application ${application} uses ${name}`,
      fix: `Move or delete it first: hanse migrate ${application}, hanse delete ${application}.`,
    })),
  ...providers.map((provider) => ({ message: `${provider} was added for ${name}`, fix: `Remove it first: hanse cluster remove ${provider}.` })),
];

export const planRemove = ({ cluster, standing }: ClusterRecord, uses: Uses, force: boolean): PlanOutcome => {
  const reasons = refusals(cluster.name, uses);
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const { name, side, accountNamespace } = cluster;
  const base = { side: { role: side, cluster: name }, input: { name }, destructive: true, attempts: 5, timeoutSeconds: 150 } as const;
  const irreversible = { kind: 'irreversible', why: 'adding the cluster again makes a new account' } as const;
  const mark: Step = {
    ...base,
    kind: 'cluster-retire',
    title: `Take ${name} out of use`,
    side: { role: 'broker' },
    destructive: false,
    undo: { kind: 'undo', title: `Take ${name} into use again` },
  };
  const tenant: Step = { ...base, kind: 'cluster-tenant-gone', title: `Delete our tenant namespace at ${name}`, undo: irreversible };
  const account: Step = {
    ...base,
    kind: 'cluster-account-gone',
    title: `Delete namespace ${accountNamespace} at ${name}, and with it our account and everything it owns`,
    undo: irreversible,
  };
  const forget: Step = { ...base, kind: 'cluster-forget', title: `Forget ${name}, its token and its snapshots`, side: { role: 'broker' }, undo: irreversible };
  const steps = force ? [mark, forget] : [mark, ...(side === 'provider' ? [tenant] : []), account, forget];
  return {
    kind: 'plan',
    plan: {
      kind: 'cluster-remove',
      subject: name,
      title: `Remove ${name} (${cluster.server})`,
      steps,
      pointOfNoReturn: 1,
      madeFrom: { uid: cluster.uid, account: standing.accountUid },
      notes: force
        ? [
            {
              topic: 'left',
              text: `nothing is deleted at ${name}: namespace ${accountNamespace} stays there until somebody deletes it (kubectl delete namespace ${accountNamespace})`,
            },
          ]
        : [
            {
              topic: 'absence',
              text: `when its namespace goes, our account sees nothing any more: that ${name} has collected what the namespace owned is for its administrator to see`,
            },
          ],
    },
  };
};

// Whether a plan of moves may still be carried out as it stands: nothing new that would be lost, and the same Deployments.
import { z } from 'zod';
import type { Plan, Validity } from '../../operations/index.ts';
import { claimRefusals } from './claims.ts';
import type { Facts } from './facts.ts';

const deployment = z.object({ name: z.string(), uid: z.string(), replicas: z.number() });
const schema = z.object({
  moves: z.array(
    z.object({
      application: z.string(),
      namespace: z.string(),
      home: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      remote: z.array(z.string()),
      deployments: z.array(deployment),
    }),
  ),
});
export type PlannedFrom = z.infer<typeof schema>['moves'][number];

export const plannedFrom = (plan: Plan): PlannedFrom[] => schema.parse(plan.madeFrom).moves;

export type Fresh = {
  readonly planned: PlannedFrom;
  /** null: the application's namespace or the application is gone. */
  readonly facts: Pick<Facts, 'claims' | 'deployments' | 'others'> | null;
  /** Liqo ids of the providers that are federated and ready. */
  readonly ready: readonly string[];
};

export function movesStillValid(fresh: readonly Fresh[]): Validity {
  const reasons = fresh.flatMap(reasonsOf);
  return reasons.length === 0 ? { valid: true } : { valid: false, reasons };
}

function reasonsOf({ planned, facts, ready }: Fresh): string[] {
  const { application, from, remote, deployments } = planned;
  if (!facts) return [`${application} is no longer there.`];
  const gone = remote.filter((id) => !ready.includes(id)).map((id) => `${id}, where ${application} is to run, is no longer federated or not ready.`);
  const changed = deployments.flatMap(({ name, uid, replicas }) => {
    const found = facts.deployments.find((other) => other.name === name);
    if (!found) return [`Deployment ${name} of ${application} is no longer there.`];
    if (found.uid !== uid) return [`Deployment ${name} of ${application} was deleted and made again.`];
    return found.replicas === replicas ? [] : [`Deployment ${name} of ${application} has ${found.replicas} replicas now, not ${replicas}.`];
  });
  const added = facts.deployments
    .filter(({ name }) => !deployments.some((known) => known.name === name))
    .map(({ name }) => `Deployment ${name} of ${application} is new.`);
  return [
    ...gone,
    ...changed,
    ...added,
    ...facts.others.map(({ kind, name }) => `${kind} ${name} of ${application} is new.`),
    ...claimRefusals(facts.claims, [from]).map(({ message }) => message),
  ];
}

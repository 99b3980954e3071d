// A migration or an evacuation as a plan: the steps of its moves, what is predicted, and where there is no way back.
import type { JsonObject } from '../../ids.ts';
import type { Plan, PlanNote } from '../../operations/index.ts';
import { secretNotes } from '../deployment/notes.ts';
import { fieldsOf, listOf } from '../json.ts';
import { drainSeconds } from './drain.ts';
import type { Facts } from './facts.ts';
import type { Move } from './move.ts';
import { moveSteps, targetText } from './moveSteps.ts';

export type PlannedMove = { readonly move: Move; readonly facts: Facts };

export function makeMigratePlan({ move, facts }: PlannedMove): Plan {
  const steps = moveSteps(move);
  return {
    kind: 'migrate',
    subject: move.before.name,
    title: `Move ${move.before.name} from ${move.from} to ${targetText(move)}`,
    steps,
    pointOfNoReturn: pointOfNoReturn(steps),
    madeFrom: { moves: [madeFromMove(move)] },
    notes: moveNotes(move, facts),
  };
}

export const pointOfNoReturn = (steps: Plan['steps']): number | null => {
  const index = steps.findIndex(({ kind }) => kind === 'move-end');
  return index < 0 ? null : index;
};

/** What has to be so still, before the first step and before the point of no return. */
export const madeFromMove = ({ before, from, to, deployments, sites }: Move): JsonObject => ({
  application: before.name,
  namespace: before.namespace,
  home: before.home,
  from,
  to: [...to],
  remote: [...sites.after.remote],
  deployments: deployments.map(({ name, uid, replicas }) => ({ name, uid, replicas })),
});

export function moveNotes(move: Move, facts: Facts): PlanNote[] {
  const { before, after, from, connectionAgeSeconds, measurement, drain: limits } = move;
  const replicas = move.deployments.reduce((sum, deployment) => sum + deployment.replicas, 0);
  const to = targetText(move);
  const drain = measurement ? drainSeconds(measurement, connectionAgeSeconds, limits) : null;
  const drainText =
    drain === null
      ? `between ${limits.floorSeconds} and ${limits.ceilingSeconds} s, as measured on the way`
      : `${drain} s, as measured at ${measurement?.at ?? ''}`;
  return [
    {
      topic: 'prediction',
      text: `No request on a fresh connection is lost: predicted interruption 0 s. Ready endpoints never fall below ${replicas}.`,
      data: { interruptionSeconds: 0, readyMin: replicas },
    },
    {
      topic: 'prediction',
      text: `The replicas at ${from} go on answering for ${drainText}, after they have left every Service.`,
      data: { drainSeconds: drain, drainFloorSeconds: limits.floorSeconds, drainCeilingSeconds: limits.ceilingSeconds },
    },
    {
      topic: 'prediction',
      text: `Clients that keep connections lose nothing if they close them when they are ${connectionAgeSeconds} s old. A connection that is never closed ends once, with at most one failed request on it.`,
      data: { connectionAgeSeconds, failuresPerEndlessConnection: 1 },
    },
    { topic: 'capacity', text: `Twice ${replicas} replicas run during the move: ${replicas} at ${from} and ${replicas} at ${to}.`, data: { replicas } },
    ...newHolders(move).map(({ secret, holders }) => ({
      topic: 'secret',
      text: `Secret ${secret} will newly be held by ${holders.join(', ')}.`,
      data: { secret, holders },
    })),
    ...facts.deployments
      .filter(({ spec }) => listOf(spec['volumes']).some((volume) => Object.hasOwn(fieldsOf(volume), 'emptyDir')))
      .map(({ name }) => ({ topic: 'data', text: `Deployment ${name} has emptyDir volumes: what is in them ends with each pod, as in every roll-out.` })),
    ...(after.clusters.length > 1
      ? [
          {
            topic: 'scope',
            text: `All ${replicas} replicas are brought up anew at ${after.clusters.join(', ')}, also those that are at ${before.clusters.filter((cluster) => cluster !== from).join(', ') || 'none of them'} now.`,
          },
        ]
      : []),
  ];
}

/** Secrets, and the clusters that hold them only after the move. */
function newHolders({ before, after }: Move): { secret: string; holders: string[] }[] {
  const holdersOf = ({ manifests, clusters, home }: Move['before']): Map<string, readonly string[]> =>
    new Map(
      secretNotes(
        manifests,
        home,
        clusters.filter((cluster) => cluster !== home),
      ).flatMap(({ data }) => {
        const { secret, holders } = fieldsOf(data);
        return typeof secret === 'string' ? [[secret, listOf(holders).map(String)] as const] : [];
      }),
    );
  const old = holdersOf(before);
  return [...holdersOf(after)].flatMap(([secret, holders]) => {
    const added = holders.filter((holder) => !(old.get(secret) ?? []).includes(holder));
    return added.length > 0 ? [{ secret, holders: added }] : [];
  });
}

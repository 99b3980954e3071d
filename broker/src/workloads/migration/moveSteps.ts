// The steps of one move, in the order in which no request is lost (docs/decisions: the mechanism and what was measured of it).
import type { JsonObject } from '../../ids.ts';
import type { Step, Undo } from '../../operations/index.ts';
import { step } from '../deployment/makePlan.ts';
import { closedTo, moveInput, type Move } from './move.ts';

export const moveKinds = [
  'move-begin',
  'move-open',
  'move-measure',
  'move-targets',
  'move-arrive',
  'move-release',
  'move-detach',
  'move-drain',
  'move-end',
  'move-settle',
  'move-soak',
  'move-clean',
  'move-close',
  'move-finish',
] as const;
export type MoveKind = (typeof moveKinds)[number];

const nothing: Undo = { kind: 'nothing' };
const undo = (title: string): Undo => ({ kind: 'undo', title });

type StepMore = {
  readonly input?: JsonObject;
  readonly undo?: Undo;
  readonly destructive?: boolean;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
  readonly isOurs?: boolean;
};

export function moveSteps(move: Move): Step[] {
  const { before, from, sites, readySeconds, soakSeconds, measurement, drain } = move;
  const app = before.name;
  const to = targetText(move);
  const make = (kind: MoveKind, title: string, { input = {}, undo: way = nothing, isOurs = false, ...more }: StepMore = {}): Step => ({
    ...step(kind, title, { side: isOurs ? { role: 'broker' } : { role: 'consumer', cluster: before.home }, input, undo: way, ...more }),
    ...(kind === 'move-begin' ? { pace: 'application' } : {}),
  });
  const closes = closedTo(move).length > 0;
  const opens = sites.both.remote.some((id) => !sites.before.remote.includes(id)) || sites.both.home !== sites.before.home;
  // a second wait and a second drain when it has to be undone
  const untilReady = readySeconds + 2 * drain.ceilingSeconds;
  return [
    make('move-begin', `Write down that ${app} is moving from ${from} to ${to}`, {
      input: moveInput(move),
      undo: undo('Write down that it runs where it ran'),
      isOurs: true,
    }),
    ...(opens
      ? [
          make('move-open', `Open the namespace of ${app} to ${to} beside ${before.clusters.join(', ')}`, {
            undo: undo(`Take it back from ${to}`),
            timeoutSeconds: 180,
          }),
        ]
      : []),
    ...(measurement
      ? []
      : [
          make('move-measure', `Measure with small probe pods how long endpoints take to come and go at ${move.senders.join(', ')}`, {
            undo: undo('Delete the probes'),
            attempts: 2,
            timeoutSeconds: 240,
          }),
        ]),
    make('move-targets', `Bring up every replica of ${app} at ${to} beside those at ${from}, and wait until all are ready`, {
      undo: undo('Take the new replicas out, drain them, and delete them; the old ones serve on'),
      attempts: 1,
      timeoutSeconds: untilReady,
    }),
    make('move-arrive', `Wait until every sender has the replicas at ${to}`, { attempts: 2, timeoutSeconds: 300 }),
    make('move-release', `Let go of the replicas at ${from}, so that they live on when nothing wants them`, {
      undo: undo('Take them back'),
      timeoutSeconds: 90,
    }),
    make('move-detach', `Take the replicas at ${from} out of every Service by their labels; they go on answering`, {
      undo: undo('Give them their labels back and wait until they are endpoints again'),
      timeoutSeconds: 180,
    }),
    make('move-drain', `Wait until every sender has dropped the replicas at ${from} and their connections have ended`, {
      attempts: 2,
      timeoutSeconds: drain.ceilingSeconds + 60,
    }),
    make('move-end', `Delete the replicas at ${from}`, {
      undo: { kind: 'irreversible', why: 'pods that were ended cannot be brought back; new ones would be started' },
      destructive: true,
      timeoutSeconds: 180,
    }),
    make('move-settle', `Give the Deployments of ${app} their own roll-out settings back`, { timeoutSeconds: 120 }),
    make('move-soak', `Watch for ${soakSeconds} s that ${app} stays ready at ${to}`, { attempts: 2, timeoutSeconds: soakSeconds + 120 }),
    ...(measurement ? [] : [make('move-clean', 'Wait until nothing of the probes is left', { attempts: 3, timeoutSeconds: 120 })]),
    ...(closes
      ? [make('move-close', `Take the namespace of ${app} back from ${from}, if no claim is bound there`, { destructive: true, timeoutSeconds: 180 })]
      : []),
    make('move-finish', `Write down where ${app} runs, and what the move cost`, { isOurs: true }),
  ];
}

export const targetText = ({ to, after }: Pick<Move, 'to' | 'after'>): string => (to.length > 0 ? to : after.clusters).join(', ');

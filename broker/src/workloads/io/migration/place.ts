// What every step of a move needs: the move itself, the home cluster, and what the steps before it found.
import { z } from 'zod';
import type { Kube } from '../../../clusters/io/index.ts';
import { HanseError } from '../../../errors.ts';
import type { Json } from '../../../ids.ts';
import type { StepContext } from '../../../operations/io/index.ts';
import type { Measurement } from '../../migration/drain.ts';
import { measurementSchema, type Move, readMove } from '../../migration/move.ts';
import { selects } from '../../migration/labels.ts';
import type { MoveKind } from '../../migration/moveSteps.ts';
import { clustersOfNodes, type NodeClusters, readNodes } from '../pods.ts';
import { kubeOf, type Workplace } from '../world.ts';
import { deploymentFacts } from './read.ts';
import { deploymentRef } from './deployments.ts';
import { type Seen, whileCounting } from './endpoints.ts';
import { readServices } from './read.ts';

export type Site = {
  readonly work: Workplace;
  readonly context: StepContext;
  readonly move: Move;
  readonly kube: Kube;
  readonly namespace: string;
  readonly operation: string;
  readonly signal: AbortSignal;
};

export async function siteOf(work: Workplace, context: StepContext): Promise<Site> {
  const move = moveOf(context);
  return {
    work,
    context,
    move,
    kube: await kubeOf(work, context, move.before.home),
    namespace: move.before.namespace,
    operation: context.operation,
    signal: context.signal,
  };
}

const beginOf = ({ plan, index }: StepContext): number => plan.steps.slice(0, index + 1).findLastIndex(({ kind }) => kind === 'move-begin');

export function moveOf(context: StepContext): Move {
  const begin = context.plan.steps[beginOf(context)];
  if (!begin) throw new HanseError('INTERNAL', 'A step of a move stands in a plan without the move.');
  return readMove(begin);
}

/** What the step of that kind in the same move left in the journal; undefined: nothing yet. */
export function resultOf(context: StepContext, kind: MoveKind): Json | undefined {
  const begin = beginOf(context);
  const next = context.plan.steps.findIndex((step, index) => index > begin && step.kind === 'move-begin');
  const index = context.plan.steps.findIndex((step, at) => at >= begin && (next < 0 || at < next) && step.kind === kind);
  return index < 0 ? undefined : context.result(index);
}

/** Made in this plan (by this move or one before it), or known when the plan was made; null: none, so the longest waits are kept. */
export function measurementOf(context: StepContext): Measurement | null {
  const made = context.plan.steps
    .map(({ kind }, index) => (kind === 'move-measure' && index < context.index ? measurementSchema.safeParse(context.result(index)) : null))
    .findLast((parsed) => parsed?.success === true);
  return made?.success ? made.data : moveOf(context).measurement;
}

export async function nodesOf({ work, context, kube, move }: Site): Promise<NodeClusters> {
  const { home } = move.before;
  return clustersOfNodes(await readNodes(kube), home, await work.peerings(context.owner, home));
}

/** How many endpoints each Service of the application should have at least: the replicas of the Deployments it selects. */
export async function wantedEndpoints({ kube, namespace, move }: Site): Promise<Map<string, number>> {
  const services = await readServices(kube, namespace);
  const deployments = await Promise.all(
    move.deployments.map(async ({ name, replicas }) => ({ object: await kube.get(deploymentRef(namespace, name)), replicas })),
  );
  const counted = services.map(({ name, selector }) => {
    const selected = deployments.filter(({ object }) => object !== null && selects(selector, deploymentFacts(object).labels));
    return [name, selected.reduce((sum, { replicas }) => sum + replicas, 0)] as const;
  });
  return new Map(counted.filter(([, wanted]) => wanted > 0));
}

export const seenSchema = z.looseObject({ readyMin: z.number().nullable(), belowMs: z.number(), interruptedMs: z.number() });

/** Counts ready endpoints at home while the step works, and adds what was seen to its result. */
export async function counted(site: Site, action: () => Promise<Record<string, Json>>): Promise<Record<string, Json>> {
  const { value, seen } = await whileCounting(site.kube, site.namespace, await wantedEndpoints(site), action);
  return { ...value, ...asJson(seen) };
}

const asJson = ({ readyMin, belowMs, interruptedMs }: Seen): Record<string, Json> => ({ readyMin, belowMs, interruptedMs });

// One application's move as a value: what every step of it reads.
import { z } from 'zod';
import type { Application } from '../application.ts';
import type { Sites } from '../deployment/affinity.ts';
import { inputOf, readApplication } from '../deployment/stepInput.ts';
import type { JsonObject } from '../../ids.ts';
import type { Step } from '../../operations/index.ts';
import type { PlacementRequest } from '../../placement/index.ts';
import type { DrainLimits, Measurement } from './drain.ts';

export type Move = {
  readonly before: Application;
  /** As it will be: other clusters, manifests rewritten for them. */
  readonly after: Application;
  readonly from: string;
  /** The cluster that was named as the target; null: the best. */
  readonly named: string | null;
  /** Clusters that are new to it. Empty: its other clusters take over. */
  readonly to: readonly string[];
  readonly sites: { readonly before: Sites; readonly both: Sites; readonly after: Sites };
  readonly deployments: readonly { readonly name: string; readonly uid: string; readonly replicas: number }[];
  /** Names of every cluster whose pods or nodes may send requests to it. */
  readonly senders: readonly string[];
  /** null: measured on the way. */
  readonly measurement: Measurement | null;
  readonly drain: DrainLimits;
  /** Greatest age of clients' kept connections. */
  readonly connectionAgeSeconds: number;
  /** How long the targets may take to become ready. */
  readonly readySeconds: number;
  readonly soakSeconds: number;
};

const sites = z.object({ remote: z.array(z.string()), home: z.boolean() });
export const measurementSchema: z.ZodType<Measurement> = z.object({
  home: z.string(),
  at: z.string(),
  endpointsAt: z.array(z.string()),
  senders: z.array(z.object({ cluster: z.string(), comingMs: z.number().nullable(), goingMs: z.number().nullable() })),
  skewMs: z.number(),
});
const schema = z.object({
  before: z.unknown(),
  after: z.unknown(),
  from: z.string(),
  named: z.string().nullable(),
  to: z.array(z.string()),
  sites: z.object({ before: sites, both: sites, after: sites }),
  deployments: z.array(z.object({ name: z.string(), uid: z.string(), replicas: z.number() })),
  senders: z.array(z.string()),
  measurement: measurementSchema.nullable(),
  drain: z.object({ floorSeconds: z.number(), ceilingSeconds: z.number() }),
  connectionAgeSeconds: z.number(),
  readySeconds: z.number(),
  soakSeconds: z.number(),
});
const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const moveInput = (move: Move): JsonObject => json.parse({ ...move, before: inputOf(move.before), after: inputOf(move.after) });

/** Stands in the first step of each move; a plan may hold several moves, one after the other. */
export function readMove(begin: Step): Move {
  const { before, after, ...rest } = schema.parse(begin.input);
  return { ...rest, before: readApplication(before), after: readApplication(after) };
}

/** What is decided: the application's own request, away from the source, and among its other clusters and the named one if one was named. */
export function requestOf({ request, clusters }: Application, from: string, named: string | null): PlacementRequest {
  const exclude = [...new Set([...request.exclude, from])];
  if (named === null) return { ...request, exclude };
  return {
    ...request,
    among: [...new Set([...clusters.filter((cluster) => cluster !== from), named])],
    exclude: exclude.filter((cluster) => cluster !== named),
  };
}

/** As it is while it moves: at both places, with the replicas that may run at each. */
export function whileMoving({ before, after }: Pick<Move, 'before' | 'after'>): Application {
  const counts = new Map((before.placement.chosen ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  for (const { cluster, replicas } of after.placement.chosen ?? []) counts.set(cluster, Math.max(replicas, counts.get(cluster) ?? 0));
  const chosen = [...counts].map(([cluster, replicas]) => ({ cluster, replicas })).sort((left, right) => (left.cluster < right.cluster ? -1 : 1));
  return { ...before, clusters: [...new Set([...before.clusters, ...after.clusters])].sort(), placement: { ...before.placement, chosen } };
}

/** Liqo cluster ids that the namespace is taken back from at the end. */
export const closedTo = ({ sites: { both, after } }: Move): string[] => both.remote.filter((id) => !after.remote.includes(id));

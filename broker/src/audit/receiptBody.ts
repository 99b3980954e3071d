// What a receipt says, and how it is read.
import { z } from 'zod';
import type { Candidate, Placement, PlacementRequest, Snapshot, SnapshotCluster } from '../placement/index.ts';

export type ReceiptBody = {
  readonly id: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly owner: string;
  readonly operation: string;
  readonly application: string;
  readonly decisionVersion: number;
  readonly request: PlacementRequest;
  readonly snapshot: Snapshot;
  readonly placement: Placement;
  /** What was carried out where that is more than the decision chose: an application that was running grew. */
  readonly carriedOut: Placement['chosen'];
  /** Last link of the audit log when the receipt was signed; null: the log was empty. */
  readonly auditHead: { readonly seq: number; readonly hash: string } | null;
};

const resources = z.object({ cpuMillis: z.number(), memoryBytes: z.number(), pods: z.number(), gpus: z.number() });
const assurance = z.enum(['asserted', 'declared', 'notarised', 'certified', 'measured']);
const names = z.array(z.string());
const chosen = z.array(z.object({ cluster: z.string(), replicas: z.number() })).nullable();
const opinion = z.object({
  criterion: z.string(),
  verdict: z.enum(['satisfied', 'excluded', 'scored']),
  score: z.number().exactOptional(),
  asked: z.string(),
  found: z.string(),
  source: z.string(),
});
const fact = z.object({
  name: z.string(),
  group: z.enum(['locality', 'technical', 'compliance']),
  value: z.union([z.string(), z.number(), z.boolean()]),
  unit: z.string().exactOptional(),
  assurance,
  credential: z.string(),
  issuer: z.string(),
  validUntil: z.string().nullable(),
  measurement: z.object({ probes: z.number(), since: z.string() }).exactOptional(),
});
const cluster = z.object({
  name: z.string(),
  role: z.enum(['home', 'provider']),
  provider: z.string(),
  offering: z.string().nullable(),
  reach: z.enum(['offered', 'added', 'federated']),
  facts: z.array(fact),
  free: resources.nullable(),
  freeSource: z.string(),
}) satisfies z.ZodType<SnapshotCluster>;
const candidate = z.object({
  cluster: z.string(),
  offering: z.string().nullable(),
  total: z.number().nullable(),
  opinions: z.array(opinion),
}) satisfies z.ZodType<Candidate>;
const point = z.object({ latitude: z.number(), longitude: z.number() });
const criterion = z.object({
  fact: z.string(),
  from: point.exactOptional(),
  operator: z.enum(['=', '!=', '>=', '<=', '>', '<']),
  values: names,
  assurance: assurance.exactOptional(),
});
export const receiptBody = z.object({
  id: z.string(),
  issuedAt: z.string(),
  owner: z.string(),
  operation: z.string(),
  application: z.string(),
  decisionVersion: z.number(),
  request: z.object({
    subject: z.string(),
    replicas: z.int().min(0),
    each: resources,
    criteria: z.array(criterion),
    preferences: z.array(
      z.union([
        z.object({ fact: z.string(), wish: criterion, weight: z.number() }),
        z.object({ fact: z.string(), from: point.exactOptional(), direction: z.enum(['lowest', 'highest']), weight: z.number() }),
      ]),
    ),
    providersMin: z.number(),
    among: names.exactOptional(),
    exclude: names,
    reach: z.enum(['offered', 'added', 'federated']).exactOptional(),
  }),
  snapshot: z.object({
    version: z.number(),
    takenAt: z.string(),
    clusters: z.array(cluster),
  }),
  placement: z.object({
    chosen,
    candidates: z.array(candidate),
    snapshotVersion: z.number(),
    decisionVersion: z.number(),
  }),
  carriedOut: chosen,
  auditHead: z.object({ seq: z.number(), hash: z.string() }).nullable(),
}) satisfies z.ZodType<ReceiptBody>;

/** A salt, what is known of one cluster, and what was thought of it: the part that can be redacted. */
export const shownCluster = z.tuple([z.string().min(16), cluster, candidate.nullable()]);

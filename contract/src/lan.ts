import { z } from 'zod';
import { label, list } from './base.ts';

const price = z.object({ eurOnce: z.number(), eurPerMonth: z.number() }).meta({ id: 'Price' });

const measured = z
  .object({
    at: z.string(),
    from: label.describe('The home cluster.'),
    sent: z.number(),
    received: z.number(),
    roundTripMs: z.number().nullable(),
    mtuBytes: z.number().nullable().describe('The largest packet of those tried that passed whole.'),
    ownMtuBytes: z.number().nullable().describe('The largest that the probe could send.'),
  })
  .meta({ id: 'MeasuredWay' });

export const circuit = z
  .object({
    ref: z.string().describe('Our reference at the exchange.'),
    lan: z.string(),
    exchange: z.string(),
    kind: z.enum(['segment', 'attachment', 'spliceEnd']),
    member: z.string().describe('The cluster, the splice, or of a segment the exchange.'),
    connection: z.string().nullable(),
    vlan: z.number().nullable(),
    ipv4: z.string().nullable(),
    ipv6: z.string().nullable(),
    capacityMbps: z.number().nullable(),
    state: z.enum(['reserved', 'pending', 'ready', 'degraded', 'failed', 'ending', 'ended']),
    since: z.string().nullable().describe('When its state was first seen as it is.'),
    id: z.string().nullable(),
    told: z.string().describe('The exchange’s own word for its state.'),
    messages: list(z.string()),
    decommissionAt: z.string().nullable(),
    chargedUntil: z.string().nullable(),
    measured: measured.nullable().describe('Of an attachment: the way there from home, the last time that it was measured; null: unknown.'),
  })
  .meta({ id: 'Circuit' });

export const lan = z
  .object({
    id: z.string(),
    name: label.describe('Of the home cluster.'),
    ipv4: z.string(),
    ipv6: z.string(),
    mtuBytes: z.number(),
    clusters: list(z.string()),
    exchanges: list(z.string()),
    splices: list(z.string()),
    cost: price,
    circuits: list(circuit),
  })
  .meta({ id: 'Lan' });

export const nodeConfigFormat = z.enum(['nmstate', 'netplan']);
export const nodeConfigQuery = z.object({ format: nodeConfigFormat.default('nmstate'), member: label.optional() });
export const nodeConfig = z.object({ text: z.string() }).meta({ id: 'NodeConfig' });

export type Circuit = z.infer<typeof circuit>;
export type Lan = z.infer<typeof lan>;
export type NodeConfigFormat = z.infer<typeof nodeConfigFormat>;

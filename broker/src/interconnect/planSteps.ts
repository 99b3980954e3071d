// What the plans of layer 2 have in common: the kinds of their steps and how one is written.
import { z } from 'zod';
import type { JsonObject } from '../ids.ts';
import type { Side, Step, Undo } from '../operations/plan.ts';
import type { Circuit, Lan } from './lan.ts';

export const kinds = {
  reserve: 'interconnect.reserve',
  order: 'interconnect.order',
  inService: 'interconnect.inService',
  measure: 'interconnect.measure',
  cancel: 'interconnect.cancel',
  prove: 'interconnect.prove',
} as const;

const text = z.string().max(256);
const maybe = text.nullable();

export const circuitStates = ['reserved', 'pending', 'ready', 'degraded', 'failed', 'ending', 'ended'] as const;

const measuredSchema = z.object({
  at: text,
  from: text,
  sent: z.number(),
  received: z.number(),
  roundTripMs: z.number().nullable(),
  mtuBytes: z.number().nullable(),
  ownMtuBytes: z.number().nullable(),
});

/** A circuit as it was stored or written into a plan, parsed again before it is trusted. */
export const circuitSchema = z.object({
  ref: z.string().min(1).max(128),
  lan: text,
  exchange: text,
  kind: z.enum(['segment', 'attachment', 'spliceEnd']),
  member: text,
  connection: maybe,
  vlan: z.number().int().min(1).max(4094).nullable(),
  account: maybe,
  ipv4: maybe,
  ipv6: maybe,
  capacityMbps: z.number().int().positive().nullable(),
  roleAssignments: z.array(text).max(50),
  mac: maybe,
  state: z.enum(circuitStates),
  since: maybe.default(null),
  id: maybe,
  told: text,
  messages: z.array(z.string().max(1000)).max(50),
  decommissionAt: maybe,
  chargedUntil: maybe,
  measured: measuredSchema.nullable().default(null),
});

export const lanSchema = z.object({ id: z.string().regex(/^[0-9a-f]{10}$/), name: text, ipv4: text, ipv6: text });

/** The dates that the exchange named and that the plan was approved with. */
export const quoteSchema = z.object({ decommissionAt: text, chargedUntil: text });
export type Quote = z.output<typeof quoteSchema>;

export const stepSchema = z.object({
  lan: lanSchema,
  /** What the step is about; of `reserve`: all that is ordered. */
  circuits: z.array(circuitSchema).max(500),
  /** With `reserve`: references that stood when the plan was made, and have to stand still. */
  standing: z.array(z.string().max(128)).max(500).default([]),
  /** With an order: the circuit whose id at the exchange it needs. */
  segment: z.string().max(128).optional(),
  /** With `measure`: of the plan. */
  mtuBytes: z.number().int().positive().optional(),
  quote: quoteSchema.nullable().default(null),
});
export type StepInput = z.output<typeof stepSchema>;

export const circuitJson = (circuit: Circuit): JsonObject => ({
  ...circuit,
  roleAssignments: [...circuit.roleAssignments],
  messages: [...circuit.messages],
  measured: circuit.measured && { ...circuit.measured },
});

export type Draft = {
  readonly kind: string;
  readonly title: string;
  readonly side: Side;
  readonly undo: Undo;
  readonly circuits: readonly Circuit[];
  readonly more?: JsonObject;
  readonly destructive?: boolean;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
};

export const step = (lan: Lan, { kind, title, side, undo, circuits, more = {}, destructive = false, attempts = 8, timeoutSeconds = 120 }: Draft): Step => ({
  kind,
  title,
  side,
  input: { lan: { ...lan }, circuits: circuits.map(circuitJson), ...more },
  undo,
  destructive,
  attempts,
  timeoutSeconds,
});

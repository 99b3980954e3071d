// One exchange, whatever it speaks: what planning asks of it and what the steps of a plan have it do.
import type { EffectGuard } from '../../../operations/io/performer.ts';
import type { Circuit, CircuitState, Lan } from '../../lan.ts';
import type { Quote } from '../../planSteps.ts';

/** A circuit as the exchange shows it. */
export type Observed = {
  readonly id: string;
  readonly state: CircuitState;
  readonly told: string;
  readonly messages: readonly string[];
  /** The tag that it really has; null: none, or it does not say. */
  readonly vlan: number | null;
  readonly decommissionAt: string | null;
  readonly chargedUntil: string | null;
};

export type Acting = { readonly guard: EffectGuard };

export type Order = {
  readonly lan: Lan;
  readonly circuit: Circuit;
  /** The segment's id at the exchange; null: this is the segment. */ readonly segmentId: string | null;
};

/** Rejects with EXCHANGE_UNREACHABLE (try again) or EXCHANGE_REFUSED (its reason). */
export type Driver = {
  /** Whether it lets us in and offers what a segment needs. Answers what it says of the contract, in words; empty: nothing. */
  survey(): Promise<{ readonly terms: string }>;
  /** Tags in use on a connection, as far as our account may see. REFUSED if the connection is not there or not in production. */
  vlansTaken(connection: string): Promise<readonly number[]>;
  /** Ensures it: an order under this reference that is there already is taken as it is. */
  order(order: Order, acting: Acting): Promise<Observed>;
  /** null: nothing under this reference. */
  find(circuit: Circuit): Promise<Observed | null>;
  /** The earliest end, and until when it is charged. */
  quote(circuit: Circuit): Promise<Quote>;
  /** Ensures that it ends. `otherDates`: the exchange no longer takes the date; nothing was cancelled. */
  cancel(
    circuit: Circuit,
    quote: Quote | null,
    acting: Acting,
  ): Promise<{ readonly kind: 'cancelled'; readonly as: Observed | null } | { readonly kind: 'otherDates'; readonly quote: Quote }>;
  close(): Promise<void>;
};

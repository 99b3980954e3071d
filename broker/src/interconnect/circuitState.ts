// The states of IX-API 2 (2.1 to 2.7) in our words. Transitions are not specified, and exchanges add words: what is not known is pending.
import type { CircuitState } from './lan.ts';

const words: Readonly<Record<string, CircuitState>> = {
  requested: 'pending',
  allocated: 'pending',
  testing: 'pending',
  scheduled: 'pending',
  operator: 'pending',
  production: 'ready',
  production_change_pending: 'ready',
  error: 'failed',
  decommission_requested: 'ending',
  decommissioned: 'ended',
  archived: 'ended',
  // added by 2.2.1: given up before production
  cancelled: 'ended',
};

/** Syslog: 0 emergency … 3 error, 4 warning. */
const errorSeverity = 3;

export type Told = { readonly state: string; readonly status: readonly { readonly severity: number }[] };

export const circuitState = ({ state, status }: Told): CircuitState => {
  const known = Object.hasOwn(words, state) ? (words[state] ?? 'pending') : 'pending';
  return known === 'ready' && status.some(({ severity }) => severity <= errorSeverity) ? 'degraded' : known;
};

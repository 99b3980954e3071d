// What a policy says of a cause, and the limits that hold whatever it says.
import type { Cause } from './reaction.ts';

/** act: plan and approve; ask: plan, and a person approves; forbid: nothing new goes there, what runs stays; warn: tell. */
export const words = ['act', 'ask', 'forbid', 'warn'] as const;
export type Word = (typeof words)[number];

/** Of a policy. That a provider lends nothing new moves nothing, so nothing is said of it. */
export type ReactWords = Readonly<Partial<Record<Exclude<Cause, 'cordoned'>, Word>>>;

export type Rules = {
  /** For how long it must be so before anything is decided. */
  readonly holdSeconds: Readonly<Record<Cause, number>>;
  /** Plans that may be made within any `windowSeconds`. */
  readonly plansMax: number;
  readonly windowSeconds: number;
  /** Of all federated providers, how many may be being left at once: a share from 0 to 1; one always may. */
  readonly shareMax: number;
  /** After how long a plan that could not be made is tried again. */
  readonly againSeconds: number;
};

export const usualRules: Rules = {
  holdSeconds: { unreachable: 60, circuit: 120, price: 300, proof: 300, cordoned: 0, draining: 0 },
  plansMax: 4,
  windowSeconds: 3600,
  shareMax: 0.5,
  againSeconds: 300,
};

export const usualWord: Word = 'ask';

/** What the policies of those concerned say together: where they differ a person decides. */
export const wordOf = (cause: Cause, policies: readonly ReactWords[]): Word => {
  if (cause === 'cordoned') return 'warn';
  const said = new Set(policies.map((policy) => policy[cause] ?? usualWord));
  const [only = usualWord, ...others] = said;
  return others.length === 0 ? only : 'ask';
};

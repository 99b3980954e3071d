// What became of a credential that is believed, and when it has to be looked at again: pure, so that the same judgement at the same time says the same.
import { decisive, stateOf } from './judge/judge.ts';
import type { Judgement } from './judge/judge.ts';
import type { Wanted } from './wanted.ts';

export const lifecycleStates = ['active', 'expiring', 'suspended', 'expired', 'revoked', 'deprecated', 'unverifiable'] as const;
export type LifecycleState = (typeof lifecycleStates)[number];

/** `refused`: it was never believed. Only of what was can it be said what became of it. */
export type Kept = LifecycleState | 'refused';

export type Lifecycle = {
  readonly state: Kept;
  /** The check that decides, in words; null: nothing is the matter. */
  readonly why: string | null;
  /** Digest of the one that took its place. */
  readonly successor: string | null;
};

const wasBelieved = (before: Kept | null): boolean => before !== null && before !== 'refused';

/**
 * `before`: null when it is looked at for the first time. What was believed and fails now is the same bytes: its issuer, a registry or our own configuration
 * took back what stood behind it. That is revoked too (ICAM 25.11 §5.7.2 has it of the signing key).
 */
export function lifecycleOf(judgement: Judgement, before: Kept | null, { at, expiringMs }: { readonly at: number; readonly expiringMs: number }): Lifecycle {
  const check = decisive(judgement);
  const why = check === undefined ? null : `${check.name} ${check.result}: ${check.reason}`;
  const state = stateOf(judgement);
  if (state === 'refused') {
    if (!wasBelieved(before)) return { state, why, successor: null };
    // a list that is damaged says nothing about what is on it
    return { state: check?.name === 'status' ? 'unverifiable' : 'revoked', why, successor: null };
  }
  // what could never be verified was never believed either
  if (state === 'unverifiable' && !wasBelieved(before)) return { state: 'refused', why, successor: null };
  if (state === 'deprecated') return { state, why, successor: /: ([0-9a-f]{64})$/.exec(check?.reason ?? '')?.[1] ?? null };
  const end = endOf(judgement);
  if (state === 'active' && end !== null && end - at <= expiringMs) return { state: 'expiring', why: `it ends ${judgement.validUntil}`, successor: null };
  return { state, why, successor: null };
}

const endOf = ({ validUntil }: Pick<Judgement, 'validUntil'>): number | null => (validUntil === null ? null : Date.parse(validUntil));

/** Something that was fetched for it. `fetchedAt`: milliseconds since 1970; null: it could not be had. `ttlMs`: for how long its issuer says that it counts. */
export type Rest = { readonly kind: Wanted['kind']; readonly fetchedAt: number | null; readonly ttlMs: number | null };

export type CheckRules = {
  /** How long before its end a credential is expiring. */
  readonly expiringMs: number;
  /** How old each kind may become. */
  readonly againMs: Readonly<Record<Wanted['kind'], number>>;
  /** Where something could not be had, or not again; doubles with the time for which it could not be verified, up to the ceiling. */
  readonly failureMs: number;
  /** Never sooner, never later than this from now; the ceiling gives way to nothing, the end of a credential to the floor. */
  readonly floorMs: number;
  readonly ceilingMs: number;
};

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];

export const usualCheckRules: CheckRules = {
  expiringMs: 14 * dayMs,
  againMs: { document: 30 * minuteMs, chain: 6 * hourMs, registry: 6 * hourMs, status: 5 * minuteMs, pinned: dayMs },
  failureMs: minuteMs,
  floorMs: 1_000,
  ceilingMs: dayMs,
};

/** Of a wait at most this share is added, by its digest: those that were fetched together are not all looked at together again. */
const jitterShare = 0.2;

/** From 0 to below 1, spread evenly over digests. */
const shareOf = (digest: string): number => Number.parseInt(digest.slice(0, 8), 16) / 0x1_0000_0000;

export type Standing = {
  readonly digest: string;
  readonly state: Kept;
  /** Milliseconds since 1970: since when it is in that state. */
  readonly since: number;
  readonly validUntil: string | null;
  readonly rests: readonly Rest[];
};

/** Milliseconds since 1970. The turning points of its validity are met exactly, everything else a little later: before its time nothing is fetched again. */
export function nextCheckAt({ digest, state, since, validUntil, rests }: Standing, now: number, rules: CheckRules): number {
  const { expiringMs, againMs, failureMs, floorMs, ceilingMs } = rules;
  const spread = (wait: number): number => wait * (1 + jitterShare * shareOf(digest));
  const backOff = Math.max(failureMs, state === 'unverifiable' ? now - since : 0);
  const waits = rests.map(({ kind, fetchedAt, ttlMs }) => {
    const left = fetchedAt === null ? 0 : fetchedAt + spread(Math.min(againMs[kind], ttlMs ?? Number.POSITIVE_INFINITY)) - now;
    // too old already: it was asked for and not had
    return left > 0 ? left : spread(backOff);
  });
  const end = endOf({ validUntil });
  const turns = end === null ? [] : [end - expiringMs, end].map((turn) => turn - now).filter((wait) => wait > 0);
  return Math.ceil(now + Math.max(floorMs, Math.min(ceilingMs, ...waits, ...turns)));
}

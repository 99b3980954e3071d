// From what is so now and what was decided before to what changes: pure, so that the same situation is always answered the same. A false alarm empties nobody:
// everything has to hold for its time, and limits on pace and number hold whatever a policy says.
import { aboutOf, isMoving, type Reaction, type Signal } from './reaction.ts';
import type { Rules, Word } from './rules.ts';

export type Situation = {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signals: readonly Signal[];
  /** Every reaction that is not over. */
  readonly open: readonly Reaction[];
  /** When plans were made, in milliseconds since 1970: of every reaction, also those that are over. */
  readonly plannedAt: readonly number[];
  /** Federated providers. */
  readonly providers: readonly string[];
  /** Our own home cluster does not answer us. */
  readonly isHomeSilent: boolean;
  /** What the policies of those concerned say. */
  wordOf(signal: Signal): Word;
  /** How an operation of a reaction ended; null: it has not. */
  endOf(operation: string): string | null;
};

export type Change =
  | { readonly kind: 'see'; readonly signal: Signal; readonly holdUntil: number }
  | { readonly kind: 'turn'; readonly reaction: Reaction; readonly state: Reaction['state']; readonly because: readonly string[] };

/** In the order in which they count against the limits: what has waited longest comes first. */
export function react(situation: Situation, rules: Rules): readonly Change[] {
  const { now, signals, open } = situation;
  const known = new Set(open.map(aboutOf));
  const isSo = new Map(signals.map((signal) => [aboutOf(signal), signal]));
  const changes: Change[] = [];
  const tally = tallyOf(situation, rules);
  for (const reaction of open.toSorted(longestFirst)) {
    const change = isSo.has(aboutOf(reaction)) ? ongoing(reaction, situation, rules, tally) : passed(reaction, situation);
    if (change === null) continue;
    changes.push(change);
    if (change.kind === 'turn' && isMoving(change)) tally.plan(reaction.provider);
  }
  for (const signal of isSo.values())
    if (!known.has(aboutOf(signal))) changes.push({ kind: 'see', signal, holdUntil: now + rules.holdSeconds[signal.cause] * 1000 });
  return changes;
}

const longestFirst = (left: Reaction, right: Reaction): number =>
  left.holdUntil === right.holdUntil ? (left.id < right.id ? -1 : 1) : left.holdUntil < right.holdUntil ? -1 : 1;

const turn = (reaction: Reaction, state: Reaction['state'], because: readonly string[]): Change | null =>
  reaction.state === state && reaction.because.join('\n') === because.join('\n') ? null : { kind: 'turn', reaction, state, because };

/** The cause is gone. A plan that runs goes on; one that waits is taken back. */
const passed = (reaction: Reaction, { endOf }: Situation): Change | null =>
  reaction.state === 'acting' && reaction.operation !== null && endOf(reaction.operation) === null
    ? null
    : { kind: 'turn', reaction, state: 'over', because: [...reaction.because, 'It is no longer so.'] };

const ongoing = (reaction: Reaction, situation: Situation, rules: Rules, tally: Tally): Change | null => {
  const { now, endOf } = situation;
  if (isMoving(reaction)) {
    const end = reaction.operation === null ? null : endOf(reaction.operation);
    if (end === null) return null;
    const state = end === 'done' || end === 'discarded' ? 'warned' : 'refused';
    return turn(reaction, state, [`Its plan ended: ${end}.`]);
  }
  if (reaction.state === 'warned' || reaction.state === 'closed') return null;
  // one plan for one cause: what failed is a person's to look at
  if (reaction.state === 'refused' && (reaction.operation !== null || now < Date.parse(reaction.decidedAt ?? '') + rules.againSeconds * 1000)) return null;
  if (now < Date.parse(reaction.holdUntil)) return null;
  const word = situation.wordOf(reaction);
  if (word === 'warn') return turn(reaction, 'warned', [reaction.cause === 'cordoned' ? 'Nothing that runs is concerned.' : 'The policy says: warn.']);
  if (word === 'forbid') return turn(reaction, 'closed', ['The policy says: forbid.']);
  const against = tally.against(reaction);
  if (against.length > 0) return turn(reaction, 'heldBack', against);
  return turn(reaction, word === 'act' ? 'acting' : 'asking', [
    `It has been so for ${Math.round((now - Date.parse(reaction.since)) / 1000)} s.`,
    word === 'act' ? 'The policy says: act.' : 'The policy says: ask.',
  ]);
};

type Tally = { plan(provider: string): void; against(reaction: Reaction): string[] };

/** What the limits say, with what is planned in this very turn. */
function tallyOf({ now, signals, open, plannedAt, providers, isHomeSilent }: Situation, { plansMax, windowSeconds, shareMax }: Rules): Tally {
  let plans = plannedAt.filter((at) => at > now - windowSeconds * 1000).length;
  const left = new Set(open.filter(isMoving).map(({ provider }) => provider));
  const whole = new Set(open.filter((reaction) => isMoving(reaction) && reaction.application === null).map(({ provider }) => provider));
  const silent = new Set(signals.filter(({ cause }) => cause === 'unreachable').map(({ provider }) => provider));
  const leftMax = Math.max(1, Math.floor(providers.length * shareMax));
  return {
    plan(provider) {
      plans += 1;
      left.add(provider);
      whole.add(provider);
    },
    against({ cause, provider }) {
      const reasons: string[] = [];
      if (cause === 'unreachable' && isHomeSilent) reasons.push('Home does not answer either: it is our own network rather than theirs.');
      if (cause === 'unreachable' && silent.size > 1 && silent.size * 2 > providers.length)
        reasons.push(`${silent.size} of ${providers.length} providers became silent at once: it is our own network rather than theirs.`);
      if (whole.has(provider)) reasons.push(`${provider} is being left already.`);
      if (!left.has(provider) && left.size >= leftMax)
        reasons.push(
          `${[...left].toSorted().join(', ')} ${left.size === 1 ? 'is' : 'are'} being left: of ${providers.length} providers at most ${leftMax} at once.`,
        );
      if (plans >= plansMax) reasons.push(`${plans} plans were made in the last ${Math.round(windowSeconds / 60)} minutes: no more than ${plansMax}.`);
      return reasons;
    },
  };
}

/** The reaction after a change. */
export function after(change: Change, { id, now }: { readonly id: string; readonly now: number }): Reaction {
  const at = new Date(now).toISOString();
  if (change.kind === 'see') {
    const decided = { because: [], decidedAt: null, overAt: null, operation: null };
    return { ...change.signal, id, state: 'watching', since: at, holdUntil: new Date(change.holdUntil).toISOString(), ...decided };
  }
  const { reaction, state, because } = change;
  if (state === 'over') return { ...reaction, state, because, overAt: at };
  // how a plan ended does not change when it was made
  const decidedAt = state === 'heldBack' || isMoving(reaction) ? reaction.decidedAt : at;
  return { ...reaction, state, because, decidedAt };
}

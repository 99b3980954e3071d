// One turn for one owner: what is so now, what changes by it, and the plans that follow.
import { randomBytes } from 'node:crypto';
import { finalStates } from '../../../../contract/src/index.ts';
import type { Clusters } from '../../clusters/io/index.ts';
import type { Peerings } from '../../federation/io/index.ts';
import type { OwnerId } from '../../ids.ts';
import type { Interconnect } from '../../interconnect/io/index.ts';
import type { Decider } from '../../placement/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import type { Application } from '../../workloads/index.ts';
import { after, type Change, react } from '../react.ts';
import { isMoving, type Reaction, type Signal } from '../reaction.ts';
import { type Rules, wordOf } from '../rules.ts';
import { circuitSignals, createLook } from './look.ts';
import { offerSignals } from './offers.ts';
import type { createReach } from './reach.ts';
import type { Rows } from './rows.ts';
import { undertake, type UndertakeOptions } from './undertake.ts';

export type TurnOptions = UndertakeOptions & {
  readonly store: Store;
  readonly clusters: Clusters;
  readonly peerings: Peerings;
  readonly interconnect: Interconnect;
  readonly decider: Decider;
  readonly applications: { list(owner: string): Promise<readonly Application[]> };
  readonly rules: Rules;
  /** Between two looks at offers. */
  readonly offersSeconds: number;
  /** For the log: what failed and is tried again. */
  readonly onError: (error: unknown) => void;
};

type Reach = Pick<ReturnType<typeof createReach>, 'follow'>;

const actor = 'broker';

/** Decided anew when the last answer is too old, or a proof has lapsed since. */
const createOffers = (rows: Rows, { decider, offersSeconds, onError }: TurnOptions) => {
  const offers = new Map<string, { readonly at: number; readonly signals: readonly Signal[] }>();
  return async (owner: OwnerId, all: () => Promise<readonly Application[]>, open: readonly Reaction[]): Promise<readonly Signal[]> => {
    const known = offers.get(owner);
    const at = Date.now();
    try {
      if (known !== undefined && at < known.at + offersSeconds * 1000 && !(await rows.hasLapsed(owner, known.at))) return known.signals;
      const signals = await offerSignals(decider, owner, await all());
      // what lapses while it is decided is looked at in the next turn
      offers.set(owner, { at, signals });
      return signals;
    } catch (error) {
      onError(error);
      // what cannot be looked at is neither so nor over
      return known?.signals ?? open.filter(({ cause }) => cause === 'proof' || cause === 'price');
    }
  };
};

const createHands = (rows: Rows, options: TurnOptions) => {
  const { operations } = options;
  const carry = async (owner: OwnerId, change: Change): Promise<void> => {
    const now = Date.now();
    if (change.kind === 'see') {
      await rows.begin(owner, after(change, { id: `re-${randomBytes(8).toString('hex')}`, now }));
      return;
    }
    const { reaction, state } = change;
    // a plan that nobody approved has lost its cause
    if (state === 'over' && reaction.operation !== null) await operations.discard({ owner, actor }, reaction.operation);
    await rows.turn(owner, reaction, after(change, { id: reaction.id, now }));
  };

  /** What was decided and has no plan yet; what acts and is not approved yet. */
  const follow = async (owner: OwnerId, reaction: Reaction, home: string): Promise<void> => {
    let now = reaction;
    if (now.operation === null) {
      const made = await undertake(owner, now, home, options);
      const next: Reaction =
        made.kind === 'planned'
          ? { ...now, operation: made.operation }
          : { ...now, state: made.kind === 'nothing' ? 'warned' : 'refused', because: made.because };
      if (!(await rows.turn(owner, now, next))) return;
      now = next;
    }
    if (now.state !== 'acting' || now.operation === null) return;
    const states = await rows.operationStates(owner, [now.operation]);
    if (states.get(now.operation) === 'planned') await operations.approve({ owner, actor }, now.operation);
  };

  return { carry, follow };
};

/** `isUnsure`: the next one should come soon. Ends early when `stopping` is. */
export const createTurn = (rows: Rows, reach: Reach, stopping: AbortSignal, options: TurnOptions) => {
  const { clusters, peerings, interconnect, applications, rules, onError } = options;
  const look = createLook(clusters);
  const ofOffers = createOffers(rows, options);
  const { carry, follow } = createHands(rows, options);
  return async (owner: OwnerId): Promise<{ readonly isUnsure: boolean }> => {
    const [federated, open, circuits] = await Promise.all([peerings.list(owner), rows.open(owner), interconnect.records.circuits(owner)]);
    // records hold whole manifests: read only when there is something to decide
    let listed: Promise<readonly Application[]> | undefined;
    const all = (): Promise<readonly Application[]> => (listed ??= applications.list(owner));
    const ready = federated.filter(({ state }) => state === 'ready');
    const providers = ready.map(({ provider }) => provider);
    await reach.follow(owner, [...new Set(ready.map(({ home }) => home))]).catch(onError);
    const looked = await look({ owner, peerings: ready, open, signal: stopping });
    const offered = (await ofOffers(owner, all, open)).filter(({ provider }) => providers.includes(provider));
    if (stopping.aborted) return looked;
    const signals = [...looked.signals, ...circuitSignals(circuits, ready), ...offered];
    if (signals.length === 0 && open.length === 0) return looked;
    const known = await all();
    const ids = open.flatMap(({ operation }) => operation ?? []);
    const now = Date.now();
    const [states, plannedAt] = await Promise.all([rows.operationStates(owner, ids), rows.plannedAt(owner, now - rules.windowSeconds * 1000)]);
    const concerned = ({ provider, application }: Signal): readonly Application[] =>
      known.filter((one) => (application === null ? one.clusters.includes(provider) : one.name === application));
    const changes = react(
      {
        now,
        signals,
        open,
        plannedAt,
        providers,
        isHomeSilent: looked.isHomeSilent,
        wordOf: (signal) =>
          wordOf(
            signal.cause,
            concerned(signal).map(({ react: said }) => said ?? {}),
          ),
        endOf: (operation) => finalStates.find((state) => state === states.get(operation)) ?? null,
      },
      rules,
    );
    for (const change of changes) await carry(owner, change).catch(onError);
    for (const reaction of (await rows.open(owner)).filter(isMoving)) {
      const home = ready.find(({ provider }) => provider === reaction.provider)?.home;
      if (home !== undefined && !stopping.aborted) await follow(owner, reaction, home).catch(onError);
    }
    return looked;
  };
};

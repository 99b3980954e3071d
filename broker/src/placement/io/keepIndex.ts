// The index of an owner's offers, kept as the table of offers stands: what changed is read by its number, what has ended is read again, and where a cluster was
// added, what its own API says counts where the offer says nothing, and what was measured of it beside what the offer says.
import { unpackTold } from '../../catalogue/index.ts';
import type { Fact, Offering, Told } from '../../catalogue/index.ts';
import type { Catalogue } from '../../catalogue/io/index.ts';
import type { Cluster } from '../../clusters/index.ts';
import { observedFacts } from '../assemble.ts';
import { createOfferIndex } from '../search/offerIndex.ts';
import type { OfferIndex, Reading } from '../search/offerIndex.ts';
import { createShown } from './shown.ts';
import type { Shown } from './shown.ts';

export type IndexOptions = { readonly catalogue: Pick<Catalogue, 'changes' | 'find'>; now(): number };

type Kept = {
  readonly index: OfferIndex;
  seq: number;
  /** By Liqo cluster id. */
  readonly keyOf: Map<string, string>;
  /** By Liqo cluster id: what the added cluster's own API says and what was measured of it, and as text. */
  observed: ReadonlyMap<string, { readonly facts: readonly Fact[]; readonly text: string }>;
  readonly shown: Shown;
  /** One at a time catches up; the others wait for it. */
  turn: Promise<void>;
};

/** `find`: bodies of offers, as the index stands or newer. */
export type Indexed = { readonly reading: Reading; readonly find: Shown['find'] };

const changesAtOnce = 5000;
const bodiesAtOnce = 500;

/** By our name of an added cluster, what Hanse measured of it. */
type MeasuredFacts = ReadonlyMap<string, readonly Fact[]>;

export function createIndexKeeper({
  catalogue,
  now,
}: IndexOptions): (owner: string, clusters: readonly Cluster[], measured?: MeasuredFacts) => Promise<Indexed> {
  const owners = new Map<string, Kept>();

  const remove = (kept: Kept, key: string): void => {
    kept.shown.forget(key);
    kept.index.remove(key);
  };
  const put = (kept: Kept, key: string, told: Told): void => {
    const { index, keyOf, observed } = kept;
    kept.shown.forget(key);
    const seen = told.cluster === null ? undefined : observed.get(told.cluster);
    if (told.cluster !== null) keyOf.set(told.cluster, key);
    index.put(
      key,
      seen === undefined
        ? told
        : {
            ...told,
            facts: [...told.facts, ...seen.facts.filter(({ name, assurance }) => assurance === 'measured' || told.facts.every((fact) => fact.name !== name))],
          },
    );
  };
  const putAgain = async (owner: string, kept: Kept, keys: readonly string[]): Promise<void> => {
    for (let from = 0; from < keys.length; from += bodiesAtOnce) {
      const some = keys.slice(from, from + bodiesAtOnce);
      const found = await catalogue.find(owner, some);
      for (const key of some) {
        const offering = found.get(key);
        if (offering === undefined) remove(kept, key);
        else put(kept, key, toldOf(offering));
      }
    }
  };
  const observe = async (owner: string, kept: Kept, clusters: readonly Cluster[], measured: MeasuredFacts): Promise<void> => {
    const before = kept.observed;
    const providers = clusters.filter(({ state, side }) => state === 'ready' && side === 'provider');
    kept.observed = new Map(
      providers.flatMap((cluster) => {
        const facts = [...observedFacts(cluster), ...(measured.get(cluster.name) ?? [])];
        // until when it holds and from how many probes it comes is not in the index
        const text = JSON.stringify(facts.map(({ name, value, assurance }) => [name, value, assurance]));
        return cluster.liqoClusterId === null ? [] : [[cluster.liqoClusterId, { facts, text }] as const];
      }),
    );
    const changed = [...new Set([...before.keys(), ...kept.observed.keys()])].filter((id) => before.get(id)?.text !== kept.observed.get(id)?.text);
    await putAgain(
      owner,
      kept,
      changed.flatMap((id) => kept.keyOf.get(id) ?? []),
    );
  };
  const catchUp = async (owner: string, kept: Kept, clusters: readonly Cluster[], measured: MeasuredFacts): Promise<void> => {
    await observe(owner, kept, clusters, measured);
    const at = now();
    for (;;) {
      const changes = await catalogue.changes(owner, kept.seq, changesAtOnce);
      for (const { key, seq, told } of changes) {
        const standing = told === null ? null : unpackTold(told, at);
        if (standing === null) remove(kept, key);
        else put(kept, key, standing);
        kept.seq = Math.max(kept.seq, seq);
      }
      if (changes.length < changesAtOnce) break;
    }
    await putAgain(owner, kept, kept.index.ended(at));
  };
  return async (owner, clusters, measured = new Map()) => {
    const kept = owners.get(owner) ?? {
      index: createOfferIndex(),
      seq: 0,
      keyOf: new Map(),
      observed: new Map(),
      shown: createShown((keys) => catalogue.find(owner, keys)),
      turn: Promise.resolve(),
    };
    owners.set(owner, kept);
    kept.turn = kept.turn.catch(() => {}).then(() => catchUp(owner, kept, clusters, measured));
    await kept.turn;
    return { reading: kept.index.read(), find: kept.shown.find };
  };
}

const toldOf = ({ id, provider, name, cluster, facts, validUntil }: Offering): Told => ({
  id,
  provider,
  name,
  cluster,
  facts: facts.map(({ name: fact, value, assurance }) => ({ name: fact, value, assurance })),
  endsAt: validUntil === null ? null : Date.parse(validUntil),
});

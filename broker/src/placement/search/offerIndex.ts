// All offers of an owner by their facts, in columns. What changed is put behind the rest under a slot of its own; when more than half is dead, the living are put together anew.
import type { Told, ToldFact } from '../../catalogue/index.ts';
import { add, take, wordsFor } from './bits.ts';
import type { Bits } from './bits.ts';
import { createColumn } from './column.ts';
import type { Column } from './column.ts';
import { createSorted } from './sorted.ts';
import { createTokens } from './tokens.ts';
import type { Tokens } from './tokens.ts';

export type OfferIndex = {
  /** Of offers, dead slots not counted. */
  readonly size: number;
  /** Takes the place of what was under that key. */
  put(key: string, told: Told): void;
  remove(key: string): void;
  /** Keys of what is not any more as it was put at that moment: a part of it has ended. */
  ended(at: number): readonly string[];
  /** For readers. Valid until the next change. */
  read(): Reading;
};

export type Reading = {
  /** Slots run from 0 to below this. */
  readonly slots: number;
  readonly alive: Bits;
  readonly size: number;
  /** Slots by name, then by id; dead ones are among them. */
  readonly ordered: Uint32Array;
  /** By slot, where it stands in that order. */
  readonly places: Uint32Array;
  /** Room for half as many slots again as there are, and a figure for each: whoever reads overwrites what was read before. */
  readonly lists: Uint32Array;
  readonly totals: Float64Array;
  keyOf(slot: number): string;
  /** Whether one of these is its name, its id, its provider or its Liqo cluster id. */
  isCalled(slot: number, names: readonly string[]): boolean;
  /** As long as there are slots; of a fact that nobody states there is none. */
  column(fact: string): Column | undefined;
  readonly tokens: Pick<Tokens, 'hits'>;
};

type Slot = { readonly key: string; readonly order: string; readonly endsAt: number };

type Parts = {
  readonly slots: Slot[];
  readonly columns: Map<string, Column>;
  readonly tokens: Tokens;
  readonly ordered: ReturnType<typeof createSorted<number>>;
  alive: Uint32Array<ArrayBuffer>;
};

const deadMin = 1000;

export function createOfferIndex(): OfferIndex {
  let parts = emptyParts();
  let slotOf = new Map<string, number>();
  let firstEnd = Number.POSITIVE_INFINITY;
  let order = inOrder([]);
  let room = { lists: new Uint32Array(0), totals: new Float64Array(0) };

  const remove = (key: string): void => {
    const slot = slotOf.get(key);
    if (slot === undefined) return;
    slotOf.delete(key);
    take(parts.alive, slot);
    for (const column of parts.columns.values()) column.drop(slot);
    if (parts.slots.length - slotOf.size > Math.max(deadMin, slotOf.size)) compact();
  };
  const compact = (): void => {
    const from = parts;
    const living = [...slotOf].toSorted(([, left], [, right]) => left - right);
    parts = emptyParts();
    slotOf = new Map();
    for (const [key, slot] of living) {
      const { order, endsAt } = from.slots[slot] ?? { order: '', endsAt: Number.POSITIVE_INFINITY };
      const facts = [...from.columns].flatMap(([name, { codes, cells }]) => (cells[codes[slot] ?? 0] ?? []).map((statement) => ({ name, ...statement })));
      slotOf.set(key, append(parts, { key, order, endsAt }, facts));
    }
  };
  return {
    get size() {
      return slotOf.size;
    },
    put(key, told) {
      remove(key);
      const endsAt = told.endsAt ?? Number.POSITIVE_INFINITY;
      firstEnd = Math.min(firstEnd, endsAt);
      slotOf.set(key, append(parts, { key, order: `${told.name}\n${told.id}\n${told.provider}\n${told.cluster ?? ''}`, endsAt }, told.facts));
    },
    remove,
    ended(at) {
      if (at < firstEnd) return [];
      const keys: string[] = [];
      firstEnd = Number.POSITIVE_INFINITY;
      for (const [key, slot] of slotOf) {
        const { endsAt } = parts.slots[slot] ?? { endsAt: Number.POSITIVE_INFINITY };
        if (endsAt <= at) keys.push(key);
        firstEnd = Math.min(firstEnd, endsAt);
      }
      return keys;
    },
    read() {
      const slots = parts.slots.length;
      if (room.totals.length < slots) room = { lists: new Uint32Array(slots * 3), totals: new Float64Array(slots * 2) };
      const sorted = parts.ordered.read();
      if (order.of !== sorted) order = inOrder(sorted);
      return {
        slots,
        alive: parts.alive,
        size: slotOf.size,
        ordered: order.slots,
        places: order.places,
        ...room,
        keyOf: (slot) => parts.slots[slot]?.key ?? '',
        isCalled: (slot, names) => {
          const lines = `\n${parts.slots[slot]?.order ?? ''}\n`;
          return names.some((name) => lines.includes(`\n${name}\n`));
        },
        column: (fact) => parts.columns.get(fact)?.cover(slots),
        tokens: parts.tokens,
      };
    },
  };
}

function inOrder(of: readonly number[]) {
  const slots = Uint32Array.from(of);
  const places = new Uint32Array(slots.length);
  for (let place = 0; place < slots.length; place += 1) places[slots[place] ?? 0] = place;
  return { of, slots, places };
}

function emptyParts(): Parts {
  const slots: Slot[] = [];
  const orderOf = (slot: number): string => slots[slot]?.order ?? '';
  return {
    slots,
    columns: new Map(),
    tokens: createTokens(),
    ordered: createSorted<number>((left, right) => (orderOf(left) < orderOf(right) ? -1 : orderOf(left) > orderOf(right) ? 1 : left - right)),
    alive: new Uint32Array(32),
  };
}

function append(parts: Parts, entry: Slot, facts: readonly ToldFact[]): number {
  const slot = parts.slots.push(entry) - 1;
  if (wordsFor(slot + 1) > parts.alive.length) {
    const longer = new Uint32Array(parts.alive.length * 2);
    longer.set(parts.alive);
    parts.alive = longer;
  }
  add(parts.alive, slot);
  parts.ordered.add(slot);
  const byName = new Map<string, ToldFact[]>();
  for (const fact of facts) {
    const same = byName.get(fact.name);
    if (same === undefined) byName.set(fact.name, [fact]);
    else same.push(fact);
  }
  for (const [name, stated] of byName) {
    let column = parts.columns.get(name);
    if (column === undefined) parts.columns.set(name, (column = createColumn()));
    column.put(slot, stated);
  }
  parts.tokens.put(slot, [entry.order, ...facts.flatMap(({ value }) => (typeof value === 'string' ? [value] : []))]);
  return slot;
}

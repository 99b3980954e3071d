// A list in order to which things are added now and then: what is new is put into its places at the next reading, not sorted anew with all the rest.
export type Sorted<Item> = { add(item: Item): void; read(): readonly Item[] };

export function createSorted<Item>(compare: (left: Item, right: Item) => number): Sorted<Item> {
  let all: readonly Item[] = [];
  let fresh: Item[] = [];
  return {
    add: (item) => void fresh.push(item),
    read() {
      if (fresh.length > 0) {
        all = merged(all, fresh.toSorted(compare), compare);
        fresh = [];
      }
      return all;
    },
  };
}

/** Whole stretches between two new ones are copied. */
function merged<Item>(all: readonly Item[], fresh: readonly Item[], compare: (left: Item, right: Item) => number): readonly Item[] {
  if (all.length === 0) return fresh;
  const result: Item[] = [];
  let from = 0;
  for (const item of fresh) {
    let [low, high] = [from, all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = all[middle];
      if (there !== undefined && compare(there, item) <= 0) low = middle + 1;
      else high = middle;
    }
    for (; from < low; from += 1) {
      const there = all[from];
      if (there !== undefined) result.push(there);
    }
    result.push(item);
  }
  for (; from < all.length; from += 1) {
    const there = all[from];
    if (there !== undefined) result.push(there);
  }
  return result;
}

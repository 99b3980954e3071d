// Which exchanges and splices a LAN spans. Always a tree: fabrics of exchanges drop spanning tree frames, so that a loop would be a storm.
import type { Splice, Topology } from './topology.ts';

export type Tree = { readonly exchanges: readonly string[]; readonly splices: readonly string[] };

export type Spanning = { readonly kind: 'tree'; readonly tree: Tree } | { readonly kind: 'unreachable'; readonly from: readonly string[]; readonly to: string };

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Reached = { readonly exchange: string; readonly via: readonly Splice[]; readonly eurPerMonth: number };

const otherEnd = ({ ends: [a, b] }: Splice, exchange: string): string | null => {
  if (a.exchange === exchange) return b.exchange;
  return b.exchange === exchange ? a.exchange : null;
};

/** Fewest splices, then the cheapest, then by name: the same topology gives the same answer. */
const nearer = (a: Reached, b: Reached): number =>
  a.via.length - b.via.length || a.eurPerMonth - b.eurPerMonth || byText(a.via.map(({ name }) => name).join(), b.via.map(({ name }) => name).join());

/** The way from what stands to an exchange; null: there is none. */
const wayTo = (splices: readonly Splice[], from: readonly string[], to: string): readonly Splice[] | null => {
  const settled = new Set<string>();
  let open: Reached[] = from.map((exchange) => ({ exchange, via: [], eurPerMonth: 0 }));
  for (;;) {
    open = open.filter(({ exchange }) => !settled.has(exchange)).sort(nearer);
    const [next] = open;
    if (next === undefined) return null;
    if (next.exchange === to) return next.via;
    settled.add(next.exchange);
    for (const splice of splices) {
      const exchange = otherEnd(splice, next.exchange);
      if (exchange !== null && !settled.has(exchange)) open.push({ exchange, via: [...next.via, splice], eurPerMonth: next.eurPerMonth + splice.eurPerMonth });
    }
  }
};

const splicesOf = (all: readonly Splice[], names: readonly string[]): readonly Splice[] => all.filter(({ name }) => names.includes(name));

/** What of the standing tree still hangs together with this exchange: a splice may have been taken out of the configuration. */
const partOf = (all: readonly Splice[], standing: Tree, root: string): Tree => {
  const exchanges = reachable(splicesOf(all, standing.splices), [root]);
  const splices = splicesOf(all, standing.splices).filter(({ ends }) => ends.some(({ exchange }) => exchanges.includes(exchange)));
  return { exchanges, splices: splices.map(({ name }) => name) };
};

/** Grows what stands until it has every exchange that is needed. */
const grow = (splices: readonly Splice[], standing: Tree, needed: readonly string[]): Spanning => {
  let { exchanges, splices: used } = standing;
  for (const to of needed) {
    if (exchanges.includes(to)) continue;
    const way = wayTo(splices, exchanges, to);
    if (way === null) return { kind: 'unreachable', from: reachable(splices, exchanges), to };
    used = [...used, ...way.map(({ name }) => name)];
    exchanges = [...new Set([...exchanges, ...way.flatMap(({ ends }) => ends.map(({ exchange }) => exchange))])];
  }
  return { kind: 'tree', tree: { exchanges, splices: used } };
};

const reachable = (splices: readonly Splice[], from: readonly string[]): readonly string[] => {
  const found = new Set(from);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const splice of splices) {
      for (const { exchange } of splice.ends) {
        const other = otherEnd(splice, exchange);
        if (other !== null && found.has(exchange)) found.add(other);
      }
    }
  }
  return [...found].sort(byText);
};

/** Ends of the tree where nobody is connected go, one after the other. */
const prune = (splices: readonly Splice[], tree: Tree, needed: readonly string[]): Tree => {
  const joins = (exchange: string): readonly string[] =>
    tree.splices.filter((name) => splices.some((splice) => splice.name === name && otherEnd(splice, exchange) !== null));
  const idle = tree.exchanges.find((exchange) => !needed.includes(exchange) && joins(exchange).length <= 1);
  if (idle === undefined) return tree;
  const gone = joins(idle);
  return prune(splices, { exchanges: tree.exchanges.filter((one) => one !== idle), splices: tree.splices.filter((name) => !gone.includes(name)) }, needed);
};

/** `standing`: what there is already, kept where it serves. `root`: the home's exchange. */
export const spanningTree = ({ splices }: Pick<Topology, 'splices'>, standing: Tree, root: string, others: readonly string[]): Spanning => {
  const needed = [...new Set([root, ...others])].sort(byText);
  const grown = grow(splices, partOf(splices, standing, root), needed);
  if (grown.kind === 'unreachable') return grown;
  const { exchanges, splices: used } = prune(splices, grown.tree, needed);
  return { kind: 'tree', tree: { exchanges: [...exchanges].sort(byText), splices: [...used].sort(byText) } };
};

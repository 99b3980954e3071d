// How one member's pods reach another's: the exchanges know, whatever carries traffic asks.
import type { Way } from './exchanges/ways.ts';

type FindWay = (from: string, to: string) => Way | null;

export type Lan = {
  /** null: there is no way. Within a member there always is one, and nothing is late on it. */
  way: FindWay;
  openWith(find: FindWay): void;
};

const within: Way = { roundTripMs: 0, lossPercent: 0, mtuBytes: 9000 };
/** Asked for every piece of every connection. */
const knownForMs = 50;

export function openLan(): Lan {
  let find: FindWay = () => null;
  const known = new Map<string, { readonly way: Way | null; readonly until: number }>();
  return {
    way(from, to) {
      if (from === to) return within;
      const key = `${from}/${to}`;
      const last = known.get(key);
      if (last && last.until > Date.now()) return last.way;
      const way = find(from, to);
      known.set(key, { way, until: Date.now() + knownForMs });
      return way;
    },
    openWith(finder) {
      find = finder;
      known.clear();
    },
  };
}

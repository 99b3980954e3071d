// Bodies of offers that were shown: pages that are asked for one after the other have much in common.
import type { Offering } from '../../catalogue/index.ts';

type Bodies = ReadonlyMap<string, Offering>;

export type Shown = {
  /** By key; of those that are not known, as they are read now. */
  find(keys: readonly string[]): Promise<Bodies>;
  /** That offer changed. */
  forget(key: string): void;
};

const shownMax = 1000;

export function createShown(read: (keys: readonly string[]) => Promise<Bodies>): Shown {
  /** The longest unseen first. */
  const shown = new Map<string, Offering>();
  let changes = 0;
  const see = (key: string, offering: Offering): void => {
    shown.delete(key);
    const [oldest] = shown.keys();
    if (shown.size >= shownMax && oldest !== undefined) shown.delete(oldest);
    shown.set(key, offering);
  };
  return {
    async find(keys) {
      const before = changes;
      const found = new Map<string, Offering>();
      const missing: string[] = [];
      for (const key of keys) {
        const offering = shown.get(key);
        if (offering === undefined) missing.push(key);
        else found.set(key, offering);
      }
      if (missing.length > 0) for (const [key, offering] of await read(missing)) found.set(key, offering);
      // what was read while something changed may be what it was before
      if (changes === before) for (const [key, offering] of found) see(key, offering);
      return found;
    },
    forget(key) {
      shown.delete(key);
      changes += 1;
    },
  };
}

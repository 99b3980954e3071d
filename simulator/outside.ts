// Clusters that stand outside of the simulator take the places of the demo's members: what Gaia-X says of a member, it says of them.
import { readFileSync } from 'node:fs';
import { isPlain } from './fields.ts';
import { members, type MemberData } from './federation.ts';

/** `isHome`: the consumer's own; it offers nothing. */
export type Outside = { readonly name: string; readonly liqoClusterId: string; readonly isHome: boolean };

export function readOutside(file: string): readonly Outside[] {
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(found)) throw new Error(`${file} is not a list of clusters`);
  return found
    .filter(isPlain)
    .map(({ name, liqoClusterId, isHome }) => ({ name: String(name), liqoClusterId: String(liqoClusterId), isHome: isHome === true }));
}

/** Those that lend in the order of the federation's providers, from its first again when there are more. */
export function placesOf(outside: readonly Outside[]): readonly MemberData[] {
  const lenders = members.filter(({ offer }) => offer !== null);
  const homes = members.filter(({ offer }) => offer === null);
  let lending = 0;
  return outside.flatMap(({ name, liqoClusterId, isHome }) => {
    const place = isHome ? homes[0] : lenders[lending++ % lenders.length];
    return place ? [{ ...place, name, liqoClusterId }] : [];
  });
}

// The members, added once through the API, as anybody would.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { members } from '../simulator/federation.ts';
import type { Simulator } from '../simulator/keep.ts';
import type { Description } from '../simulator/start.ts';
import type { Standing } from './clusters.ts';
import { readToken, undertake } from './door.ts';
import { write } from './write.ts';

export type Entering = { readonly name: string; readonly side: 'consumer' | 'provider'; way(): object };
type Adding = {
  readonly folder: string;
  readonly configDir: string;
  readonly entering: readonly Entering[];
  /** What it hears is for a person. */
  say(line: string): void;
};

export const entryOf = ({ name, isHome, kubeconfig }: Standing): Entering => ({ name, side: isHome ? 'consumer' : 'provider', way: () => ({ kubeconfig }) });

export const entryOfMember = ({ name, offer }: (typeof members)[number], { description }: Simulator): Entering => ({
  name,
  side: offer === null ? 'consumer' : 'provider',
  way: () => wayInto(name, description),
});

/** On a busy machine a simulated member may be late. */
const attemptsMax = 4;

/** Never throws: what cannot be added today is added at the next start, or by hand. */
export async function addMembers(url: string, { folder, configDir, entering, say }: Adding): Promise<void> {
  const file = join(folder, 'added.json');
  const added = new Set<string>(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : []); // written below
  const token = readToken(configDir);
  const add = async ({ name, side, way }: Entering): Promise<void> => {
    for (let attempt = 1; !added.has(name); attempt += 1) {
      try {
        await undertake({ url, token }, 'cluster-add', { name, side, ...way() });
        added.add(name);
        write(file, JSON.stringify([...added]));
        say(`Added ${name}.`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (attempt === attemptsMax) return say(`${name} was not added: ${why}. By hand: hanse cluster add ${name} --kubeconfig … --side ${side}`);
        say(`${name} was not added: ${why}. It is tried again.`);
        await pause(2_000);
      }
    }
  };
  for (const home of entering.filter(({ side }) => side === 'consumer')) await add(home);
  await Promise.all(entering.filter(({ side }) => side === 'provider').map(add));
  if (entering.every(({ name }) => added.has(name))) say('All members of the demo federation are added.');
}

/** As its platform is entered: through the part that stands in front of it, else by its kubeconfig. */
function wayInto(name: string, { members: served, parts }: Description): object {
  const way = Object.values(parts).find(({ told }) => told['member'] === name)?.told['way'];
  if (typeof way === 'object' && way !== null) return way;
  return { kubeconfig: readFileSync(served.find((member) => member.name === name)?.kubeconfig ?? '', 'utf8') };
}

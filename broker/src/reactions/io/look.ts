// Looks at every federated provider: by asking it, and through home, whose Liqo says whether it reaches it.
import type { Clusters } from '../../clusters/io/index.ts';
import type { Peering } from '../../federation/index.ts';
import { readWord, type Word } from '../../federation/io/index.ts';
import { type Circuit, circuitTitle, concernedBy } from '../../interconnect/index.ts';
import type { Cause, Reaction, Signal } from '../reaction.ts';
import { foreignClusters, unreachedIn } from './reach.ts';

/** Two in a row are needed, or that Liqo does not reach it either: one request may be lost anywhere. */
const missesMin = 2;
const answersInMs = 4_000;

export type Looked = {
  readonly signals: readonly Signal[];
  readonly isHomeSilent: boolean;
  /** Somebody did not answer for the first time: look again soon. */
  readonly isUnsure: boolean;
};
export type LookOptions = { readonly owner: string; readonly peerings: readonly Peering[]; readonly open: readonly Reaction[]; readonly signal: AbortSignal };

/** Keeps how often in a row each cluster did not answer. */
export const createLook = (clusters: Clusters) => {
  const misses = new Map<string, number>();

  /** undefined: no answer in time. */
  const ask = async <Answer>(key: string, request: () => Promise<Answer>): Promise<Answer | undefined> => {
    try {
      const answer = await request();
      misses.delete(key);
      return answer;
    } catch {
      misses.set(key, (misses.get(key) ?? 0) + 1);
      return undefined;
    }
  };

  const lookAt = async (peering: Peering, { owner, open, signal }: LookOptions, unreachedByLiqo: ReadonlySet<string>): Promise<Signal[]> => {
    const { provider, providerClusterId, home } = peering;
    const key = `${owner}/${provider}`;
    const word = await ask(key, async () =>
      readWord((await clusters.kube(owner, provider)).with({ signal }).with({ signal: AbortSignal.timeout(answersInMs) }), peering),
    );
    const standing = open.filter((reaction) => reaction.provider === provider && reaction.application === null);
    const of = (cause: Cause, found: string): Signal => ({ cause, provider, application: null, found });
    if (word === undefined) {
      const isOpen = standing.some(({ cause }) => cause === 'unreachable');
      const isSilent = isOpen || (misses.get(key) ?? 0) >= missesMin || unreachedByLiqo.has(providerClusterId);
      const silent = isSilent ? [of('unreachable', `${provider} does not answer.`)] : [];
      // who does not answer takes nothing back of what it said
      return [...silent, ...standing.filter(({ cause }) => cause === 'cordoned' || cause === 'draining')];
    }
    const apart = unreachedByLiqo.has(providerClusterId) ? [of('unreachable', `${provider} answers Hanse, but Liqo at ${home} does not reach it.`)] : [];
    return [...apart, ...said(provider, word).map(([cause, found]) => of(cause, found))];
  };

  return async (options: LookOptions): Promise<Looked> => {
    const { owner, peerings, signal } = options;
    const homes = [...new Set(peerings.map(({ home }) => home))];
    const lists = await Promise.all(
      homes.map((home) =>
        ask(`${owner}/${home}`, async () => {
          const kube = (await clusters.kube(owner, home)).with({ signal }).with({ signal: AbortSignal.timeout(answersInMs) });
          return kube.list(foreignClusters);
        }),
      ),
    );
    const unreached = new Set(lists.flat().flatMap((object) => unreachedIn(object) ?? []));
    const found = await Promise.all(peerings.map((peering) => lookAt(peering, options, unreached)));
    const isUnsure = [...misses.values()].some((count) => count < missesMin);
    return { signals: found.flat(), isHomeSilent: lists.some((list) => list === undefined), isUnsure };
  };
};

const because = (reason: string | undefined): string => (reason === undefined ? '.' : `: ${reason}`);

const said = (provider: string, { standing, reason }: Word): readonly (readonly [Cause, string])[] => {
  if (standing === 'cordoned') return [['cordoned', `${provider} lends nothing new to us${because(reason)}`]];
  if (standing === 'draining') return [['draining', `${provider} asks us to move away${because(reason)}`]];
  if (standing === 'ended') return [['draining', `${provider} has ended the relation with us${because(reason)}`]];
  return [];
};

/** What an exchange says of a circuit on the way from home to a provider. */
export const circuitSignals = (circuits: readonly Circuit[], peerings: readonly Pick<Peering, 'provider' | 'home'>[]): Signal[] => {
  const found = circuits
    .filter(({ state }) => state === 'degraded' || state === 'failed')
    .flatMap((circuit) => {
      const told = [circuit.told, ...circuit.messages].filter((text) => text !== '').join(': ');
      return peerings
        .filter(({ provider, home }) => concernedBy(circuit, circuits, home).includes(provider))
        .map(({ provider }): Signal => ({
          cause: 'circuit',
          provider,
          application: null,
          found: `${circuitTitle(circuit)} is ${circuit.state} (${told.slice(0, 300)}).`,
        }));
    });
  return [...new Map(found.map((signal) => [signal.provider, signal])).values()];
};

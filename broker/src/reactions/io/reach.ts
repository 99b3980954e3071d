// Follows at home whom Liqo reaches, so that a provider that falls silent is looked at in that moment and not in the next turn.
import { z } from 'zod';
import { type Informer, type Kube, startInformer } from '../../clusters/io/index.ts';

/** A provider's ForeignCluster at home. */
const foreignCluster = z.object({
  metadata: z.object({ name: z.string() }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).catch([]) }).catch({ conditions: [] }),
});
export const foreignClusters = { apiVersion: 'core.liqo.io/v1beta1', kind: 'ForeignCluster' };

/** Its Liqo cluster id, when Liqo does not reach its API server. */
export const unreachedIn = (object: unknown): string | null => {
  const seen = foreignCluster.safeParse(object).data;
  return seen?.status.conditions.some(({ type, status }) => type === 'APIServerStatus' && status === 'Error') === true ? seen.metadata.name : null;
};

type Followed = { readonly stop: AbortController; readonly informer: Informer<string>; told: string };

/** `wake`: somebody else is unreached than before. What cannot be followed is seen in the next turn all the same. */
export const createReach = (clusters: { kube(owner: string, name: string): Promise<Kube> }, wake: () => void) => {
  const followed = new Map<string, Followed>();

  const follow = async (key: string, owner: string, home: string): Promise<void> => {
    const kube = await clusters.kube(owner, home);
    const stop = new AbortController();
    const onChange = (): void => {
      const now = [...informer.values()].toSorted().join();
      if (now === one.told) return;
      one.told = now;
      wake();
    };
    const informer = startInformer<string>({ kube, query: foreignClusters, project: unreachedIn, signal: stop.signal, onChange, onError: () => {} });
    const one: Followed = { stop, informer, told: '' };
    followed.set(key, one);
    void informer.ended.then(() => followed.get(key) === one && followed.delete(key));
  };

  return {
    /** These homes of the owner, from now on, and no others of it. */
    async follow(owner: string, homes: readonly string[]): Promise<void> {
      const wanted = new Map(homes.map((home) => [`${owner}/${home}`, home]));
      for (const [key, { stop }] of followed) if (key.startsWith(`${owner}/`) && !wanted.has(key)) stop.abort(new Error('no longer a home'));
      for (const [key, home] of wanted) if (!followed.has(key)) await follow(key, owner, home);
    },
    async stop(): Promise<void> {
      const all = [...followed.values()];
      for (const { stop } of all) stop.abort(new Error('the broker stops'));
      await Promise.all(all.map(({ informer }) => informer.ended));
    },
  };
};

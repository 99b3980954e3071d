// How home and one provider are joined: chosen from the records, and from what both clusters say where the records are not enough.
import type { Cluster } from '../../clusters/cluster.ts';
import type { Refusal } from '../../operations/plan.ts';
import { chooseDataPlane, type Choosing, type LanPath } from '../tunnel.ts';
import { anyTunnel, tunnelSeen } from '../tunnelChanges.ts';
import { type Looked, rangesOf } from './look.ts';

export type Joined =
  | { readonly kind: 'native'; readonly looked: Looked; readonly because?: string }
  | { readonly kind: 'tunnel'; readonly looked: Looked; readonly because: string }
  | { readonly kind: 'refused'; readonly reasons: readonly Refusal[] };

type Ends = { readonly home: Cluster; readonly provider: Cluster; readonly lan: LanPath | null };

/** What was seen when the cluster was added may be old: a module that was off then is asked for again. */
const askedAgain = async ({ home, provider }: Looked, choosing: Choosing): Promise<Choosing> => {
  const [ours, theirs] = await Promise.all([home.tunnel.module(), provider.tunnel.module()]);
  return {
    ...choosing,
    home: { ...choosing.home, networking: ours ?? choosing.home.networking },
    provider: { ...choosing.provider, networking: theirs ?? choosing.provider.networking },
  };
};

export const join = async (looked: Looked, { home, provider, lan }: Ends): Promise<Joined> => {
  const { observed, peering } = looked;
  const recorded: Choosing = {
    home: { ...rangesOf(home), networking: home.liqoNetworking },
    provider: { ...rangesOf(provider), networking: provider.liqoNetworking },
    lan,
    begun: anyTunnel(observed.home.tunnel, observed.provider.tunnel),
    standing: tunnelSeen(observed),
  };
  const first = chooseDataPlane(recorded);
  const choice = first.kind === 'refused' ? chooseDataPlane(await askedAgain(looked, recorded)) : first;
  if (choice.kind === 'refused') return choice;
  if (choice.kind === 'native') return { kind: 'native', looked };
  return { kind: 'tunnel', looked: { ...looked, peering: { ...peering, dataPlane: 'tunnel', tunnel: choice.tunnel } }, because: choice.because };
};

// Decides again about every running application with the credentials of now. Seldom: every credential is judged for it.
import { HanseError } from '../../errors.ts';
import { nothing, type Snapshot } from '../../placement/index.ts';
import type { Decider } from '../../placement/io/index.ts';
import type { Application } from '../../workloads/index.ts';
import { priceSignals, proofSignals } from '../drift.ts';
import type { Signal } from '../reaction.ts';

const snapshotOr = async (decider: Decider, owner: string, version: number): Promise<Snapshot | null> => {
  try {
    return await decider.snapshot(owner, version);
  } catch (error) {
    if (error instanceof HanseError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
};

export async function offerSignals(decider: Decider, owner: string, applications: readonly Application[]): Promise<readonly Signal[]> {
  const signals: Signal[] = [];
  for (const { name, state, home, clusters, request, placement } of applications) {
    if (state !== 'running') continue;
    const now = await decider.decide(owner, { ...request, each: nothing });
    const [before, fresh] = await Promise.all([snapshotOr(decider, owner, placement.snapshotVersion), decider.snapshot(owner, now.snapshotVersion)]);
    const drift = { application: name, clusters: clusters.filter((cluster) => cluster !== home), now, before, fresh };
    signals.push(...proofSignals(drift), ...priceSignals(drift));
  }
  return signals;
}

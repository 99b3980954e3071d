// Harvests while the broker runs: looks every few seconds which sources are due. A turn that takes long holds up no other.
import { setTimeout as pause } from 'node:timers/promises';
import type { Harvester } from './harvester.ts';

const lookMs = 5_000;
/** A request that hangs ends by itself; nothing is kept of a turn that was not finished. */
const patienceMs = 2_000;

export type Harvesting = { stop(): Promise<void> };

export function startHarvesting(harvester: Pick<Harvester, 'harvest' | 'stop'>, owner: string, onError: (error: unknown) => void): Harvesting {
  const look = (): void => void harvester.harvest(owner).catch(onError);
  look();
  const timer = setInterval(look, lookMs);
  return {
    async stop() {
      clearInterval(timer);
      const patience = new AbortController();
      await Promise.race([harvester.stop(), pause(patienceMs, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
    },
  };
}

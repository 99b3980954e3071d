// Looks again at everything that is believed, each when it is due. What was claimed by a broker that is gone is due again after its time.
import type { Standings } from './standings.ts';

export type Watch = { stop(): Promise<void> };

export type WatchOptions = {
  readonly standings: Pick<Standings, 'claim'>;
  /** Judges these again and writes what became of them. */
  rejudge(owner: string, digests: readonly string[]): Promise<unknown>;
  readonly onError: (error: unknown) => void;
  /** Looked at at once; no more are fetched for and judged at a time. */
  readonly batch?: number;
  /** Between two looks at what is due, and between two batches. */
  readonly turnMs?: number;
  readonly pauseMs?: number;
  readonly now?: () => number;
};

/** Longer than fetching for one batch may take. */
const leaseMs = 300_000;

/** One batch of what is due; answers how many there were. */
export async function lookAgain({ standings, rejudge, onError, batch = 200, now = Date.now }: WatchOptions): Promise<number> {
  const due = await standings.claim(now(), batch, leaseMs);
  let count = 0;
  for (const [owner, digests] of due) {
    count += digests.length;
    await rejudge(owner, digests).catch(onError);
  }
  return count;
}

export function startWatch(options: WatchOptions): Watch {
  const { batch = 200, turnMs = 1_000, pauseMs = 50, onError } = options;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const loop = async (): Promise<void> => {
    const count = await lookAgain(options).catch((error: unknown) => {
      onError(error);
      return 0;
    });
    if (!isStopped) timer = setTimeout(() => void (running = loop()), count < batch ? turnMs : pauseMs);
  };
  let running = loop();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

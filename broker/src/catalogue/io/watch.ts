// Looks again at everything that is believed, each when it is due. What was claimed by a broker that is gone is due again after its time.
import type { Judged, Standings } from './standings.ts';

export type Watch = { stop(): Promise<void> };

export type WatchOptions = {
  readonly standings: Standings;
  /** Judges these again, on what is fetched anew where it is too old. What is not answered no source gives any more. */
  rejudge(owner: string, digests: readonly string[]): Promise<readonly Judged[]>;
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
    try {
      const judged = await rejudge(owner, digests);
      const found = new Set(judged.map(({ judgement }) => judgement.digest));
      const gone = digests.filter((digest) => !found.has(digest));
      await standings.note(owner, judged, gone, now());
    } catch (error) {
      onError(error);
    }
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

// When what home shows of replicas elsewhere may be relied on. It is as old as the last word of their cluster: while its API server is silent nothing changes at home, and what happened in the meantime comes all at once.

/**
 * Kubernetes calls a node's pods not ready when the node has not been heard of for 40 to 50 s, and an API server that stood still hears of nobody: when it goes on, its pods are not ready for
 * some seconds although nothing ended (seen: 3 to 12 s after). A shorter silence leaves no such trace.
 */
export const tracelessSilenceMs = 20_000;
/** From the first answer after a longer silence. */
export const settledAfterSilenceMs = 30_000;

export type Steadiness = {
  /** Milliseconds; null: they answer. */
  readonly silentSinceMs: number | null;
  /** From when on everything was as it should be; null: it is not. */
  readonly steadySinceMs: number | null;
  /** What has to pass since then, at least. */
  readonly neededMs: number;
};

export const steadyFrom = (nowMs: number, neededMs: number): Steadiness => ({ silentSinceMs: null, steadySinceMs: nowMs, neededMs });

/** `seen`: asked from `atMs` on, whether every API server answered, and whether every replica is an endpoint. */
export const afterLook = (before: Steadiness, seen: { readonly atMs: number; readonly answered: boolean; readonly complete: boolean }): Steadiness => {
  if (!seen.answered) return { ...before, silentSinceMs: before.silentSinceMs ?? seen.atMs, steadySinceMs: null };
  const silentMs = before.silentSinceMs === null ? 0 : seen.atMs - before.silentSinceMs;
  const neededMs = silentMs > tracelessSilenceMs ? Math.max(before.neededMs, settledAfterSilenceMs) : before.neededMs;
  return { silentSinceMs: null, steadySinceMs: seen.complete ? (before.steadySinceMs ?? seen.atMs) : null, neededMs };
};

export const isSteady = ({ steadySinceMs, neededMs }: Steadiness, nowMs: number): boolean => steadySinceMs !== null && nowMs - steadySinceMs >= neededMs;

/** Nothing that home shows can be relied on any more. */
export const isLost = ({ silentSinceMs }: Steadiness, nowMs: number): boolean => silentSinceMs !== null && nowMs - silentSinceMs > tracelessSilenceMs;

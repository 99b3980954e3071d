// Whether the API servers of a move's targets answer now.
import type { Site } from './place.ts';

const answersWithinMs = 4000;

/** Throws only when the step itself is ended. Home is not asked: everything else of a move asks it. */
export async function doTargetsAnswer({ work, context, move, signal }: Site, withinMs = answersWithinMs): Promise<boolean> {
  const targets = move.after.clusters.filter((cluster) => cluster !== move.before.home);
  const limit = new AbortController();
  const end = (): void => limit.abort(new Error('no answer'));
  const timer = setTimeout(end, withinMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.all(targets.map(async (cluster) => (await work.clusters.kube(context.owner, cluster)).with({ signal: limit.signal }).getPath('/version')));
    return true;
  } catch {
    if (signal.aborted) throw signal.reason;
    return false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

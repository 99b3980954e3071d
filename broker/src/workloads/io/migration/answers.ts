// Whether the API servers of a move's clusters answer now.
import type { Site } from './place.ts';

const answersWithinMs = 4000;

export const doTargetsAnswer = (site: Site, withinMs = answersWithinMs): Promise<boolean> => doAnswer(site, site.move.after.clusters, withinMs);

export const doesSourceAnswer = (site: Site): Promise<boolean> => doAnswer(site, [site.move.from], answersWithinMs);

/** Throws only when the step itself is ended. Home is not asked: everything else of a move asks it. */
async function doAnswer({ work, context, move, signal }: Site, clusters: readonly string[], withinMs: number): Promise<boolean> {
  const others = clusters.filter((cluster) => cluster !== move.before.home);
  const limit = new AbortController();
  const end = (): void => limit.abort(new Error('no answer'));
  const timer = setTimeout(end, withinMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.all(others.map(async (cluster) => (await work.clusters.kube(context.owner, cluster)).with({ signal: limit.signal }).getPath('/version')));
    return true;
  } catch {
    if (signal.aborted) throw signal.reason;
    return false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

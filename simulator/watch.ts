// Watches: what is there, what came since, what comes, bookmarks, and 410 when too much was missed. Nothing is told before it is on disk.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fieldSelector, labelSelector, type Plain } from './fields.ts';
import { apiVersionOf } from './kinds.ts';
import type { Stored } from './object.ts';
import type { Change, Objects } from './objects.ts';
import type { Target } from './paths.ts';

export const matcher = (query: URLSearchParams): ((object: Stored) => boolean) => {
  const byLabel = labelSelector(query.get('labelSelector') ?? '');
  const byField = fieldSelector(query.get('fieldSelector') ?? '');
  return (object) => byLabel(object.metadata.labels ?? {}) && byField(object as unknown as Plain);
};

type Watched = { readonly objects: Objects; readonly faults: { readonly frozen: boolean }; readonly watches: Set<ServerResponse> };

export function watch(request: IncomingMessage, response: ServerResponse, { objects, faults, watches }: Watched, target: Target, query: URLSearchParams): void {
  const matches = matcher(query);
  const from = Number(query.get('resourceVersion') ?? 0);
  const line = (event: unknown): void => {
    const text = `${JSON.stringify(event)}\n`;
    void objects.flushed().then(() => response.writableEnded || response.write(text));
  };
  const wanted = (change: Change): boolean =>
    change.kind === target.kind && (target.namespace === undefined || change.object.metadata.namespace === target.namespace) && matches(change.object);
  response.writeHead(200, { 'content-type': 'application/json' });
  const bookmark = (annotations?: Plain): void =>
    line({
      type: 'BOOKMARK',
      object: {
        apiVersion: apiVersionOf(target.kind),
        kind: target.kind.kind,
        metadata: { resourceVersion: String(objects.version), ...(annotations ? { annotations } : {}) },
      },
    });
  if (query.get('sendInitialEvents') === 'true' || from === 0) {
    for (const object of objects.list(target.kind, target.namespace).filter(matches)) line({ type: 'ADDED', object });
    if (query.get('sendInitialEvents') === 'true') bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else if (from < objects.oldest) {
    line({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: `too old resource version: ${from} (${objects.oldest})`,
        reason: 'Expired',
        code: 410,
      },
    });
    return void objects.flushed().then(() => response.end());
  } else for (const change of objects.since(from)) if (wanted(change)) line({ type: change.type, object: change.object });
  response.flushHeaders();
  watches.add(response);
  const stop = objects.onChange((change) => {
    if (wanted(change) && !faults.frozen) line({ type: change.type, object: change.object });
  });
  const beat = setInterval(() => !faults.frozen && query.get('allowWatchBookmarks') === 'true' && bookmark(), 5000);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 1800) * 1000);
  request.on('close', () => {
    stop();
    watches.delete(response);
    clearInterval(beat);
    clearTimeout(end);
  });
}

// One watch, kept up: list, watch from there, resume by resourceVersion, list again when the server no longer knows it, say what vanished in between.
import { randomInt } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { HanseError } from '../../../errors.ts';
import { answered, describe, type What } from './failure.ts';
import type { KubeObject, Query, WatchEvent } from './kube.ts';
import { type Page, parseObject } from './objects.ts';
import { type Call, readJson, type Scope, wait, withQuery } from './requests.ts';
import { limited, type Transport } from './transport.ts';

export type Watched = {
  readonly transport: Transport;
  readonly scope: Scope;
  readonly query: Query;
  readonly what: What;
  /** null: the kind does not exist (yet). */
  path(): Promise<string | null>;
  /** All pages; an absent kind is empty and without a version. */
  list(): Promise<Page>;
  readonly idleLimitMs: number;
};

const lineLimitBytes = 4 * 1024 * 1024;
// Servers end a watch by themselves after 30 to 60 minutes, all at once after a restart; ours end spread over five minutes.
const watchSeconds = (): number => randomInt(290, 590);
const backoffFirstMs = 800;
const backoffMostMs = 30_000;

/** Full jitter: retries of many watches after an outage do not come at once. */
export const backoffMs = (failures: number): number => randomInt(50, Math.min(backoffMostMs, backoffFirstMs * 2 ** Math.min(failures, 10)) + 1);

const key = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Enough of an object to say that it is gone. */
const remains = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => {
  const { name, namespace, uid, labels, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(labels === undefined ? {} : { labels }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
};

/** What changed between what was known and a fresh list. */
export const relisted = (known: ReadonlyMap<string, KubeObject>, items: readonly KubeObject[]): WatchEvent[] => {
  const now = new Map(items.map((item) => [key(item), item]));
  const vanished = [...known].flatMap(([name, old]): WatchEvent[] => {
    const fresh = now.get(name);
    return fresh === undefined || fresh.metadata.uid !== old.metadata.uid ? [{ type: 'DELETED', object: old }] : [];
  });
  const rest = items.flatMap((object): WatchEvent[] => {
    const old = known.get(key(object));
    if (old === undefined || old.metadata.uid !== object.metadata.uid) return [{ type: 'ADDED', object }];
    return old.metadata.resourceVersion === object.metadata.resourceVersion ? [] : [{ type: 'MODIFIED', object }];
  });
  return [...vanished, ...rest];
};

type Line = { type: string; object: unknown };

const parseLine = (text: string, where: string): Line => {
  const line: unknown = JSON.parse(text);
  if (typeof line !== 'object' || line === null || !('type' in line) || typeof line.type !== 'string')
    throw new HanseError('CLUSTER_REJECTED', `${where}: not a watch event`);
  return { type: line.type, object: 'object' in line ? line.object : null };
};

async function* lines(chunks: AsyncIterable<Buffer>, where: string, alive: () => void): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    alive();
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > lineLimitBytes) throw new HanseError('TOO_LARGE', `${where}: a watch event is larger than ${lineLimitBytes} bytes`);
    for (const part of parts) if (part !== '') yield parseLine(part, where);
  }
}

/** The server's 410: that version is no longer known, list again. */
class Expired extends Error {}

const expired = (object: unknown): boolean => typeof object === 'object' && object !== null && 'code' in object && object.code === 410;

async function* stream(watched: Watched, path: string, from: string): AsyncGenerator<Line> {
  const { what, query, scope } = watched;
  const where = describe(what);
  const idle = new AbortController();
  const expire = (): void => idle.abort(new Error(`no bytes for ${watched.idleLimitMs / 1000} s`));
  const timer = setTimeout(expire, watched.idleLimitMs);
  const limit = limited(null, [...scope.signals, idle.signal]);
  try {
    const call = {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(watchSeconds()),
      labelSelector: query.labelSelector,
      fieldSelector: query.fieldSelector,
    } satisfies Call['query'];
    const answer = await watched.transport.send({
      method: 'GET',
      path: withQuery(path, call),
      headers: { accept: 'application/json', 'user-agent': 'hanse' },
      signal: limit.signal,
    });
    if (answer.status === 410) throw new Expired();
    if (answer.status !== 200) throw answered(what, answer.status, await readJson(answer.body, what));
    yield* lines(answer.body, where, () => timer.refresh());
  } finally {
    clearTimeout(timer);
    idle.abort(new Error('the watch is over'));
    limit.end();
  }
}

const permanent = (error: unknown): boolean =>
  error instanceof HanseError && (error.code === 'CLUSTER_UNAUTHORIZED' || error.code === 'CLUSTER_FORBIDDEN' || error.code === 'TOO_LARGE');

/** Reads one event of the stream; `version` moves with it. Throws Expired for 410. */
const readEvent = ({ query, what }: Watched, { type, object }: Line): { version: string | undefined; event: WatchEvent | undefined } => {
  if (type === 'ERROR') {
    if (expired(object)) throw new Expired();
    throw answered(what, 500, object);
  }
  const parsed = parseObject(object, query.apiVersion, query.kind, describe(what));
  const event: WatchEvent | undefined = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' ? { type, object: parsed } : undefined;
  return { version: parsed.metadata.resourceVersion, event };
};

const remember = (known: Map<string, KubeObject>, { type, object }: WatchEvent): void => {
  if (type === 'DELETED') known.delete(key(object));
  else known.set(key(object), remains(object));
};

/** Ends when a signal of the scope does. Throws only what would fail again: no right, no valid account. */
export async function* watch(watched: Watched, onSynced: (() => void) | undefined): AsyncGenerator<WatchEvent> {
  const { signals } = watched.scope;
  const known = new Map<string, KubeObject>();
  let version: string | undefined;
  let synced = false;
  let failures = 0;
  const ended = (): boolean => signals.some((signal) => signal.aborted);
  const listed = async function* (): AsyncGenerator<WatchEvent> {
    const page = await watched.list();
    for (const event of relisted(known, page.items)) {
      remember(known, event);
      yield event;
    }
    if (!synced) onSynced?.();
    synced = true;
    // without a version the kind does not exist: look again later
    version = page.resourceVersion === '' ? undefined : page.resourceVersion;
  };
  const streamed = async function* (path: string, from: string): AsyncGenerator<WatchEvent> {
    for await (const line of stream(watched, path, from)) {
      const { version: reached, event } = readEvent(watched, line);
      failures = 0;
      version = reached ?? version;
      if (event === undefined) continue;
      remember(known, event);
      yield event;
    }
  };
  while (!ended()) {
    try {
      if (version === undefined) yield* listed();
      const path = version === undefined ? null : await watched.path();
      if (version !== undefined && path !== null) yield* streamed(path, version);
      else failures++;
      // a server that ends each watch at once is not asked again at once
      await wait(backoffMs(failures), signals);
    } catch (error) {
      if (ended()) return;
      if (permanent(error)) throw error;
      if (error instanceof Expired) version = undefined;
      await wait(backoffMs(failures++), signals).catch(() => {});
    }
  }
}

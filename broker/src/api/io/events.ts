// Server-sent events. The database holds them in order; a stream is a cursor into it, so that nothing is kept in memory for a slow reader and a
// reader that comes back with Last-Event-ID, to this broker or another one, misses nothing. The order is that of transactions, and a stream goes up to the
// oldest one under way: what commits later, whatever its number, comes behind the cursor.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { eventsPath, eventsQuery, finalStates, json, problem, streamNames } from '../../../../contract/src/index.ts';
import type { Event, Operation } from '../../../../contract/src/index.ts';
import { HanseError } from '../../errors.ts';
import { requireClean } from './body.ts';
import type { ApiDeps } from './deps.ts';
import { findOperation } from './operationRecords.ts';

const heartbeatMs = 15_000; // below the idle limit of common proxies (30 to 60 s)
const rereadMs = 3_000; // a NOTIFY may be lost with its connection
const batchMax = 50;
const drainMsMax = 60_000; // a reader that takes nothing for so long is gone
const streamsMax = 500;

export const serveEvents = (app: FastifyInstance, deps: ApiDeps): void => {
  const open = new Set<AbortController>();
  const readings = createReadings(deps);
  app.addHook('preClose', async () => {
    readings.end();
    open.forEach((stream) => stream.abort());
  });

  app.get(
    eventsPath,
    {
      schema: {
        tags: ['events'],
        summary:
          'Server-sent events (text/event-stream). With `operation` all of its events from the first, then where it stands (event `operation`), live until it ends (event `end`); without, what happens from now on. Header Last-Event-ID: go on behind it',
        querystring: eventsQuery,
        response: { default: problem },
      },
      preValidation: async (request) => requireClean(request.query, 'query'),
    },
    async (request, reply) => {
      const { operation } = eventsQuery.parse(request.query);
      const { owner } = request.by;
      if (operation !== undefined) await findOperation(deps.store.db, owner, operation); // NOT_FOUND while it can still be told
      const last = lastEventId(request.headers['last-event-id']);
      const after = last !== undefined ? await placeOf(deps, owner, last) : operation === undefined ? await newest(deps, owner) : beginning;
      if (open.size >= streamsMax) throw new HanseError('BUSY', `The broker already serves ${streamsMax} event streams.`);

      reply.hijack();
      const stop = new AbortController();
      open.add(stop);
      reply.raw.on('close', () => stop.abort());
      try {
        await stream({ deps, readings }, reply.raw, { owner, operation, after, signal: stop.signal });
      } catch (error) {
        if (!stop.signal.aborted) deps.log.warn({ err: error, operation }, 'event stream broke off');
      } finally {
        open.delete(stop);
        stop.abort();
        reply.raw.end();
      }
    },
  );
};

/** A place in the order of events. */
type Cursor = { readonly xid: string; readonly seq: number };
const beginning: Cursor = { xid: '0', seq: 0 };

/** As it stands on the wire, and the place behind it. */
type Told = { readonly cursor: Cursor; readonly text: string };

type Watched = { readonly owner: string; readonly operation: string | undefined; readonly after: Cursor; readonly signal: AbortSignal };

const stream = async ({ deps, readings }: { deps: ApiDeps; readings: Readings }, raw: ServerResponse, watched: Watched): Promise<void> => {
  const { owner, operation, signal } = watched;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close', // or a closing server would wait for the connection to idle out
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  const bell = makeBell(deps, signal);
  let cursor = watched.after;
  let shown = '';
  let spoke = Date.now();
  const say = async (text: string): Promise<void> => {
    spoke = Date.now();
    if (!raw.write(text)) await drained(raw, signal);
  };
  await say('retry: 1000\n\n');
  while (!signal.aborted) {
    // read before the events: when it has ended here, the events below are all that there will be
    const now = operation === undefined ? null : await findOperation(deps.store.db, owner, operation);
    const isAll = now !== null && hasEnded(now);
    const next = (): Promise<readonly Told[]> => readings.read(watched, { cursor, isAll });
    for (let batch = await next(); batch.length > 0 && !signal.aborted; batch = await next()) {
      for (const { text } of batch) await say(text);
      cursor = batch.at(-1)?.cursor ?? cursor;
      if (batch.length < batchMax) break;
    }
    const standing = now ? JSON.stringify(now) : '';
    if (now && standing !== shown) {
      shown = standing;
      await say(`event: ${streamNames.operation}\ndata: ${standing}\n\n`);
    }
    if (now && hasEnded(now)) {
      await say(`event: ${streamNames.end}\ndata: {}\n\n`);
      return;
    }
    if (Date.now() - spoke >= heartbeatMs) await say(': still here\n\n');
    await bell.rung();
  }
};

const hasEnded = ({ state }: Operation): boolean => finalStates.includes(state);

/** No transaction below this one is under way: what they wrote is there, or never will be. */
const settled = sql<string>`pg_snapshot_xmin(pg_current_snapshot())`;

/** `isAll`: nothing is written any more, so nothing has to be waited for. */
const read = async (
  deps: ApiDeps,
  { owner, operation }: Watched,
  { cursor, isAll }: { readonly cursor: Cursor; readonly isAll: boolean },
): Promise<readonly Told[]> => {
  let query = deps.store.db
    .selectFrom('event')
    .selectAll()
    .where('owner', '=', owner)
    .where(sql<boolean>`(xid, seq) > (${cursor.xid}::xid8, ${cursor.seq}::bigint)`)
    .orderBy('xid')
    .orderBy('seq')
    .limit(batchMax);
  if (operation !== undefined) query = query.where('operation', '=', operation);
  if (!isAll) query = query.where('xid', '<', settled);
  return (await query.execute()).map(({ xid, seq, kind, operation: of, at, data }) => {
    const event: Event = { seq, kind: oneLine(kind), operation: of, at: at.toISOString(), data: json.parse(data) };
    return { cursor: { xid, seq }, text: `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n` };
  });
};

type Readings = { read(watched: Watched, from: { readonly cursor: Cursor; readonly isAll: boolean }): Promise<readonly Told[]>; end(): void };

/**
 * Streams that stand at the same place when events come share one reading of them: two hundred pages are not two hundred queries for each event. Only one that was begun
 * after the last ring is shared: an earlier one may not have seen what was rung for.
 */
const createReadings = (deps: ApiDeps): Readings => {
  let rings = 0;
  const end = deps.onEvents(() => (rings += 1));
  const underWay = new Map<string, Promise<readonly Told[]>>();
  return {
    end,
    read({ owner, operation, ...rest }, from) {
      const key = JSON.stringify([rings, owner, operation, from]);
      const shared = underWay.get(key);
      if (shared) return shared;
      const begun = read(deps, { owner, operation, ...rest }, from).finally(() => underWay.delete(key));
      underWay.set(key, begun);
      return begun;
    },
  };
};

const oneLine = (text: string): string => text.replaceAll(/[\r\n]/g, ' ');

const newest = async (deps: ApiDeps, owner: string): Promise<Cursor> => {
  const events = deps.store.db.selectFrom('event').select(['xid', 'seq']).where('owner', '=', owner);
  return (await events.where('xid', '<', settled).orderBy('xid', 'desc').orderBy('seq', 'desc').limit(1).executeTakeFirst()) ?? beginning;
};

/** Behind an id that there is not comes everything: rather told twice than not at all. */
const placeOf = async (deps: ApiDeps, owner: string, seq: number): Promise<Cursor> =>
  (await deps.store.db.selectFrom('event').select(['xid', 'seq']).where('owner', '=', owner).where('seq', '=', seq).executeTakeFirst()) ?? beginning;

const lastEventId = (header: string | string[] | undefined): number | undefined => {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new HanseError('INVALID_REQUEST', 'headers.last-event-id: must be the id of an event, a whole number.', {
    place: { path: 'headers.last-event-id' },
    fix: 'Send the last id of the stream, or leave the header away.',
  });
};

/** Rung by new events, by the clock and by the end; a ring while nobody waits is kept. */
const makeBell = (deps: ApiDeps, signal: AbortSignal): { rung(): Promise<void> } => {
  let isRung = false;
  let wake = (): void => {};
  const ring = (): void => {
    isRung = true;
    wake();
  };
  const clock = setInterval(ring, rereadMs);
  const unlisten = deps.onEvents(ring);
  const end = (): void => {
    clearInterval(clock);
    unlisten();
    ring();
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return {
    rung: async () => {
      if (!isRung) await new Promise<void>((resolve) => (wake = resolve));
      isRung = false;
    },
  };
};

const drained = async (raw: ServerResponse, signal: AbortSignal): Promise<void> => {
  if (raw.destroyed || signal.aborted) return;
  await once(raw, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(drainMsMax)]) }).catch(() => raw.destroy());
};

import { connect } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { aPlan, testApi, testToken } from '../../../../test/api.ts';
import type { TestApi } from '../../../../test/api.ts';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { ownerId } from '../../ids.ts';

let test: TestStore;
let api: TestApi;
let id: string;
beforeAll(async () => {
  test = await testStore();
  api = await testApi(test.store);
});
afterAll(async () => {
  await api.close();
  await test.close();
});
beforeEach(async () => {
  id = await api.deps.operations.create({ owner: ownerId('default'), actor: 'admin', plan: aPlan() });
});

const tell = async (operation: string | null, text: string, owner = 'default'): Promise<number> => {
  const { seq } = await test.store.db
    .insertInto('event')
    .values({ owner, operation, kind: 'progress', data: JSON.stringify({ text }) })
    .returning('seq')
    .executeTakeFirstOrThrow();
  api.ring();
  return seq;
};
const setState = async (state: string): Promise<void> => {
  await test.store.db.updateTable('operation').set({ state, updated_at: new Date() }).where('id', '=', id).execute();
  api.ring();
};

/** Reads a stream until it has the text or ends. */
const follow = async (query: string, lastEventId?: number) => {
  const stop = new AbortController();
  const response = await api.call(`/v1/events${query}`, {
    signal: stop.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) },
  });
  const reader = response.body?.getReader();
  let heard = '';
  const until = async (text: string): Promise<string> => {
    while (!heard.includes(text)) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error(`ended without ${text}: ${heard}`);
      heard += new TextDecoder().decode(value);
    }
    return heard;
  };
  const toEnd = async (): Promise<string> => {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) heard += new TextDecoder().decode(next.value);
    return heard;
  };
  return { response, until, toEnd, stop: () => stop.abort() };
};

it('tells an operation from its first event to its last, then ends', async () => {
  const first = await tell(id, 'one');
  await tell('another-operation', 'foreign');
  await tell(id, 'not mine', 'somebody else');
  const stream = await follow(`?operation=${id}`);
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
  await stream.until('"state":"planned"');
  const second = await tell(id, 'two\nlines');
  await stream.until(`id: ${second}\n`);
  await setState('done');
  const heard = await stream.toEnd();
  expect(heard).toContain(`id: ${first}\nevent: progress\n`);
  expect(heard.indexOf('"state":"done"')).toBeLessThan(heard.indexOf('event: end'));
  expect(heard).not.toMatch(/foreign|not mine/);
  expect(heard.split('\n').filter((line) => line !== '' && !/^(id|event|data|retry): |^:/.test(line))).toEqual([]);
});

it('goes on behind Last-Event-ID without a gap and without repeating', async () => {
  const seqs: number[] = [];
  for (let index = 0; index < 120; index += 1) seqs.push(await tell(id, `event ${index}`));
  await setState('done');
  for (const cut of [0, 49, 50, 119]) {
    const heard = await (await follow(`?operation=${id}`, seqs[cut])).toEnd();
    expect([...heard.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq))).toEqual(seqs.slice(cut + 1));
  }
});

it('without an operation tells what happens from now on', async () => {
  await tell(null, 'past');
  await expect
    .poll(
      async () => (await sql<{ is: boolean }>`select max(xid) < pg_snapshot_xmin(pg_current_snapshot()) as is from event`.execute(test.store.db)).rows[0]?.is,
      { timeout: 50_000 },
    )
    .toBe(true);
  const stream = await follow('');
  await stream.until('retry:');
  await tell(null, 'present');
  expect(await stream.until('present')).not.toContain('past');
  stream.stop();
});

it('tells what was committed late, whatever number it got, and tells it once', async () => {
  const stream = await follow('');
  await stream.until('retry:');
  const late = await test.store.pool.connect();
  const insert = (text: string) =>
    late.query("insert into event (owner, kind, data) values ('default', 'progress', $1) returning seq", [JSON.stringify({ text })]);
  try {
    await late.query('begin');
    const { seq } = z.object({ rows: z.tuple([z.object({ seq: z.number() })]) }).parse(await insert('begun first')).rows[0];
    const second = await tell(null, 'committed first');
    expect(second).toBeGreaterThan(seq);
    // a stream that has read by now has seen the second: it may not have gone past the first
    const other = await follow('', seq - 1);
    await new Promise((resolve) => setTimeout(resolve, 100)); // time to do it wrong
    await late.query('commit');
    api.ring();
    for (const each of [stream, other]) {
      const heard = await each.until('committed first');
      expect(heard.match(/begun first/g)).toHaveLength(1);
    }
    other.stop();
    const resumed = await follow('', seq);
    expect(await resumed.until('committed first')).not.toContain('begun first');
    resumed.stop();
  } finally {
    late.release();
    stream.stop();
  }
});

it('refuses an operation that there is not and an id that is none, before the stream begins', async () => {
  expect((await api.call('/v1/events?operation=nope')).status).toBe(404);
  expect((await api.call('/v1/events?operation=%00')).status).toBe(400);
  expect((await api.call('/v1/events', { headers: { 'last-event-id': '-1' } })).status).toBe(400);
});

it('serves one who reads while others take nothing', async () => {
  const large = 'x'.repeat(100_000);
  for (let index = 0; index < 120; index += 1) await tell(id, large); // 12 MB, above what sockets buffer
  await setState('done');
  const { hostname, port } = new URL(api.url);
  const sockets = Array.from({ length: 5 }, () => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET /v1/events?operation=${id} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${testToken}\r\n\r\n`),
    );
    socket.pause();
    return socket;
  });
  const heard = await (await follow(`?operation=${id}`)).toEnd();
  expect(heard.match(/^event: progress/gm)).toHaveLength(120);
  sockets.forEach((socket) => socket.destroy());
});

it('ends its streams when the broker stops', async () => {
  const other = await testApi(test.store);
  const response = await fetch(`${other.url}/v1/events?operation=${id}`, { headers: { authorization: `Bearer ${testToken}` } });
  const ended = response.text();
  await other.close();
  expect(await ended).toContain('event: operation');
});

import { writeFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyDatabase, externalUrl, testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { holdIdentity } from './hold.ts';
import { listen } from './listen.ts';
import { migrate, migrations } from './migrate.ts';
import { openStore } from './openStore.ts';

const servers = [
  { name: 'the embedded server', url: undefined, isThere: true },
  {
    name: externalUrl ? 'an external server' : 'an external server (skipped: HANSE_TEST_DATABASE_URL is not set)',
    url: externalUrl,
    isThere: externalUrl !== undefined,
  },
];

for (const { name, url, isThere } of servers) {
  describe.skipIf(!isThere)(`the store on ${name}`, () => {
    let test: TestStore;
    beforeAll(async () => {
      test = await testStore(url);
    });
    afterAll(() => test.close());

    const again = (more: { configDir?: string } = {}) =>
      openStore({ dataDir: test.dataDir, configDir: test.configDir, databaseUrl: test.url, connectionsMax: 3, ...more });
    const withClient = async <T>(at: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
      const client = new pg.Client({ connectionString: at });
      await client.connect();
      try {
        return await use(client);
      } finally {
        await client.end();
      }
    };

    it('reads sequences and sizes as numbers, and refuses to round one', async () => {
      const { db } = test.store;
      await db
        .insertInto('pool')
        .values({ owner: 'default', name: 'pa', cpu_millis: 2 ** 40, memory_bytes: 2 ** 50, pods: 1, gpus: 0 })
        .execute();
      const row = await db.selectFrom('pool').selectAll().executeTakeFirstOrThrow();
      expect(row).toMatchObject({ cpu_millis: 2 ** 40, memory_bytes: 2 ** 50, version: 0 });
      await expect(sql`select 9007199254740993::int8 as n`.execute(db)).rejects.toThrow('beyond what a number holds');
    });

    it('ends a statement that runs longer than it may', async () => {
      const { rows } = await sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(test.store.db);
      expect(rows[0]?.limit).toBe('30s');
    });

    it('migrates once, however many brokers start at once', async () => {
      const at = await emptyDatabase(url);
      const slow = [...migrations, { name: '9998-slow', sql: 'create table slow (n int); select pg_sleep(0.2); insert into slow values (1)' }];
      await Promise.all(Array.from({ length: 5 }, () => withClient(at, (client) => migrate(client, slow))));
      expect(await withClient(at, async (client) => (await client.query('select n from slow')).rows)).toEqual([{ n: 1 }]);
    });

    it('leaves nothing of a migration that fails half-way', async () => {
      const at = await emptyDatabase(url);
      const broken = [{ name: '0001-broken', sql: 'create table half (n int); select 1/0' }];
      await expect(withClient(at, (client) => migrate(client, broken))).rejects.toThrow('division by zero');
      await withClient(at, (client) => migrate(client, [{ name: '0001-broken', sql: 'create table half (n int)' }]));
    });

    it('refuses a database of a newer version, and one made by another form of a migration', async () => {
      const at = await emptyDatabase(url);
      const newer = [...migrations, { name: '9999-later', sql: 'select 1' }];
      await withClient(at, (client) => migrate(client, newer));
      await expect(withClient(at, (client) => migrate(client))).rejects.toThrow('newer version of Hanse (it has migration 9999-later)');
      await expect(withClient(at, (client) => migrate(client, [...migrations, { name: '9999-later', sql: 'select 2' }]))).rejects.toThrow(
        'another form of migration 9999-later',
      );
    });

    it('never keeps a secret in clear, and opens it for its owner only', async () => {
      const secret = 'canary-4b1f9d';
      const id = await test.store.seal('default', 'token', secret);
      const row = await test.store.db.selectFrom('secret').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      expect(row.sealed.includes(secret)).toBe(false);
      expect(await test.store.unseal('default', id)).toBe(secret);
      await expect(test.store.unseal('other', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await test.store.forget('other', id);
      expect(await test.store.unseal('default', id)).toBe(secret);
      await test.store.forget('default', id);
      await expect(test.store.unseal('default', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('never opens sealed bytes that were moved to another row or purpose', async () => {
      const id = await test.store.seal('default', 'token', 'one');
      await test.store.db.updateTable('secret').set({ purpose: 'kubeconfig' }).where('id', '=', id).execute();
      await expect(test.store.unseal('default', id)).rejects.toThrow('was changed in the database');
    });

    it('seals in the transaction it is given', async () => {
      let id = '';
      const rolledBack = test.store.db.transaction().execute(async (tx) => {
        id = await test.store.seal('default', 'token', 'x', tx);
        throw new Error('rolled back');
      });
      await expect(rolledBack).rejects.toThrow('rolled back');
      await expect(test.store.unseal('default', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('says in one sentence that the key is another, missing, or readable by others', async () => {
      const file = join(test.configDir, 'sealing.key');
      const right = readFileSync(file);
      await expect(again({ configDir: join(test.dataDir, 'elsewhere') })).rejects.toThrow(
        /The key that seals .* is missing: there is no .*elsewhere\/sealing.key/,
      );
      writeFileSync(file, `hanse-sealing-key-1\n${Buffer.alloc(32, 7).toString('base64')}\n`);
      await expect(again()).rejects.toThrow(/sealed with key [0-9a-f]{16}, but .* holds key [0-9a-f]{16}/);
      writeFileSync(file, 'not a key');
      await expect(again()).rejects.toThrow('is not a sealing key');
      rmSync(file);
      writeFileSync(file, right, { mode: 0o644 });
      await expect(again()).rejects.toThrow('can be read by others');
      rmSync(file);
      writeFileSync(file, right, { mode: 0o600 });
      await (await again()).close();
    });

    it('wakes who listens, and again after the connection was lost', async () => {
      const woken: string[] = [];
      const waiting: { until: number; done: () => void }[] = [];
      const count = (until: number) =>
        new Promise<void>((done) => {
          if (woken.length >= until) done();
          else waiting.push({ until, done });
        });
      const listening = await listen(test.store, 'some channel', (payload) => {
        woken.push(payload);
        for (const one of waiting) if (woken.length >= one.until) one.done();
      });
      const notify = (payload: string) => sql`select pg_notify('some channel', ${payload})`.execute(test.store.db);
      await notify('first');
      await count(2);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hanse listen' and datname = current_database()`.execute(
        test.store.db,
      );
      await count(3);
      await notify('second');
      await count(4);
      await listening.close();
      expect(woken).toEqual(['', 'first', '', 'second']);
    });

    it('lets one broker only have an identity, until its process ends', async () => {
      const held = await holdIdentity(test.store, 'one');
      await expect(holdIdentity(test.store, 'one')).rejects.toThrow('A broker already runs on this data directory');
      await (await holdIdentity(test.store, 'two')).release();
      await held.release();
      await (await holdIdentity(test.store, 'one')).release();
    });
  });
}

it('says in one sentence that a database cannot be reached', async () => {
  const config = { dataDir: '/nowhere', configDir: '/nowhere', databaseUrl: 'postgresql://anna:canary-pass@127.0.0.1:1/hanse' };
  const failure = await openStore(config).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(String(failure?.message)).not.toContain('canary-pass');
});

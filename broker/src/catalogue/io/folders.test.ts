// One folder of the configuration on the disks of two brokers that share a database: what lies there may differ, and no turn of one undoes the other's.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { issueDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { holdIdentity, isRunning } from '../../store/io/hold.ts';
import { createCatalogue, type Catalogue } from './catalogue.ts';

const minuteMs = 60_000;
const start = Date.parse('2026-11-22T08:00:00Z');
const root = mkdtempSync(join(tmpdir(), 'hanse-disks-'));
const folder = join(root, 'offers');
const demo = issueDemoCredentials(start);
let made: TestStore;
let at = start;

beforeAll(async () => {
  made = await testStore();
});
afterAll(async () => {
  await made.close();
  rmSync(root, { recursive: true, force: true });
});

type Disk = 'one' | 'other';
const put = (disk: Disk, ...members: string[]): void => {
  rmSync(join(root, disk), { recursive: true, force: true });
  mkdirSync(join(root, disk));
  for (const [file, jwt] of Object.entries(demo.files)) if (members.some((each) => file.startsWith(`${each}-`))) writeFileSync(join(root, disk, file), jwt);
};
const brokerOf = (name: string): Catalogue =>
  createCatalogue({
    store: made.store,
    config: { sources: [folder], policy: { issuers: demo.issuers }, allowedAddresses: [], askAgainMs: minuteMs },
    broker: { name, isRunning: (other) => isRunning(made.store, other.split('@')[0] ?? '') },
    now: () => at,
  });

it('what changed last counts, the disk that was left behind is named, and what a broker that is gone had counts no longer', async () => {
  const brokers = { one: brokerOf('broker-1@one'), other: brokerOf('broker-2@other') };
  const holds = { one: await holdIdentity(made.store, 'broker-1'), other: await holdIdentity(made.store, 'broker-2') };
  /** A quarter of an hour later this one looks, on its own disk. */
  const look = async (disk: Disk) => {
    at += 15 * minuteMs;
    symlinkSync(join(root, disk), folder);
    await vi.waitFor(async () => {
      await brokers[disk].view('default');
      const row = await made.store.db.selectFrom('ingestion').select('at').executeTakeFirstOrThrow();
      expect(row.at.getTime()).toBe(at);
    }, 20_000);
    const { offerings, rejected } = await brokers[disk].view('default');
    unlinkSync(folder);
    const [source] = await brokers[disk].harvester.sources('default');
    expect(rejected.map(({ reason }) => reason)).toEqual(source?.failure === null ? [] : [source?.failure]);
    return [offerings.map(({ cluster }) => cluster).join(' '), source?.failure ?? 'all find the same'];
  };
  put('one', 'pa');
  put('other', 'pa');
  expect(await look('one')).toEqual(['pa', 'all find the same']);
  expect(await look('other')).toEqual(['pa', 'all find the same']);

  put('one', 'pa', 'pb');
  expect(await look('one')).toEqual(['pa pb', 'all find the same']);
  for (const disk of ['other', 'one', 'other'] as const)
    expect(await look(disk)).toEqual(['pa pb', expect.stringMatching(/the disk of broker-1@one counts, .* the disk of broker-2@other \(\d+ differ\)$/)]);

  put('other', 'pa', 'pb');
  expect(await look('other')).toEqual(['pa pb', 'all find the same']);
  put('other', 'pb');
  expect(await look('other')).toEqual(['pb', 'all find the same']);
  expect(await look('one')).toEqual(['pb', expect.stringMatching(/the disk of broker-2@other counts, .* broker-1@one \(\d+ differ\)$/)]);

  await holds.other.release();
  expect(await look('one')).toEqual(['pa pb', 'all find the same']);
  await holds.one.release();
});

it('is read without anybody asking for offers, at first and when it changed', async () => {
  const { harvester } = brokerOf('broker-3@quiet');
  const offered = async (): Promise<unknown[]> => {
    at += 60 * minuteMs;
    await harvester.harvest('quiet');
    const rows = await made.store.db
      .selectFrom('offer')
      .select('cluster')
      .where('owner', '=', 'quiet')
      .where('removed', '=', false)
      .orderBy('cluster')
      .execute();
    return rows.map(({ cluster }) => cluster);
  };
  put('one', 'pa');
  symlinkSync(join(root, 'one'), folder);
  expect(await offered()).toEqual(['pa']);
  put('one', 'pa', 'pb');
  expect(await offered()).toEqual(['pa', 'pb']);
  unlinkSync(folder);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestStore, testStore } from '../../../../test/database.ts';
import { anApplication } from '../../../../test/fixtures/applications.ts';
import { whileMoving } from '../migration/move.ts';
import { type ApplicationRows, createRows } from './rows.ts';

let test: TestStore;
let rows: ApplicationRows;
beforeEach(async () => {
  test = await testStore();
  rows = createRows(test.store);
});
afterEach(() => test.close());

const shop = anApplication('shop');
const begin = (operation: string, application = shop, isFirst = false) => rows.begin({ owner: 'o', application, operation, state: 'deploying', isFirst });
const running = async (operation: string, application = shop) => {
  await begin(operation, application, true);
  await rows.write({ owner: 'o', application, operation });
};
const lend = (provider: string, cpuMillis: number) =>
  test.store.db
    .insertInto('peering')
    .values({
      owner: 'o',
      home: 'home',
      provider,
      state: 'ready',
      record: JSON.stringify({
        home: 'home',
        provider,
        homeClusterId: 'home',
        providerClusterId: provider,
        homeNamespace: 'a',
        providerNamespace: 'b',
        authentication: 'handshake',
        dataPlane: 'native',
        virtualNode: provider,
        state: 'ready',
        resources: { cpuMillis, memoryBytes: 1e9, pods: 100, gpus: 0 },
      }),
    })
    .execute();

describe('applications as rows', () => {
  it('lets one operation at a time change an application, and the same one come back', async () => {
    await begin('one', shop, true);
    await begin('one', shop, true);
    await expect(begin('two')).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('deploying by operation one') });
    await rows.write({ owner: 'o', application: shop, operation: 'one' });
    await begin('two');
    await expect(rows.write({ owner: 'o', application: shop, operation: 'one' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await rows.find('o', 'shop')).toMatchObject({ state: 'deploying' });
  });

  it('never takes an application over that was deployed after the plan of a first deployment', async () => {
    await running('one');
    await expect(begin('two', shop, true)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('removes nothing that another operation holds', async () => {
    await begin('one', shop, true);
    await rows.remove({ owner: 'o', application: shop, operation: 'two' });
    expect(await rows.lookUp('o', 'shop')).not.toBeNull();
    await rows.remove({ owner: 'o', application: shop, operation: 'one' });
    await expect(rows.find('o', 'shop')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it("shows one owner's applications to nobody else", async () => {
    await running('one');
    expect(await rows.list('other')).toEqual([]);
    expect(await rows.lookUp('other', 'shop')).toBeNull();
  });

  it('never books what a provider lends twice, however many begin at once', async () => {
    await lend('pa', 1200);
    const each = (name: string) => anApplication(name, { clusters: ['pa'], placement: { ...shop.placement, chosen: [{ cluster: 'pa', replicas: 1 }] } });
    const ended = await Promise.allSettled(Array.from({ length: 6 }, (_, index) => begin(`op${index}`, each(`app${index}`), true)));
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const one of ended)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ code: 'CAPACITY_TAKEN', message: expect.stringContaining('pa lends 1200 cpuMillis; 1000') });
    expect(await rows.list('o')).toHaveLength(2);
  });

  it('holds what a move needs at its target from its first step on: of two moves to one place the second is refused, and keeps what it has', async () => {
    await lend('pa', 5000);
    await lend('pb', 1200);
    const at = (name: string, cluster: string, replicas = 2) =>
      anApplication(name, { clusters: [cluster], placement: { ...shop.placement, chosen: [{ cluster, replicas }] } });
    for (const name of ['one', 'two']) await running(`deploy-${name}`, at(name, 'pa'));
    const move = (name: string) =>
      rows.begin({ owner: 'o', application: whileMoving({ before: at(name, 'pa'), after: at(name, 'pb') }), operation: `move-${name}`, state: 'migrating' });
    await move('one');
    await move('one'); // resumed
    expect((await rows.find('o', 'one')).placement.chosen).toEqual([
      { cluster: 'pa', replicas: 2 },
      { cluster: 'pb', replicas: 2 },
    ]);
    await expect(move('two')).rejects.toMatchObject({ code: 'CAPACITY_TAKEN', message: expect.stringContaining('pb lends 1200 cpuMillis; 1000') });
    expect(await rows.find('o', 'two')).toMatchObject({ state: 'running', clusters: ['pa'] });
  });

  it('lets an application be updated that takes no more than before, even where less is lent than it has', async () => {
    await lend('pa', 500);
    await test.store.db.updateTable('peering').set({ state: 'ready' }).execute();
    await running('one', anApplication('shop', { clusters: ['pa'], placement: { ...shop.placement, chosen: [{ cluster: 'pa', replicas: 1 }] } }));
    const record = (await test.store.db.selectFrom('peering').select('record').executeTakeFirstOrThrow()).record;
    await test.store.db
      .updateTable('peering')
      .set({ record: JSON.stringify({ ...record, resources: { cpuMillis: 100, memoryBytes: 1, pods: 1, gpus: 0 } }) })
      .execute();
    await expect(
      begin('two', anApplication('shop', { clusters: ['pa'], placement: { ...shop.placement, chosen: [{ cluster: 'pa', replicas: 1 }] } })),
    ).resolves.toBeUndefined();
  });
});

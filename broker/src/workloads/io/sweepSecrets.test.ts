import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aPlan } from '../../../../test/api.ts';
import { type TestStore, testStore } from '../../../../test/database.ts';
import { anApplication } from '../../../../test/fixtures/applications.ts';
import { ownerId } from '../../ids.ts';
import { createOperations } from '../../operations/io/index.ts';
import { createRows } from './rows.ts';
import { seal } from './secrets.ts';
import { sweepSecrets } from './sweepSecrets.ts';

let test: TestStore;
beforeEach(async () => {
  test = await testStore();
});
afterEach(() => test.close());

const by = { owner: ownerId('default'), actor: 'admin' };
const sealed = async (name: string) => {
  const [one] = await seal(test.store, by.owner, [{ name, data: {}, stringData: { password: name } }], { before: [], keepsData: false });
  if (one === undefined) throw new Error('nothing sealed');
  return one;
};

it('forgets the Secrets of a plan that was discarded, and no other', async () => {
  const operations = createOperations(test.store);
  const [kept, planned, discarded, token] = [
    await sealed('kept'),
    await sealed('planned'),
    await sealed('discarded'),
    await test.store.seal(by.owner, 'cluster-token', 'x'),
  ];
  await createRows(test.store).begin({ owner: by.owner, application: anApplication('shop', { secrets: [kept] }), operation: 'op', state: 'deploying' });
  await operations.create({ ...by, plan: aPlan({ madeFrom: { secrets: [planned] } }) });
  const given = await operations.create({ ...by, plan: aPlan({ madeFrom: { secrets: [discarded] } }) });
  await operations.cancel(by, given);
  const left = async () => new Set((await test.store.db.selectFrom('secret').select('id').execute()).map(({ id }) => id));
  await sweepSecrets(test.store);
  expect(await left()).toEqual(new Set([kept.sealed, planned.sealed, discarded.sealed, token]));
  await sql`update secret set created_at = now() - interval '3 hours'`.execute(test.store.db);
  await sweepSecrets(test.store);
  expect(await left()).toEqual(new Set([kept.sealed, planned.sealed, token]));
});

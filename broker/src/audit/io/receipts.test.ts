import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aCluster, aRequest } from '../../../../test/fixtures/worlds.ts';
import { place } from '../../placement/index.ts';
import { storeSnapshot } from '../../placement/io/index.ts';
import { verifyReceipt } from '../receipt.ts';
import { createReceipts } from './receipts.ts';
import { loadSigningKey } from './signingKey.ts';

let made: TestStore;
beforeAll(async () => {
  made = await testStore();
});
afterAll(() => made.close());

test('issues one receipt for what an operation placed, which verifies with the broker public key', async () => {
  const key = await loadSigningKey(made.configDir);
  const receipts = createReceipts({ store: made.store, key });
  const snapshot = await storeSnapshot(made.store, 'default', { clusters: [aCluster('pa'), aCluster('pb')], now: '2026-11-22T08:00:00Z' });
  const request = aRequest();
  const placed = { owner: 'default', operation: 'op-1', application: 'shop', request, placement: place(request, snapshot) };
  const issued = await receipts.issue(placed);
  expect(verifyReceipt(issued.jws, [key.publicKeyPem])).toMatchObject({ verdict: 'valid', receipt: { carriedOut: null } });
  expect(await receipts.issue(placed)).toEqual(issued);
  const grown = await receipts.issue({ ...placed, operation: 'op-2', placement: { ...placed.placement, chosen: [{ cluster: 'pa', replicas: 5 }] } });
  expect(verifyReceipt(grown.jws, [key.publicKeyPem])).toMatchObject({ verdict: 'valid', receipt: { carriedOut: [{ cluster: 'pa', replicas: 5 }] } });
});

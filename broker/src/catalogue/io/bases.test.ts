import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { policyOf } from '../index.ts';
import type { Evidence } from '../index.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { createBases } from './bases.ts';

let made: TestStore;
beforeAll(async () => {
  made = await testStore();
});
afterAll(() => made.close());

const issuer = anIssuer('did:web:csp.example');
const received = signJwt(
  issuer,
  aHeader(issuer),
  aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }, 'https://csp.example/vc', [{ id: 'urn:a' }]),
);
const digest = sha256Hex(received);
const policy = policyOf({});
const evidence = (text: string): Evidence => new Map([['https://csp.example/.well-known/did.json', { text, fetchedAt: '2026-11-22T08:00:00Z' }]]);
const minute = (n: number): Date => new Date(Date.parse('2026-11-22T08:00:00Z') + n * 60_000);

test('keeps what changed, of it the newest, and no evidence that nothing names', async () => {
  const bases = createBases(made.store);
  for (let n = 0; n < 60; n += 1) {
    const on = { evidence: evidence(`document ${n}`), policy, at: minute(n) };
    await bases.keep('default', [{ digest, received }], on);
    await bases.keep('default', [{ digest, received }], { ...on, at: minute(n + 0.5) });
  }
  const times = await bases.times('default', digest);
  expect(times).toHaveLength(50);
  expect(times[0]).toBe(minute(59).toISOString());
  const kept = await made.store.db.selectFrom('evidence').select('bytes').where('owner', '=', 'default').execute();
  expect(kept).toHaveLength(51); // 50 documents and the policy
  const then = await bases.find('default', digest, minute(30.7));
  expect([...(then?.evidence.values() ?? [])]).toEqual([{ text: 'document 30', fetchedAt: '2026-11-22T08:00:00Z' }]);
  expect(then?.policy).toEqual(policy);
  expect(await bases.find('default', digest, minute(3))).toBeNull();
});

test('another broker learns from the table what was kept last, and of another owner nothing', async () => {
  const other = createBases(made.store);
  await other.keep('default', [{ digest, received }], { evidence: evidence('document 59'), policy, at: minute(100) });
  expect((await other.times('default', digest))[0]).toBe(minute(59).toISOString());
  expect(await other.find('somebody', digest, minute(100))).toBeNull();
});

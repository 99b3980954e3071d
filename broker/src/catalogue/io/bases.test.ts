import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { policyOf } from '../index.ts';
import type { Evidence } from '../index.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { createBases, evidenceBytes } from './bases.ts';
import { sweepCredentials } from './sweep.ts';

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

test('keeps no more evidence than its limit, however small the steps are, the small pieces before the large, and makes room from what was judged on first', async () => {
  const owner = 'full';
  const { db } = made.store;
  const bytesMax = 100_000;
  const bases = createBases(made.store, bytesMax);
  const of = (n: number): { digest: string; received: string } => {
    const csp = anIssuer(`did:web:csp-${n}.example`);
    const text = signJwt(csp, aHeader(csp), aPayload(csp, { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }, `urn:${n}`, [{ id: 'urn:a' }]));
    return { digest: sha256Hex(text), received: text };
  };
  const document = (n: number, text: string): Evidence =>
    new Map([[`https://csp-${n}.example/.well-known/did.json`, { text, fetchedAt: '2026-11-22T08:00:00Z' }]]);
  for (let n = 0; n < 40; n += 1) {
    await bases.keep(owner, [of(n)], { evidence: document(n, `${n} `.repeat(2000)), policy, at: minute(n) });
    expect(await evidenceBytes(db, owner)).toBeLessThanOrEqual(bytesMax);
  }
  // judged on, and the bytes not kept
  const before = await evidenceBytes(db, owner);
  expect(before).toBeGreaterThan(bytesMax * 0.9);
  const [last, small] = [of(100), of(101)];
  const evidence = new Map([...document(100, 'x'.repeat(20_000)), ...document(101, 'small')]);
  await bases.keep(owner, [last, small], { evidence, policy, at: minute(100) });
  const pieceOf = async (digest: string): Promise<unknown> => [...((await bases.find(owner, digest, minute(200)))?.evidence.values() ?? [])][0];
  expect(await pieceOf(last.digest)).toEqual({ failure: 'its bytes are not kept' });
  expect(await pieceOf(small.digest)).toMatchObject({ text: 'small' });

  // what each is judged on now stays, what it was judged on before goes
  const rules = { sources: [], keptMs: 1e12, now: minute(300).getTime() };
  await bases.keep(owner, [small], { evidence: document(101, 'newer'), policy, at: minute(101) });
  await sweepCredentials(made.store, owner, { ...rules, evidenceBytesMax: 10 * bytesMax });
  expect(await bases.times(owner, small.digest)).toHaveLength(2);
  await sweepCredentials(made.store, owner, { ...rules, evidenceBytesMax: bytesMax });
  expect(await bases.times(owner, small.digest)).toEqual([minute(101).toISOString()]);
  expect(await pieceOf(small.digest)).toMatchObject({ text: 'newer' });
  expect(await evidenceBytes(db, owner)).toBe(before + 'newer'.length);
});

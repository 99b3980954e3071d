import { afterAll, beforeAll, expect, it } from 'vitest';
import { testApi } from '../../../../test/api.ts';
import type { TestApi } from '../../../../test/api.ts';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { readAudit } from '../../audit/io/log.ts';

let test: TestStore;
let api: TestApi;
beforeAll(async () => {
  test = await testStore();
  api = await testApi(test.store);
});
afterAll(async () => {
  await api.close();
  await test.close();
});

const text = (criterion: string): string => `apiVersion: hanse.dev/v1\nkind: Policy\nmetadata: { name: union }\nspec: { criteria: ["${criterion}"] }\n`;
const put = (criterion: string, query = '') => api.call(`/v1/policies/union${query}`, { method: 'PUT', body: JSON.stringify({ text: text(criterion) }) });
const told = async () =>
  (await readAudit(test.store.db, 0)).map(({ actor, action, subject, detail }) => ({ actor, action, subject, policy: JSON.stringify(detail['policy']) }));

it('who stores, changes or forgets a policy is in the audit log, with what it said; who only looks, or is refused, is not', async () => {
  expect((await put('country=DE', '?dryRun=true')).status).toBe(200);
  expect((await api.call('/v1/policies/union')).status).toBe(404);
  expect((await put('no criterion')).status).toBe(400);
  expect((await api.call('/v1/policies/union', { method: 'DELETE' })).status).toBe(404);
  expect(await told()).toEqual([]);
  expect((await put('country=DE')).status).toBe(200);
  expect((await put('country=NL')).status).toBe(200);
  expect((await api.call('/v1/policies/union', { method: 'DELETE' })).status).toBe(204);
  const said = (value: string) => expect.stringContaining(`"values":["${value}"]`);
  expect(await told()).toMatchObject([
    { actor: 'admin', action: 'policy.stored', subject: 'union', policy: said('DE') },
    { actor: 'admin', action: 'policy.stored', subject: 'union', policy: said('NL') },
    { actor: 'admin', action: 'policy.forgotten', subject: 'union', policy: said('NL') },
  ]);
});

it('stores nothing that the audit log cannot be told', async () => {
  await test.store.pool.query('alter table audit_event add constraint none check (action not like $$policy.%$$) not valid');
  try {
    expect((await put('country=FR')).ok).toBe(false);
    expect((await api.call('/v1/policies/union')).status).toBe(404);
  } finally {
    await test.store.pool.query('alter table audit_event drop constraint none');
  }
});

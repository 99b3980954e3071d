import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { aPlan, testApi, testToken, type TestApi } from '../../../../test/api.ts';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { createClusters } from '../../clusters/io/index.ts';
import { createDeclarations } from '../../declarations/io/index.ts';
import { createOperations } from '../../operations/io/index.ts';
import type { Verb } from '../../operations/io/index.ts';

let test: TestStore;
let api: TestApi;
const asked: unknown[] = [];
const deploy: Verb = {
  name: 'deploy',
  summary: 'Says what it was asked',
  request: z.unknown(),
  plan: async (request) => {
    asked.push(request);
    return { kind: 'plan', plan: aPlan() };
  },
  performers: {},
};

beforeAll(async () => {
  test = await testStore();
  const { store } = test;
  const nobody = { list: async () => [] };
  const declarations = createDeclarations({
    store,
    clusters: createClusters({ store, allowedAddresses: [] }),
    peerings: nobody,
    applications: nobody,
    decider: {
      choose: async () => ({ clusters: [], placement: { chosen: null, candidates: [], snapshotVersion: 1, decisionVersion: 1 } }),
      offers: async () => ({ items: [], total: 0, matching: 0, facets: [], wider: [], rejected: [] }),
    },
    verbs: { deploy },
    operations: createOperations(store),
  });
  api = await testApi(store, { declarations });
});
afterAll(async () => {
  await api.close();
  await test.close();
});

const send = (path: string, body?: object, token = testToken): Promise<Response> =>
  fetch(api.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(token !== '' && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const shop = (name: string, more = '') =>
  `apiVersion: hanse.dev/v1\nkind: Application\nmetadata: { name: ${name} }\nspec:\n  manifests:\n    - { apiVersion: v1, kind: Secret, metadata: { name: word }, stringData: { canary: "canary-of-a-secret" } }\n${more}`;
const answered = z.object({
  items: z.array(z.looseObject({ name: z.string(), acts: z.array(z.looseObject({ isNext: z.boolean(), outcome: z.looseObject({ kind: z.string() }) })) })),
});

it('gives the schemas to editors without a token, and nothing else', async () => {
  const schema = await send('/v1/schemas/Application', undefined, '');
  expect(schema.status).toBe(200);
  expect(await schema.json()).toMatchObject({ type: 'object', properties: { kind: { const: 'Application' } } });
  expect((await send('/v1/schemas/Secret', undefined, '')).status).toBe(400);
  expect((await send('/v1/declarations?kind=Application', undefined, '')).status).toBe(401);
  expect((await send('/v1/declarations', { documents: [{ file: 'x', text: shop('one') }] }, '')).status).toBe(401);
});

it('stores only the first plan, answers no Secret, and stores nothing in a dry run or beside a refusal', async () => {
  const documents = [{ file: 'two.yaml', text: `${shop('one')}---\n${shop('two')}` }];
  const stored = async (): Promise<number> => (await test.store.db.selectFrom('operation').select('id').execute()).length;
  const dry = await send('/v1/declarations', { documents });
  const text = await dry.text();
  expect(text).not.toContain('canary');
  expect(answered.parse(JSON.parse(text)).items.map(({ name, acts }) => [name, acts.map(({ isNext }) => isNext)])).toEqual([
    ['one', [true]],
    ['two', [false]],
  ]);
  expect(await stored()).toBe(0);
  const faulty = [{ file: 'two.yaml', text: `${shop('one')}---\n${shop('two', '  sprade: 2\n')}` }];
  const refused = await send('/v1/declarations', { documents: faulty, dryRun: false });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    faults: [{ place: { file: 'two.yaml', line: 14, path: 'spec.sprade' }, fix: expect.stringContaining('Did you mean spread?') }],
  });
  expect(await stored()).toBe(0);
  await send('/v1/declarations', { documents, dryRun: false });
  expect(await stored()).toBe(1);
  // the verb got the manifest as it was written, on its line
  expect(asked.at(-1)).toMatchObject({
    name: 'two',
    manifests: [{ file: 'two.yaml', text: expect.stringMatching(/^\n{12} {6}\{ apiVersion: v1.*canary-of-a-secret/) }],
  });
});

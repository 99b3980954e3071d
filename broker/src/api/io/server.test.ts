import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operation, plan, problem, routes } from '../../../../contract/src/index.ts';
import { testApi, testToken } from '../../../../test/api.ts';
import type { TestApi } from '../../../../test/api.ts';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { errorTable } from '../../errors.ts';

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

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  api.call(path, { method: 'POST', body: JSON.stringify(body), headers });
const madePlan = (answer: unknown) => z.object({ kind: z.string(), plan, operation }).parse(answer);
const described = z.object({ openapi: z.string(), paths: z.record(z.string(), z.json()), components: z.object({ schemas: z.json() }) });
const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return problem.parse(await response.json());
};
/** Headers that fetch does not let one set. */
const rawStatus = (headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    httpRequest({ hostname, port, path: '/v1/clusters', headers: { authorization: `Bearer ${testToken}`, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
const countOperations = async (): Promise<number> => (await test.store.db.selectFrom('operation').select('id').execute()).length;

describe('who may speak to it', () => {
  it('answers nothing without the token, but health, schemas and its own description', async () => {
    for (const { method, path, ...route } of Object.values(routes)) {
      const response = await fetch(api.url + path.replace('{kind}', 'Policy').replace(/\{\w+\}/, 'some'), { method });
      expect([path, response.status]).toEqual([path, 'open' in route ? 200 : 401]);
    }
    expect((await fetch(`${api.url}/v1/openapi.json`)).status).toBe(200);
    expect((await fetch(`${api.url}/v1/events`)).status).toBe(401);
  });

  it('refuses a wrong token with the remedy', async () => {
    const refused = await problemOf(await api.call('/v1/clusters', { headers: { authorization: 'Bearer wrong-wrong-wrong' } }));
    expect(refused).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', place: { path: 'headers.authorization' } });
    expect(refused.fix).toMatch(/token/);
  });

  it('refuses a Host that is not its own, so that a name rebound to it reaches nothing', async () => {
    const { port } = new URL(api.url);
    expect(await rawStatus({ host: `localhost:${port}` })).toBe(200);
    expect(await rawStatus({ host: `evil.example:${port}` })).toBe(403);
    expect(await rawStatus({ host: '127.0.0.1:1' })).toBe(403);
    expect(await rawStatus({ host: `127.0.0.1:${port}`, origin: 'http://evil.example' })).toBe(403);
    expect(await rawStatus({ host: `127.0.0.1:${port}`, origin: 'null' })).toBe(403);
    expect(await rawStatus({ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` })).toBe(200);
  });
});

describe('plans', () => {
  it('stores a plan as planned and answers it', async () => {
    const answer = madePlan(await (await post('/v1/operations', { verb: 'toy', request: { box: 'red' } })).json());
    expect(answer).toMatchObject({ kind: 'plan', plan: { subject: 'red' }, operation: { state: 'planned', stepsDone: 0, stepsTotal: 2, actor: 'admin' } });
    const found = await (await api.call(`/v1/operations/${answer.operation.id}`)).json();
    expect(found).toMatchObject({ id: answer.operation.id, plan: answer.plan, journal: [] });
    const listed = routes.listOperations.answer.parse(await (await api.call('/v1/operations?state=planned&limit=1')).json());
    expect(listed.items[0]?.id).toBe(answer.operation.id);
  });

  it('stores nothing for a dry run, a wish that is fulfilled and a refusal', async () => {
    const before = await countOperations();
    expect(await (await post('/v1/operations', { verb: 'toy', request: { box: 'red' }, dryRun: true })).json()).toMatchObject({
      kind: 'plan',
      operation: null,
    });
    expect(await (await post('/v1/operations', { verb: 'toy', request: { box: 'red', wish: 'nothing' } })).json()).toEqual({
      kind: 'nothing',
      reason: 'red is full already',
    });
    const refused = await problemOf(await post('/v1/operations', { verb: 'toy', request: { box: 'red', wish: 'refuse' } }));
    expect(refused).toMatchObject({ status: 422, code: 'REFUSED', detail: 'red is locked (and 1 more)', fix: 'Unlock it.', place: { path: 'request.box' } });
    expect(refused.faults).toHaveLength(2);
    expect(await countOperations()).toBe(before);
  });

  it('answers the same operation to the same key, also to twenty at once, and refuses the key for another request', async () => {
    const send = (box: string) => post('/v1/operations', { verb: 'toy', request: { box } }, { 'idempotency-key': 'key-1' });
    const answers = await Promise.all(Array.from({ length: 20 }, async () => madePlan(await (await send('blue')).json())));
    expect(new Set(answers.map(({ operation }) => operation.id)).size).toBe(1);
    expect(await problemOf(await send('green'))).toMatchObject({ status: 422, code: 'IDEMPOTENCY_MISMATCH' });
    expect(await problemOf(await post('/v1/operations', { verb: 'toy', request: { box: 'x' } }, { 'idempotency-key': 'a b' }))).toMatchObject({
      status: 400,
      place: { path: 'headers.idempotency-key' },
    });
  });

  it('names the field and the remedy of what is malformed', async () => {
    expect(await problemOf(await post('/v1/operations', { verb: 'toy', request: { box: 7 } }))).toMatchObject({
      code: 'INVALID_REQUEST',
      place: { path: 'request.box' },
    });
    const unknown = await problemOf(await post('/v1/operations', { verb: 'toString', request: {} }));
    expect(unknown).toMatchObject({ code: 'INVALID_REQUEST', place: { path: 'body.verb' }, fix: 'Use one of toy.' });
    const broken = await problemOf(await api.call('/v1/operations', { method: 'POST', body: '{\n  "verb": "toy",\n  oops }' }));
    expect(broken).toMatchObject({ status: 400, place: { path: 'body' } });
    expect(broken.detail).not.toContain('oops');
    expect(await problemOf(await api.call('/v1/operations/nope'))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await problemOf(await api.call('/v1/operations?limit=many'))).toMatchObject({ status: 400, place: { path: 'query.limit' } });
    expect(await problemOf(await api.call('/v1/wrong'))).toMatchObject({ status: 404 });
    expect(await problemOf(await api.call('/v1/operations', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }))).toMatchObject({
      status: 400,
    });
  });

  it('refuses what is too large or too deep, and keeps answering', async () => {
    const large = await problemOf(await post('/v1/operations', { verb: 'toy', request: 'x'.repeat(9 * 1024 * 1024) }));
    expect(large).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    const deep = `{"verb":"toy","request":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(await problemOf(await api.call('/v1/operations', { method: 'POST', body: deep }))).toMatchObject({ status: 400 });
    expect((await api.call('/v1/health')).status).toBe(200);
  });
});

describe('operations', () => {
  it('are approved and cancelled by who asks twice because the answer was lost, as by who asks once', async () => {
    const make = async () => madePlan(await (await post('/v1/operations', { verb: 'toy', request: { box: 'red' } })).json()).operation.id;
    const act = async (id: string, action: string) => (await api.call(`/v1/operations/${id}/${action}`, { method: 'POST' })).json();
    const [approved, discarded] = [await make(), await make()];
    for (const _ of [1, 2]) expect(await act(approved, 'approve')).toMatchObject({ state: 'running' });
    for (const _ of [1, 2]) expect(await act(discarded, 'cancel')).toMatchObject({ state: 'discarded' });
    expect(await act(discarded, 'approve')).toMatchObject({ code: 'CONFLICT', status: 409 });
    expect(await act(approved, 'retry')).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('garbage', () => {
  const paths = Object.values(routes).filter(({ method }) => method !== 'GET');
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('\0', '\ud800', '__proto__', '../..', '%00', 'toy'));
  const garbage = fc.oneof(
    fc.json({ stringUnit: 'binary' }),
    text,
    fc
      .record({ verb: fc.oneof(fc.constant('toy'), text), request: fc.oneof(fc.dictionary(text, text), fc.record({ box: text, wish: text }), fc.anything()) })
      .map((value) => JSON.stringify(value)),
    fc.record({ answer: text, text }).map((value) => JSON.stringify(value)),
  );

  it('in bodies and ids is a problem document with a place, never a defect', async () => {
    const before = await countOperations();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), garbage, text, async ({ method, path }, body, id) => {
        const response = await api.call(path.replace(/\{\w+\}/, encode(id)), { method, ...(method !== 'DELETE' && { body }) });
        if (response.status < 400) return; // toy plans for any short box
        const told = await problemOf(response);
        expect([400, 404, 413, 422]).toContain(told.status);
        expect(told.fix).not.toBe('');
      }),
      { numRuns: 400 },
    );
    const planned = await test.store.db.selectFrom('operation').select(['id', 'kind']).execute();
    expect(planned.length).toBeGreaterThanOrEqual(before);
    expect(planned.every(({ kind }) => kind === 'toy')).toBe(true);
  });

  it('in queries too', async () => {
    const gets = Object.values(routes).filter((route) => route.method === 'GET' && 'query' in route);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...gets),
        fc.constantFrom('state', 'limit', 'where', 'prefer', 'head', 'application'),
        text,
        async ({ path }, key, value) => {
          const response = await api.call(`${path}?${key}=${encode(value)}`);
          // of what a path names there is none here
          if (response.status !== 200) expect([400, ...(path.includes('{') ? [404] : [])]).toContain((await problemOf(response)).status);
        },
      ),
      { numRuns: 200 },
    );
    expect(await problemOf(await api.call('/v1/offers?where=%00'))).toMatchObject({ status: 400, place: { path: 'query.where' } });
  });

  it('that is not even HTTP gets an answer', async () => {
    const { hostname, port } = new URL(api.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let heard = '';
      const socket = connect(Number(port), hostname, () => socket.write('HELLO\r\n\r\n'));
      socket
        .on('data', (chunk) => (heard += chunk.toString()))
        .on('end', () => resolve(heard))
        .on('error', reject);
    });
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('INVALID_REQUEST');
  });

  const encode = (part: string): string => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '?')) || 'x';
});

describe('secrets', () => {
  const canary = 'canary-8f3b1c9e-do-not-tell';

  it('never appear in the log, in an error or in another answer', async () => {
    const heard: string[] = [];
    const send = async (init: { body: string; headers?: Record<string, string> }, path = '/v1/operations') =>
      heard.push(await (await api.call(path, { method: 'POST', ...init })).text());
    await send({ body: JSON.stringify({ verb: 'toy', request: { box: 'red', wish: 'break', kubeconfig: canary } }) });
    await send({ body: JSON.stringify({ verb: 'toy', request: { box: canary } }) });
    await send({ body: JSON.stringify({ verb: 'toy', request: { box: canary.slice(0, 20), wish: 'break' } }) }); // a defect whose message quotes it
    await send({ body: JSON.stringify({ verb: canary, request: {} }) });
    await send({ body: `{"verb": "toy", "request": ${canary}}` });
    await send({ body: `"${canary}\u0000` });
    await send({ body: JSON.stringify({ verb: 'toy' }).replace('toy', `${canary}\\u0000`) });
    await send({ body: '{}', headers: { authorization: `Bearer ${canary}` } });
    await send({ body: '{}', headers: { 'idempotency-key': canary } });
    const told = heard.join('\n') + api.log();
    expect(api.log()).toContain('defect while answering');
    expect(told).not.toContain(canary.slice(0, 20));
    expect(told).not.toContain(testToken);
  });
});

describe('its description', () => {
  it('is OpenAPI 3.1 with every route of the contract', async () => {
    const document = described.parse(await (await fetch(`${api.url}/v1/openapi.json`)).json());
    expect(document.openapi).toBe('3.1.0');
    for (const { method, path } of Object.values(routes)) expect(document.paths[path]).toHaveProperty(method.toLowerCase());
    expect(document.paths['/v1/events']).toHaveProperty('get');
    expect(document.components.schemas).toHaveProperty('Plan');
    expect(JSON.stringify(document)).not.toContain('readOnly');
  });

  it('is shown on a page that reaches for no other host', async () => {
    const page = await fetch(`${api.url}/docs`);
    expect(page.status).toBe(200);
    expect(await page.text()).not.toMatch(/(src|href)="https?:/);
  });

  it('tells the request of every verb', async () => {
    expect(await (await api.call('/v1/verbs')).json()).toMatchObject({
      items: [{ name: 'toy', request: { type: 'object', properties: { box: { type: 'string' } } } }],
    });
  });

  it('says one sentence when its port is taken', async () => {
    const { port } = new URL(api.url);
    await expect(testApi(test.store, {}, { port: Number(port) })).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      message: `Port ${port} of 127.0.0.1 is taken.`,
    });
    expect(errorTable.SETUP_FAILED.status).toBe(500);
  });
});

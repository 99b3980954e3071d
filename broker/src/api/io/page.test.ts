// Who gets into the page, and what it may reach.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApi, testToken, type TestApi } from '../../../../test/api.ts';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { createSessions } from './sessions.ts';

let store: TestStore;
let api: TestApi;
const pageDir = mkdtempSync(join(tmpdir(), 'hanse-page-'));

beforeAll(async () => {
  mkdirSync(join(pageDir, 'assets'));
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>Hanse</title>');
  writeFileSync(join(pageDir, 'assets', 'index-abc.js'), 'export {};');
  writeFileSync(join(pageDir, 'secret.js'), 'secret');
  store = await testStore();
  api = await testApi(store.store, {}, { pageDir });
});
afterAll(async () => {
  await api.close();
  await store.close();
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${api.url}${path}`, { headers, method, redirect: 'manual' });
const aLink = async (): Promise<string> => ((await (await api.call('/v1/page-links', { method: 'POST' })).json()) as { path: string }).path;
const aCookie = async (): Promise<string> => (await get(await aLink())).headers.get('set-cookie')?.split(';')[0] ?? '';

describe('the one-time link', () => {
  it('is given to nobody without the token', async () => {
    expect((await get('/v1/page-links', {}, 'POST')).status).toBe(401);
  });

  it('is exchanged once for a cookie that no script and no other site gets', async () => {
    const path = await aLink();
    const first = await get(path);
    expect([first.status, first.headers.get('location')]).toEqual([303, '/']);
    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    const second = await get(path);
    expect([second.headers.get('location'), second.headers.get('set-cookie')]).toEqual(['/?link=spent', null]);
  });

  it('is worth nothing after five minutes, and a session ends', () => {
    let now = 1_800_000_000_000;
    const sessions = createSessions('a token', () => now);
    const { code } = sessions.link();
    now += 5 * 60_000;
    expect(sessions.exchange(code, 80)).toBeNull();
    const cookie = sessions.exchange(sessions.link().code, 80)?.split(';')[0] ?? '';
    expect(sessions.who({ method: 'GET', cookie }, 80).actor).toBe('admin');
    expect(() => createSessions('another token', () => now).who({ method: 'GET', cookie }, 80)).toThrow(/session/);
    now += 12 * 3_600_000;
    expect(() => sessions.who({ method: 'GET', cookie }, 80)).toThrow(/ended/);
  });
});

describe('a session', () => {
  it('reads and writes from the page of this broker only', async () => {
    const cookie = await aCookie();
    const own = { cookie, 'sec-fetch-site': 'same-origin' };
    expect((await get('/v1/clusters', own)).status).toBe(200);
    expect((await get('/v1/clusters', { cookie, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await get('/v1/clusters', { cookie, origin: 'http://evil.example' })).status).toBe(403);
    expect((await get('/v1/page-links', { cookie }, 'POST')).status).toBe(403); // no Origin
    expect((await get('/v1/page-links', { ...own, origin: api.url }, 'POST')).status).toBe(200);
  });

  it('cannot be made up', async () => {
    const cookie = await aCookie();
    const [name = '', value = ''] = cookie.split('=', 2);
    const later = `${name}=${String(Number(value.split('.')[0]) + 1)}${value.slice(value.indexOf('.'))}`;
    expect((await get('/v1/clusters', { cookie: later })).status).toBe(401);
    expect((await get('/v1/clusters', { cookie: `${name}=x` })).status).toBe(401);
  });
});

describe('the files of the page', () => {
  it('may reach nothing but this broker, and are kept only where their name says what they hold', async () => {
    const index = await get('/operations/op-1');
    expect(index.status).toBe(200);
    expect(index.headers.get('content-security-policy')).toMatch(/default-src 'self'/);
    expect(index.headers.get('cache-control')).toBe('no-cache');
    const asset = await get('/assets/index-abc.js');
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
  });

  it('are not a way to other files', async () => {
    for (const path of ['/assets/..%2fsecret.js', '/assets/%2e%2e/secret.js', '/assets/.js', '/assets/a/index-abc.js', '/secret.js'])
      expect([401, 404]).toContain((await get(path)).status);
  });

  it('answers nothing of the API to whoever has no session', async () => {
    expect((await get('/v1/clusters')).status).toBe(401);
    expect((await api.call('/v1/clusters', { headers: { authorization: `Bearer ${testToken}`, cookie: 'x=y' } })).status).toBe(200);
  });
});

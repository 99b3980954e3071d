import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testApi, type TestApi } from '../../../../test/api.ts';
import { testStore, type TestStore } from '../../../../test/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanse-published-'));
const site = join(folder, 'site');
let made: TestStore;
let api: TestApi;

beforeAll(async () => {
  mkdirSync(join(site, 'credentials'), { recursive: true });
  writeFileSync(join(site, 'did.json'), '{}');
  writeFileSync(join(site, 'credentials', 'service.jwt'), 'a.b.c\n');
  writeFileSync(join(site, 'key'), 'secret');
  writeFileSync(join(folder, 'outside.json'), 'secret');
  symlinkSync(join(folder, 'outside.json'), join(site, 'linked.json'));
  made = await testStore();
  api = await testApi(made.store, {}, { publishDir: site });
});
afterAll(async () => {
  await api.close();
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The path as it stands: fetch would tidy it up first. */
const get = (path: string): Promise<{ status: number; type: string; text: string }> =>
  new Promise((resolve, reject) => {
    request(`${api.url}/`, { path }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text }));
    })
      .on('error', reject)
      .end();
  });

it('answers what was published to anyone, and nothing that lies beside it', async () => {
  expect(await get('/gaia-x/did.json')).toMatchObject({ status: 200, type: expect.stringContaining('application/did+json'), text: '{}' });
  expect(await get('/gaia-x/credentials/service.jwt')).toMatchObject({ status: 200, type: expect.stringContaining('application/vc+jwt') });
  const outside = [
    'key',
    'linked.json',
    '../outside.json',
    '%2e%2e/outside.json',
    '..%2foutside.json',
    'credentials/../../outside.json',
    'credentials',
    '',
    '.json',
    'x%00.json',
  ];
  for (const path of outside) {
    const { status, text } = await get(`/gaia-x/${path}`);
    expect(status, path).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain('secret');
  }
});

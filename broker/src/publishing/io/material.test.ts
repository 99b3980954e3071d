import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { policyOf } from '../../catalogue/index.ts';
import { checkMaterial, gatherMaterial } from './material.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'hanse-material-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const rules = { allowed: [] };

test('reads a folder no further than itself: no links, no addresses that lead out of it, nothing that is too large', async () => {
  const site = join(folder, 'site');
  mkdirSync(site);
  writeFileSync(join(folder, 'secret.jwt'), 'secret');
  writeFileSync(join(folder, 'secret.pem'), 'secret');
  symlinkSync(join(folder, 'secret.jwt'), join(site, 'a.jwt'));
  symlinkSync(folder, join(site, 'up'));
  writeFileSync(join(site, 'huge.jwt'), '');
  truncateSync(join(site, 'huge.jwt'), 64 * 1024 * 1024);
  const id = 'did:web:csp.example:g';
  const keys = ['../secret.pem', '/etc/hostname', 'x%2F..%2F..%2Fsecret.pem', 'chain.pem/../../secret.pem'].map((path, at) => ({
    id: `${id}#${at}`,
    publicKeyJwk: { kty: 'EC', crv: 'P-256', x: 'a', y: 'b', x5u: `https://csp.example/g/${path}` },
  }));
  writeFileSync(join(site, 'did.json'), JSON.stringify({ id, verificationMethod: keys }));
  const { received, failures, known } = await gatherMaterial(site, rules);
  expect(received).toEqual([]);
  expect(failures).toMatchObject([{ reason: expect.stringContaining('no credential') }]);
  expect([...known.keys()]).toEqual(['https://csp.example/g/did.json']);
});

test('says of anything that is no credential what it is not, and never that it is good', async () => {
  const texts = ['a.b.c', '{"verifiableCredential":[]}', '['.repeat(100_000), 'x'.repeat(100_000), '{"@context":{"@context":{}}}'];
  texts.forEach((text, at) => writeFileSync(join(folder, `${at}.jwt`), text));
  const { result, judgements } = await checkMaterial(folder, policyOf({}), rules);
  expect(result).toBe('bad');
  expect(judgements).toHaveLength(texts.length);
  for (const target of [
    join(folder, 'nowhere'),
    'did:web:',
    'did:key:z6Mk',
    'did:web:169.254.169.254',
    'http://csp.example',
    'https://[::1]/',
    'file:///etc/passwd',
  ])
    expect((await checkMaterial(target, policyOf({}), rules)).result, target).toBe('unknown');
});

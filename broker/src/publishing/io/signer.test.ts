import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isReliable, judge, policyOf, readReceived } from '../../catalogue/index.ts';
import { describe } from '../describe.ts';
import { didDocument, filesOf, pathOf } from '../site.ts';
import { dated, presentationOf } from '../token.ts';
import { issue, signerFromCommand, signerFromKey, type Signer } from './signer.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanse-signer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const did = 'did:web:csp.example:gaia-x';
const base = 'https://csp.example/gaia-x/';
const now = Date.parse('2026-11-22T08:00:00Z');
const service = dated(describe({ did, arch: 'amd64', 'service.name': 'Kubernetes' })[5]?.document ?? {}, now, 90);
const pem = (key: KeyObject): string => String(key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }));
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keyFile = join(folder, 'key.pem');
writeFileSync(keyFile, pem(privateKey), { mode: 0o600 });

const relied = async (signer: Signer): Promise<boolean> => {
  const { token, key } = await issue(signer, 'credential', did, service);
  const shown = await issue(signer, 'presentation', did, presentationOf(did, `${base}presentation.jwt`, [token]));
  const text = JSON.stringify(didDocument(did, key, { base, hasChain: false }));
  const evidence = new Map([[`${base}did.json`, { text, fetchedAt: new Date(now).toISOString() }]]);
  return [token, shown.token].every((each) => isReliable(judge(each, evidence, policyOf({}), new Date(now).toISOString())));
};

test('signs with a key of any kind what the judge relies on, credentials and presentations', async () => {
  const keys: readonly (readonly [KeyObject, string?])[] = [
    [privateKey],
    [generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    [generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey],
    [generateKeyPairSync('ed25519').privateKey],
  ];
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  for (const [key, algorithm] of [...keys, [rsa], [rsa, 'PS512'], [rsa, 'RS256']] as const) {
    expect(await relied(signerFromKey(pem(key), algorithm)), `${key.asymmetricKeyType} ${algorithm}`).toBe(true);
    expect(await relied(signerFromKey(JSON.stringify(key.export({ format: 'jwk' })), algorithm))).toBe(true);
  }
  expect(() => signerFromKey(pem(privateKey), 'RS256')).toThrow('cannot sign with RS256');
  expect(() => signerFromKey(pem(privateKey), 'none')).toThrow('No algorithm');
  expect(() => signerFromKey(pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), undefined)).toThrow('too short');
});

test('takes the signature of a command, as most tools write it, only where it is by the private half of the public key', async () => {
  const byOpenssl = `openssl dgst -sha256 -sign '${keyFile}'`;
  for (let times = 0; times < 5; times += 1) expect(await relied(signerFromCommand(byOpenssl, pem(publicKey), undefined))).toBe(true);
  const other = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
  const attempts: readonly (readonly [command: string, key: string, reason: string])[] = [
    [byOpenssl, other, 'not by the private half'],
    ['head -c 64 /dev/zero', pem(publicKey), 'not by the private half'],
    ['cat', pem(publicKey), 'right length'],
    ['true', pem(publicKey), 'right length'],
    ['head -c 100000 /dev/zero', pem(publicKey), 'more than 2048 bytes'],
    ['exit 3', pem(publicKey), 'code 3'],
  ];
  for (const [command, key, reason] of attempts)
    await expect(issue(signerFromCommand(command, key, undefined), 'credential', did, service), command).rejects.toThrow(
      reason === 'right length' && command === 'cat' ? /right length|more than/ : reason,
    );
  expect(() => signerFromCommand(byOpenssl, pem(privateKey), undefined)).toThrow('holds a private key');
});

test('signs nothing that the judge would refuse', async () => {
  const signer = signerFromKey(pem(privateKey), undefined);
  const { id: _, ...nameless } = service;
  for (const document of [
    nameless,
    { ...service, validFrom: 'yesterday' },
    { ...service, credentialSubject: [] },
    { ...service, '@context': ['https://evil.example'] },
  ])
    await expect(issue(signer, 'credential', did, document)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});

test('puts no credential outside of the folder, whatever its id says, and none in the place of another file', async () => {
  const signer = signerFromKey(pem(privateKey), undefined);
  const ids = ['../x.jwt', 'credentials/../../x', '..%2fx', '/etc/passwd', 'did.json', 'chain.pem', 'a//b', '.ssh/key', 'a\u0000b', 'x'.repeat(300)];
  for (const id of ids) {
    const read = readReceived((await issue(signer, 'credential', did, { ...service, id: base + id }).catch(() => ({ token: '' }))).token);
    if (!('part' in read) && read.kind === 'credential') expect(pathOf(read, base), id).toBeNull();
  }
  const { token, read, key } = await issue(signer, 'credential', did, service);
  if (read.kind !== 'credential') throw new Error('it is a credential');
  const files = filesOf({ did, key, chain: null, credentials: [{ token, credential: read }], presentation: 'p' });
  expect(Object.keys(files)).toEqual(['did.json', 'credentials/service.jwt', 'presentation.jwt', 'index.json']);
  expect(Object.keys(filesOf({ did: 'did:web:csp.example', key, chain: 'c', credentials: [], presentation: 'p' }))).toContain('.well-known/did.json');
});

import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { signReceipt } from '../../broker/src/audit/receipt.ts';
import type { ReceiptBody } from '../../broker/src/audit/index.ts';
import { keyIdOf, signEd25519 } from '../../broker/src/audit/pure-crypto.ts';
import { decisionVersion, place } from '../../broker/src/placement/index.ts';
import { aFile, hanse } from '../../test/cli.ts';
import { aCluster } from '../../test/fixtures/worlds.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const request = {
  subject: 'shop',
  replicas: 1,
  each: { cpuMillis: 1, memoryBytes: 1, pods: 1, gpus: 0 },
  criteria: [],
  preferences: [],
  providersMin: 1,
  exclude: [],
};
const snapshot = { version: 1, takenAt: '2026-01-01T00:00:00Z', clusters: [] };
const body = {
  id: 'receipt-1',
  issuedAt: '2026-01-01T00:00:00Z',
  owner: 'default',
  operation: 'op-1',
  application: 'shop',
  decisionVersion,
  request,
  snapshot,
  placement: place(request, snapshot),
  carriedOut: null,
  auditHead: null,
};
const sign = (signed: ReceiptBody): string =>
  signReceipt(signed, { keyId: keyIdOf(publicKey), sign: (bytes) => signEd25519(privateKey, bytes) }, () => 'a-salt-of-sixteen-characters');
const jws = sign(body);
const verify = (receipt: string, key = pem) => hanse(['verify', aFile(receipt, 'receipt'), '--key', aFile(key, 'key.pem')], { url: 'http://127.0.0.1:1' });

it('verifies a receipt without a broker, as JSON and bare', async () => {
  expect(await verify(jws)).toMatchObject({ exit: 0, err: '' });
  const { exit, out } = await verify(JSON.stringify({ id: 'receipt-1', jws }));
  expect(exit).toBe(0);
  expect(out).toContain('Valid: receipt receipt-1 for shop');
});

it('tells a changed receipt and a foreign key from a valid one', async () => {
  const [head = '', payload = '', signature = ''] = jws.split('.');
  const forged = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('shop', 'shoq')).toString('base64url');
  const changed = await verify([head, forged, signature].join('.'));
  expect(changed).toMatchObject({ exit: 1 });
  expect(changed.out).toContain('Invalid');
  const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect((await verify(jws, stranger)).out).toContain('Unknown key');
  expect((await verify(jws, 'no key')).exit).toBe(2);
  expect((await verify('{}')).exit).toBe(2);
});

it('takes out what a reader may not see, and says what could not be checked', async () => {
  const two = { ...snapshot, clusters: ['pa', 'pb'].map((name) => aCluster(name)) };
  const whole = sign({ ...body, snapshot: two, placement: place(request, two) });
  const redacted = await hanse(['redact', aFile(whole, 'receipt'), '--cluster', 'pb'], { url: 'http://127.0.0.1:1' });
  expect(redacted).toMatchObject({ exit: 0, err: '' });
  const { exit, out } = await verify(redacted.out);
  expect(exit).toBe(1); // a script that asks whether a receipt is valid is not told so
  expect(out).toMatch(/Partly checked: receipt receipt-1 .*\n.*1 of 2 clusters/);
  expect(await hanse(['redact', aFile(whole, 'receipt'), '--cluster', 'pz'], { url: 'http://127.0.0.1:1' })).toMatchObject({ exit: 2 });
});

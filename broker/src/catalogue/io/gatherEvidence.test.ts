import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { policyOf } from '../judge/policy.ts';
import { wanted } from '../wanted.ts';
import { createEvidenceGatherer } from './gatherEvidence.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanse-pinned-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('reads the contexts and shapes that the configuration has as files, and says why it cannot', async () => {
  const issuer = anIssuer('did:web:127.0.0.1');
  const token = signJwt(
    issuer,
    aHeader(issuer),
    aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' }, 'urn:vc', [{ id: 'urn:a' }]),
  );
  const [there, large, gone] = ['there', 'large', 'gone'].map((name) => join(folder, name));
  writeFileSync(there ?? '', '{}');
  writeFileSync(large ?? '', Buffer.alloc(9 * 1024 * 1024, 32));
  const pinned = [there, large, gone].map((from) => ({ from: from ?? '', sha256: '0'.repeat(64) }));
  const gatherer = createEvidenceGatherer({ allowed: [], statusAgainMs: 1000 }, () => Date.parse('2026-11-22T08:00:00Z'));
  const evidence = await gatherer.gather(
    [token],
    policyOf({ contexts: pinned.slice(0, 1).map((each) => ({ url: 'https://x.example/c', ...each })), shapes: pinned.slice(1) }),
  );
  expect(pinned.map(({ from }) => evidence.get(from))).toEqual([
    { text: '{}', fetchedAt: '2026-11-22T08:00:00.000Z' },
    { failure: 'it is larger than 8388608 bytes' },
    { failure: 'it cannot be read (ENOENT)' },
  ]);
});

test('reads no file and posts nothing because a credential says that its status stands there', async () => {
  const issuer = anIssuer('did:web:127.0.0.1');
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'of this machine');
  const named = [secret, 'POST https://127.0.0.1/ https://x.example/chain'];
  const tokens = named.map((statusListCredential, index) =>
    signJwt(
      issuer,
      aHeader(issuer),
      aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' }, `urn:vc${index}`, [{ id: 'urn:a' }], {
        credentialStatus: { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '1', statusListCredential },
      }),
    ),
  );
  expect(tokens.flatMap((token) => wanted(token, new Map(), policyOf({}))).map(({ address }) => address)).toEqual(expect.arrayContaining(named));
  const evidence = await createEvidenceGatherer({ allowed: [], statusAgainMs: 1000 }, Date.now).gather(tokens, policyOf({}));
  for (const address of named) expect(evidence.has(address)).toBe(false);
});

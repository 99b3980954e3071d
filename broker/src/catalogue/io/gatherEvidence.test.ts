import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { policyOf } from '../policy.ts';
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

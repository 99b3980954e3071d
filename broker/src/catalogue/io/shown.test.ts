// What stands behind an offer, where a provider ties together as much as it can.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { createCatalogue } from './catalogue.ts';

let made: TestStore;
const folder = mkdtempSync(join(tmpdir(), 'hanse-shown-'));
beforeAll(async () => {
  made = await testStore();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = Date.parse('2026-11-22T08:00:00Z');
const validity = { from: '2026-11-01T00:00:00Z', until: '2028-01-01T00:00:00Z' };
const issuer = anIssuer('did:web:many.example');
/** Each of them a fact of one offer, and tied to all others. */
const tied = (n: number, about = `${issuer.id}#pa`): string =>
  signJwt(
    issuer,
    aHeader(issuer),
    aPayload(issuer, validity, `urn:vc:${n}`, [
      { id: about, type: 'hanse:FederableCluster', 'schema:name': 'Many', 'hanse:liqoClusterId': 'pa', 'hanse:kubernetesVersion': `1.${n}.0` },
    ]),
  );

test('what is tied together is read once, not once for each that is shown', async () => {
  const count = 60;
  writeFileSync(join(folder, 'many.jwt'), Array.from({ length: count }, (_, n) => tied(n)).join('\n'));
  let statements = 0;
  const db = made.store.db.withPlugin({
    transformQuery: ({ node }) => {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const config = { sources: [folder], policy: { issuers: [{ id: issuer.id, roles: [], keys: [issuer.jwk] }] }, allowedAddresses: [], askAgainMs: 1e12 };
  const catalogue = createCatalogue({ store: { db }, config, now: () => at });
  const [offer] = (await catalogue.view('default')).offerings;
  const digests = [...new Set((offer?.facts ?? []).map(({ credential }) => credential))];
  expect(digests).toHaveLength(count);

  statements = 0;
  const shown = await catalogue.credentials.shown('default', digests);
  expect(shown.map(({ digest, state, provenance }) => [digest, state, provenance?.issuer])).toEqual(digests.map((digest) => [digest, 'active', issuer.id]));
  // its row, what it was judged on with the evidence, its changes, its givers; and a few for all of them
  expect(statements).toBeLessThanOrEqual(5 * count + 20);
  statements = 0;
  expect(await catalogue.credentials.show('default', digests[0] ?? '', null)).toEqual(shown[0]);
  expect(statements).toBeLessThanOrEqual(25);
});

test('however often others show what is somebody’s, it is found where its owner shows it', async () => {
  const inside = tied(1000, `${issuer.id}#pb`);
  const others = tied(1001);
  const presented = (by: typeof issuer, id: string, contents: readonly string[]): string =>
    signJwt(
      by,
      { ...aHeader(by), typ: 'vp+jwt', cty: 'vp' },
      {
        '@context': ['https://www.w3.org/ns/credentials/v2'],
        id,
        type: 'VerifiablePresentation',
        holder: by.id,
        iss: by.id,
        verifiableCredential: contents.map((token) => ({
          '@context': 'https://www.w3.org/ns/credentials/v2',
          id: `data:application/vc+jwt,${token}`,
          type: 'EnvelopedVerifiableCredential',
        })),
      },
    );
  const stranger = anIssuer('did:web:stranger.example');
  const shows = Array.from({ length: 230 }, (_, n) => presented(stranger, `urn:vp:${n}`, [others]));
  const source = mkdtempSync(join(tmpdir(), 'hanse-shows-'));
  const config = {
    sources: [source],
    policy: { issuers: [issuer, stranger].map(({ id, jwk }) => ({ id, roles: [], keys: [jwk] })) },
    allowedAddresses: [],
    askAgainMs: 1,
  };
  const catalogue = (now: number) => createCatalogue({ store: made.store, config, now: () => now });
  try {
    writeFileSync(join(source, 'strangers.jwt'), shows.join('\n'));
    await catalogue(at).view('shows');
    writeFileSync(join(source, 'own.jwt'), presented(issuer, 'urn:vp:own', [inside]));
    const later = catalogue(at + 3_600_000);
    await later.view('shows');
    const digests = [others, inside].map(sha256Hex);
    // looked at together, as the watch does
    const { judgements } = await later.rejudge('shows', digests, false);
    expect(judgements.map(({ digest }) => digest)).toEqual(expect.arrayContaining(digests));
    const { items } = await later.credentials.list('shows', { type: 'FederableCluster', limit: 10 });
    expect(items.map(({ digest, state }) => [digest, state])).toEqual(expect.arrayContaining(digests.map((digest) => [digest, 'active'])));

    // with what held it a credential goes, at once, and not with one of many
    writeFileSync(join(source, 'strangers.jwt'), shows.slice(1).join('\n'));
    rmSync(join(source, 'own.jwt'));
    const last = catalogue(at + 2 * 3_600_000);
    const left = (await last.credentials.list('shows', { type: 'FederableCluster', limit: 10 })).items;
    expect(left.map(({ digest }) => digest)).toEqual([sha256Hex(others)]);
    expect((await last.credentials.history('shows', sha256Hex(inside)))[0]).toMatchObject({ from: 'active', state: 'gone' });
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
});

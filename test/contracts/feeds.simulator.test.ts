// The broker's harvest against the simulated events service and catalogue, and against participants' documents, over https.
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCatalogue, type Catalogue } from '../../broker/src/catalogue/io/index.ts';
import type { Source } from '../../broker/src/catalogue/index.ts';
import { memoryDisk } from '../../simulator/disk.ts';
import { startFeeds, type Feeds } from '../../simulator/gaiax/feeds.ts';
import { testApi } from '../api.ts';
import { hanse } from '../cli.ts';
import { testStore, type TestStore } from '../database.ts';
import { aHeader, anIssuer, aPayload, issueDemoCredentials, signJwt, type DemoCredentials } from '../fixtures/issueCredentials.ts';
import { feedsContract } from './feeds.contract.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const start = Date.parse('2026-11-22T08:00:00Z');
const hourMs = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'hanse-feeds-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'a-token\n');
let at = start;
let made: TestStore;
let feeds: Feeds;
let demo: DemoCredentials;

const begin = (names: 'assets' | 'self-descriptions') => async (): Promise<void> => {
  at = start;
  made = await testStore();
  feeds = await startFeeds({ disk: memoryDisk(), names, token: 'a-token', now: () => at });
  demo = issueDemoCredentials(start, undefined, (cluster) => `${feeds.url}/${cluster}`);
  for (const [file, jwt] of Object.entries(demo.files)) feeds.documents.set(`/${file.replace('-', '/').replace('.jwt', '.json')}`, jwt);
};
afterEach(async () => {
  await feeds.close();
  await made.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const catalogueOf = (...sources: Source[]): Catalogue =>
  createCatalogue({
    store: made.store,
    config: { sources, policy: { issuers: demo.issuers }, allowedAddresses: [new URL(feeds.url).host], ca: feeds.authority, askAgainMs: 1000 },
    now: () => at,
  });
/** An hour later, so that nothing is too fresh to be asked for again. */
const offered = async (catalogue: Catalogue): Promise<(string | null)[]> => {
  await catalogue.harvester.harvest('default');
  at += hourMs;
  return (await catalogue.view('default')).offerings.map(({ cluster }) => cluster);
};
const token = (): string => {
  const issuer = anIssuer('did:web:csp.example');
  const validity = { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
  return signJwt(issuer, aHeader(issuer), aPayload(issuer, validity, 'https://csp.example/vc', [{ id: `urn:${Math.random()}` }]));
};

for (const names of ['assets', 'self-descriptions'] as const)
  describe(`an events service, and a catalogue of ${names}`, () => {
    beforeEach(begin(names));

    feedsContract(() => ({
      ces: `${feeds.url}/ces`,
      xfsc: `${feeds.url}/xfsc`,
      collection: names,
      rules: { allowed: [new URL(feeds.url).host], ca: feeds.authority, bytesMax: 1_000_000 },
      token: 'a-token',
      credential: token,
      upload: async (content) => void feeds.catalogue.upload(content, 'did:web:csp.example'),
    }));

    it('the catalogue: walked page by page, each fetched once, and gone when it is no longer active', async () => {
      const hashes = Object.values(demo.files).map((jwt) => feeds.catalogue.upload(jwt, 'did:web:pa.example'));
      for (let n = 0; n < 110; n += 1) feeds.catalogue.upload(token(), 'did:web:csp.example');
      const tagus = feeds.catalogue.upload('{"type":["VerifiableCredential"],"proof":{"type":"JsonWebSignature2020"}}', 'did:web:old.example');
      const catalogue = catalogueOf({ kind: 'xfsc', at: `${feeds.url}/xfsc`, tokenFile });
      expect(await offered(catalogue)).toEqual(['pa', 'pb']);
      const [state] = await catalogue.harvester.sources('default');
      expect(state).toMatchObject({ held: hashes.length + 110, received: hashes.length + 110, refused: 1, failure: null, limited: null, cursor: null });
      expect(state?.reasons).toEqual([{ id: tagus, reason: expect.stringContaining('Tagus'), at: new Date(start).toISOString() }]);

      feeds.asked.length = 0;
      expect(await offered(catalogue)).toEqual(['pa', 'pb']);
      expect(feeds.asked.filter((path) => path.includes('withContent=true'))).toEqual([]);

      feeds.catalogue.setStatus(hashes[0] ?? '', 'revoked');
      expect(await offered(catalogue)).toEqual(['pb']);
      expect(await catalogue.harvester.sources('default')).toMatchObject([{ removed: 1, held: hashes.length + 109 }]);
    });

    it('the catalogue: a token that is missing or wrong is a failure of that source, and of no other', async () => {
      feeds.documents.set('/all', Object.values(demo.files).join('\n'));
      const catalogue = catalogueOf({ kind: 'xfsc', at: `${feeds.url}/xfsc` }, `${feeds.url}/all`);
      expect(await offered(catalogue)).toEqual(['pa', 'pb']);
      expect(await catalogue.harvester.sources('default')).toMatchObject([
        { kind: 'xfsc', held: 0, failure: expect.stringContaining('401') },
        { kind: 'address', held: 8, failure: null },
      ]);
    });
  });

describe('what an events service and documents lead to', () => {
  beforeEach(begin('assets'));
  const ces = (): Source => ({ kind: 'ces', at: `${feeds.url}/ces` });
  const post = (...files: string[]): void => files.forEach((file) => void feeds.events.post('https://csp.example/', demo.files[file] ?? ''));

  it('takes a label from the feed and what it is for from where that lies, and goes on behind the last event', async () => {
    post('pa-label.jwt');
    const catalogue = catalogueOf(ces());
    expect(await offered(catalogue)).toEqual(['pa']);
    const rows = await made.store.db.selectFrom('credential').select('source').where('owner', '=', 'default').execute();
    expect(rows.map(({ source }) => source).toSorted()[1]).toBe(`ces ${feeds.url}/ces ${feeds.url}/pa/offering.json`);

    for (let n = 0; n < 45; n += 1) feeds.events.post('https://csp.example/', token());
    post('pb-label.jwt');
    feeds.asked.length = 0;
    expect(await offered(catalogue)).toEqual(['pa', 'pb']);
    expect(feeds.asked.filter((path) => path.startsWith('/ces'))).toHaveLength(3);
    expect(feeds.asked).not.toContain('/pa/offering.json');
  });

  it('asks again for a document that did not answer, though its event does not come again', async () => {
    const document = feeds.documents.get('/pa/offering.json') ?? '';
    feeds.documents.delete('/pa/offering.json');
    post('pa-label.jwt');
    const catalogue = catalogueOf(ces());
    expect(await offered(catalogue)).toEqual([]);
    expect(await catalogue.harvester.sources('default')).toMatchObject([
      { cursor: expect.stringMatching(/^[0-9a-f-]{36} \(1 documents waited for\)$/), refused: 1 },
    ]);
    expect(await offered(catalogue)).toEqual([]);
    feeds.documents.set('/pa/offering.json', document);
    expect(await offered(catalogue)).toEqual(['pa']);
    expect(await catalogue.harvester.sources('default')).toMatchObject([{ cursor: expect.stringMatching(/^[0-9a-f-]{36}$/), refused: 1, held: 2 }]);
  });

  it('refuses a document that is not the one that its label is for, and says so on the command line', async () => {
    feeds.documents.set('/pa/offering.json', demo.files['pb-offering.jwt'] ?? '');
    post('pa-label.jwt');
    const catalogue = catalogueOf(ces(), '/nowhere');
    expect(await offered(catalogue)).toEqual([]);
    const api = await testApi(made.store, { catalogue: { ...catalogue.harvester, changes: null } });
    const shown = await hanse(['catalogue', 'sources'], { url: api.url });
    expect(shown.out).toMatch(
      /^ces https:\S+\/ces +2026-11-22T08:00:00.000Z +[0-9a-f-]{36} +1 +1 +1 +refused \S+offering.json: the label in the feed is for sha256-/m,
    );
    expect(shown.out).toMatch(/^\/nowhere .*the folder cannot be read/m);
    expect((await hanse(['catalogue', 'harvest', '-o', 'json'], { url: api.url })).exit).toBe(0);
    await api.close();
  });

  it('follows the services of a DID document to presentations, and forgets what it names no longer', async () => {
    const did = `did:web:127.0.0.1%3A${new URL(feeds.url).port}:csp`;
    const serve = (...endpoints: string[]): void => {
      const service = [
        { id: `${did}#a`, type: 'LinkedVerifiablePresentation', serviceEndpoint: endpoints },
        { id: `${did}#b`, type: 'Other', serviceEndpoint: { uri: 7 } },
      ];
      feeds.documents.set('/csp/did.json', JSON.stringify({ id: did, service }));
    };
    const own = Object.keys(demo.files).filter((file) => file.startsWith('pa-'));
    feeds.documents.set('/pa', own.map((file) => demo.files[file]).join('\n'));
    serve(`${feeds.url}/pa`, `${feeds.url}/pb/offering.json`);
    const catalogue = catalogueOf({ kind: 'did', at: did });
    expect(await offered(catalogue)).toEqual(['pa', 'pb']);
    const [before] = await catalogue.harvester.sources('default');
    // as it was: nothing came, and nothing is judged anew for it
    expect(await catalogue.harvester.harvest('default')).toBe(false);
    at += hourMs;
    expect(await catalogue.harvester.sources('default')).toMatchObject([{ received: own.length + 1, held: before?.held, removed: 0 }]);
    serve(`${feeds.url}/pa`);
    expect(await offered(catalogue)).toEqual(['pa']);
    feeds.documents.delete('/pa');
    expect(await offered(catalogue)).toEqual(['pa']);
    expect(await catalogue.harvester.sources('default')).toMatchObject([{ reasons: [{ id: `${feeds.url}/pa`, reason: expect.stringContaining('404') }] }]);
  });
});

// Sources that lie, flood, hang or lead elsewhere: each is limited, that is shown, and none of it reaches another source.
import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { testStore, type TestStore } from '../../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../../test/fixtures/issueCredentials.ts';
import { newAuthority } from '../../../../../simulator/pki.ts';
import { sha256Hex } from '../../judge/pure-crypto.ts';
import type { Source } from '../../source.ts';
import { createHarvester, type Harvester } from './harvester.ts';
import { createHarvestRows } from './rows.ts';

type Answer = { readonly body: unknown } | null;
type Serving = (path: URL, request: IncomingMessage) => Answer;

const start = Date.parse('2026-11-22T08:00:00Z');
const hourMs = 3_600_000;
let at = start;
let made: TestStore;
let ca = '';
/** By the first part of the path; null: it never answers. */
const serving = new Map<string, Serving>();
const servers: Server[] = [];
const asked: { readonly path: string; readonly authorization: string | undefined; readonly port: number | undefined }[] = [];
const folder = mkdtempSync(join(tmpdir(), 'hanse-hostile-'));

beforeAll(async () => {
  made = await testStore();
  const authority = await newAuthority('hostile');
  ca = authority.caPem;
  for (let n = 0; n < 2; n += 1) {
    const server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
      const url = new URL(request.url ?? '/', 'https://127.0.0.1');
      asked.push({ path: url.pathname + url.search, authorization: request.headers.authorization, port: request.socket.localPort });
      const answer = serving.get(url.pathname.split('/')[1] ?? '')?.(url, request);
      if (answer === null) return;
      response.writeHead(answer === undefined ? 404 : 200).end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
});
beforeEach(() => {
  at = start;
  serving.clear();
  asked.length = 0;
});
afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const hostOf = (server: Server | undefined): string => `127.0.0.1:${(server?.address() as AddressInfo | undefined)?.port}`;
const base = (name: string, of = 0): string => `https://${hostOf(servers[of])}/${name}`;
const harvesterOf = (sources: readonly Source[], allowed = servers.map(hostOf)): Harvester =>
  createHarvester({ store: made.store, sources, rules: { allowed, ca }, askAgainMs: 1000, now: () => at });

const issuer = anIssuer('did:web:csp.example');
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
const tokenOf = (id: string, subject: Readonly<Record<string, unknown>> = {}): string =>
  signJwt(issuer, aHeader(issuer), aPayload(issuer, validity, id, [{ id: `${id}#cs`, ...subject }]));
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Answers as an XFSC catalogue that has these contents; `hashOf`: under which hash it lists each. */
const catalogue =
  (contents: readonly string[], hashOf: (content: string) => string = sha256Hex): Serving =>
  ({ searchParams }) => {
    const hashes = searchParams.get('hashes')?.split(',');
    const offset = Number(searchParams.get('offset') ?? 0);
    const found = contents.filter((content) => hashes === undefined || hashes.includes(hashOf(content)));
    const items = found.slice(offset, offset + Number(searchParams.get('limit'))).map((content) => ({
      meta: { assetHash: hashOf(content), status: 'active' },
      ...(searchParams.get('withContent') === 'true' && { content }),
    }));
    return { body: { totalCount: found.length, items } };
  };

it('a catalogue whose digests are wrong is limited, shown, and left alone for an hour, and the one beside it is read', async () => {
  serving.set(
    'liar',
    catalogue(
      range(30).map((n) => tokenOf(`urn:liar:${n}`)),
      (content) => sha256Hex(`not ${content}`),
    ),
  );
  serving.set('honest', catalogue([tokenOf('urn:honest')]));
  const harvester = harvesterOf([
    { kind: 'xfsc', at: base('liar') },
    { kind: 'xfsc', at: base('honest') },
  ]);
  await harvester.harvest('wrong');
  const until = new Date(start + hourMs).toISOString();
  expect(await harvester.sources('wrong')).toMatchObject([
    {
      held: 0,
      refused: 30,
      limited: { until, reason: '30 times what it gave was not what it announced' },
      reasons: expect.arrayContaining([expect.objectContaining({ reason: expect.stringContaining('not the one that is announced') })]),
    },
    { held: 1, refused: 0, limited: null },
  ]);
  expect((await harvester.failures('wrong'))[0]?.reason).toContain('limited until');

  asked.length = 0;
  at += hourMs - 1;
  await harvester.harvest('wrong', true);
  expect(asked.some(({ path }) => path.startsWith('/liar'))).toBe(false);
  at += 1;
  await harvester.harvest('wrong', true);
  expect(asked.some(({ path }) => path.startsWith('/liar'))).toBe(true);
});

const floods: readonly (readonly [string, 'xfsc' | 'ces' | 'hanse', Serving, string])[] = [
  ['what is no credential', 'xfsc', catalogue(range(150).map((n) => `rubbish ${n}`)), '150 times'],
  [
    'pages without end',
    'xfsc',
    ({ searchParams }) => ({
      body: { totalCount: 1e9, items: searchParams.has('hashes') ? [] : range(3).map((n) => ({ meta: { assetHash: sha256Hex(`${n}`), status: 'active' } })) },
    }),
    'again and again',
  ],
  ['more than it was asked for', 'xfsc', () => ({ body: { totalCount: 5000, items: range(5000).map(() => ({})) } }), 'at once'],
  [
    'the same events again',
    'ces',
    () => ({ body: range(20).map((n) => ({ specversion: '1.0', id: `${n}`, type: 'x', data_base64: tokenOf(`urn:${n}`) })) }),
    'its pages do not go on',
  ],
  [
    'events whose ids look like a place',
    'ces',
    () => ({ body: range(20).map((n) => ({ specversion: '1.0', id: `{${n}`, type: 'x', data_base64: tokenOf(`urn:${n}`) })) }),
    'its pages do not go on',
  ],
  ['events without ids', 'ces', () => ({ body: [{}, 7, null] }), 'none of its events has an id'],
  [
    'a sequence that goes back',
    'hanse',
    ({ searchParams }) => ({
      body: {
        catalogue: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
        items: [{ seq: 2, digest: sha256Hex('a'), removed: true }],
        next: searchParams.get('after') === '0' ? 9 : 3,
        more: true,
      },
    }),
    'goes back',
  ],
];
it.each(floods)('%s: limited after a bounded number of requests', async (name, kind, serve, reason) => {
  serving.set('flood', serve);
  const harvester = harvesterOf([{ kind, at: base('flood') }]);
  await harvester.harvest(name);
  const [state] = await harvester.sources(name);
  expect(`${state?.limited?.reason} ${state?.reasons.map((each) => each.reason).join(' ')}`).toContain(reason);
  expect(asked.length).toBeLessThanOrEqual(150);
  expect(state?.held).toBeLessThanOrEqual(20);
});

it('another Hanse whose bytes were not what it announced is asked for them again: nothing is missing for good', async () => {
  const tokens = range(40).map((n) => tokenOf(`urn:shared:${n}`));
  let lies = (_: number): boolean => false;
  serving.set('other', ({ searchParams }) => {
    const after = Number(searchParams.get('after'));
    const items = tokens.map((token, n) => ({ seq: n + 1, digest: sha256Hex(token), credential: lies(n) ? tokenOf(`urn:other:${n}`) : token }));
    return { body: { catalogue: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', items: items.slice(after), next: tokens.length, more: false } };
  });
  const harvester = harvesterOf([{ kind: 'hanse', at: base('other') }]);
  const turn = async () => {
    await harvester.harvest('other');
    return (await harvester.sources('other'))[0];
  };
  lies = (n) => n === 3;
  expect(await turn()).toMatchObject({ held: 3, received: 3, refused: 1, limited: null, cursor: expect.stringMatching(/:3$/) });
  at += 2000;
  lies = (n) => n >= 20;
  expect(await turn()).toMatchObject({ held: 20, received: 20, limited: { reason: '20 times what it gave was not what it announced' } });
  at += hourMs;
  lies = () => false;
  expect(await turn()).toMatchObject({ held: 40, received: 40, limited: null, cursor: expect.stringMatching(/:40$/) });
});

it('an answer that is too large, or no JSON, or another form, is a failure, and is asked for again later and later', async () => {
  const bodies = [`[${'1,'.repeat(6_000_000)}1]`, '<html>', { items: 7 }];
  serving.set('broken', () => ({ body: bodies[0] }));
  const harvester = harvesterOf([{ kind: 'xfsc', at: base('broken') }]);
  const waits: number[] = [];
  for (const expected of ['too large', 'not JSON', 'totalCount']) {
    await harvester.harvest('broken', true);
    const [state] = await harvester.sources('broken');
    expect(state?.failure).toContain(expected);
    waits.push(Date.parse(state?.againAt ?? '') - at);
    bodies.shift();
    at += hourMs;
  }
  expect(waits).toEqual([10_000, 10_000, 10_000]);
  for (let n = 0; n < 20; n += 1) await harvester.harvest('broken', true);
  expect(Date.parse((await harvester.sources('broken'))[0]?.againAt ?? '') - at).toBe(hourMs);
});

it('a source that never answers holds up no other', async () => {
  serving.set('silent', () => null);
  serving.set('quick', catalogue([tokenOf('urn:quick')]));
  const harvester = harvesterOf([
    { kind: 'xfsc', at: base('silent') },
    { kind: 'xfsc', at: base('quick') },
  ]);
  const turn = harvester.harvest('silent');
  await vi.waitFor(async () => expect((await harvester.sources('silent'))[1]?.held).toBe(1), 20_000);
  expect((await harvester.sources('silent'))[0]?.held).toBe(0);
  servers[0]?.closeAllConnections();
  await turn;
});

it('what two brokers read at once is kept and counted once', async () => {
  const contents = range(230).map((n) => tokenOf(`urn:both:${n}`));
  serving.set('both', catalogue(contents));
  const sources: Source[] = [{ kind: 'xfsc', at: base('both') }];
  await Promise.all([harvesterOf(sources).harvest('both'), harvesterOf(sources).harvest('both')]);
  await harvesterOf(sources).harvest('both', true);
  expect(await harvesterOf(sources).sources('both')).toMatchObject([{ held: 230, received: 230, cursor: null }]);
});

it('keeps nothing for who did not read behind the last step', async () => {
  const rows = createHarvestRows(made.store);
  const { record } = await rows.standing('steps', 'xfsc x');
  const step = (id: string) => ({ items: [{ id, text: tokenOf(`urn:${id}`) }], declined: [], listed: [], gone: [], isSwept: false });
  expect(await rows.keep('steps', 'xfsc x', { cursor: 'one', version: -1, record }, step('one'), new Date(at))).toEqual({ removed: 0 });
  expect(await rows.keep('steps', 'xfsc x', { cursor: 'two', version: -1, record }, step('two'), new Date(at))).toBeNull();
  expect(await rows.keep('steps', 'xfsc x', { cursor: 'two', version: 0, record }, step('two'), new Date(at))).toEqual({ removed: 0 });
  expect(await rows.keep('steps', 'xfsc x', { cursor: 'three', version: 0, record }, step('three'), new Date(at))).toBeNull();
  expect(await rows.standing('steps', 'xfsc x')).toMatchObject({ cursor: 'two', version: 1 });
  expect((await rows.texts('steps', 'xfsc x')).map(({ id }) => id)).toEqual(['one', 'two']);
});

it('goes on after a page that was kept when the next one failed', async () => {
  const all = catalogue(range(150).map((n) => tokenOf(`urn:page:${n}`)));
  serving.set('pages', (url, request) => (Number(url.searchParams.get('offset') ?? 0) >= 100 ? { body: 'gone' } : all(url, request)));
  const harvester = harvesterOf([{ kind: 'xfsc', at: base('pages') }]);
  await harvester.harvest('pages');
  expect(await harvester.sources('pages')).toMatchObject([{ held: 100, failure: 'it is not JSON', cursor: expect.stringContaining('"offset":100') }]);
  serving.set('pages', all);
  asked.length = 0;
  await harvester.harvest('pages', true);
  expect(await harvester.sources('pages')).toMatchObject([{ held: 150, failure: null, cursor: null }]);
  expect(asked.some(({ path }) => path.includes('offset=0'))).toBe(false);
});

it('leads to no address inside, and its token goes to nobody else', async () => {
  const named = ['https://169.254.169.254/meta', `${base('other', 1)}`, 'https://127.0.0.1:1/x'].map((id) => ({ id, 'gx:digestSRI': 'sha256-00' }));
  const label = tokenOf('urn:label', { type: 'gx:LabelCredential', 'gx:compliantCredentials': named });
  serving.set('feed', () => ({ body: [{ specversion: '1.0', id: 'one', type: 'eu.gaia-x.credential', data_base64: label }] }));
  serving.set('other', () => ({ body: tokenOf('urn:other') }));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'a-secret');
  const harvester = harvesterOf([{ kind: 'ces', at: base('feed'), tokenFile }]);
  await harvester.harvest('inside');
  expect(asked.map(({ path, authorization, port }) => [path.split('?')[0], authorization, port === Number(hostOf(servers[0]).split(':')[1])])).toEqual([
    ['/feed/credentials-events', 'Bearer a-secret', true],
    ['/other', undefined, false],
  ]);
  const [state] = await harvester.sources('inside');
  expect(state?.reasons.map(({ reason }) => reason).toSorted()).toEqual([
    expect.stringContaining('127.0.0.1 is a loopback address'),
    expect.stringContaining('169.254.169.254 is a metadata address'),
    expect.stringContaining('the label in the feed is for sha256-00'),
  ]);
  expect(JSON.stringify(await made.store.db.selectFrom('harvest').selectAll().execute())).not.toContain('a-secret');
  await harvesterOf([{ kind: 'ces', at: base('feed') }], []).harvest('nowhere');
  expect(await harvesterOf([{ kind: 'ces', at: base('feed') }], []).sources('nowhere')).toMatchObject([{ failure: expect.stringContaining('loopback') }]);
});

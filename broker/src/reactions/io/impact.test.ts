import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { demoProviders, issueDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { aCluster, aFact } from '../../../../test/fixtures/worlds.ts';
import { judge, policyOf } from '../../catalogue/index.ts';
import { createStandings, type Judged, type Standings } from '../../catalogue/io/standings.ts';
import { usualCheckRules } from '../../catalogue/lifecycle.ts';
import type { SnapshotCluster } from '../../placement/index.ts';
import { createImpact, type ReadImpact } from './impact.ts';

const owner = 'default';
const at = Date.parse('2026-11-22T12:00:00Z');
let made: TestStore;
let standings: Standings;
let impact: ReadImpact;
let known: readonly SnapshotCluster[] = [];
beforeAll(async () => {
  made = await testStore();
  standings = createStandings(made.store, usualCheckRules);
  impact = createImpact({ store: made.store, decider: { known: async () => known } });
});
afterAll(() => made.close());

/** pa's label as it is issued at a time; the same issuer and id every time. `isTrusted`: whether its key is known. */
const label = (issuedAt: number, isTrusted = true): Judged & { readonly digest: string } => {
  const { files, issuers } = issueDemoCredentials(issuedAt, demoProviders);
  const judgement = judge(files['pa-label.jwt'] ?? '', new Map(), policyOf({ issuers: isTrusted ? issuers : [] }), new Date(at).toISOString());
  return { judgement, rests: () => [], digest: judgement.digest };
};
const note = (judged: readonly Judged[], gone: readonly string[], now: number) =>
  made.store.db.transaction().execute((tx) => standings.note(tx, owner, { judged, gone, now, isLooked: true }));
const shows = (digest: string | null): void => {
  known = [aCluster('pa', { facts: digest === null ? [] : [aFact('label', 'L2', { assurance: 'certified', credential: digest })] })];
};
const deploy = (name: string, source: string, word?: string) => {
  const opinion = (criterion: string, verdict: string, from: string) => ({ criterion, verdict, asked: criterion, found: '', source: from });
  const placement = {
    chosen: [{ cluster: 'pa', replicas: 1 }],
    candidates: [
      { cluster: 'pa', opinions: [opinion('label>=L1', 'satisfied', source), opinion('price', 'scored', source), opinion('reach', 'satisfied', 'observed')] },
      { cluster: 'pb', opinions: [opinion('label>=L1', 'satisfied', 'b'.repeat(64))] },
    ],
  };
  const record = { name, clusters: ['pa'], placement, ...(word !== undefined && { react: { proof: word } }) };
  return made.store.db
    .insertInto('application')
    .values({ owner, name, namespace: name, home: 'home', state: 'running', record: JSON.stringify(record) })
    .execute();
};

test('finds what rests on a credential through all that was issued in its place, and nothing that was renewed', async () => {
  const [first, second, third] = [label(at - 3000), label(at - 2000), label(at - 1000)];
  await deploy('shop', first.digest, 'act');
  // only the criteria of where it runs
  expect(await made.store.db.selectFrom('resting').select(['cluster', 'criterion', 'credential']).execute()).toEqual([
    { cluster: 'pa', criterion: 'label>=L1', credential: first.digest },
  ]);
  await note([first], [], at);
  shows(first.digest);
  expect(await impact(owner, { limit: 10 })).toEqual([]);
  expect(await impact(owner, { limit: 10, credential: first.digest.slice(0, 12) })).toMatchObject([{ application: 'shop', state: 'active', holds: true }]);

  // as when a source gives a newer one in its place, twice
  await note([second], [first.digest], at + 1);
  await note([third], [second.digest], at + 2);
  shows(third.digest);
  expect(await impact(owner, { limit: 10 })).toEqual([]);

  const taken = { ...label(at - 1000, false).judgement, digest: third.digest };
  await note([{ judgement: taken, rests: () => [] }], [], at + 3);
  shows(null);
  const lapsed = { application: 'shop', provider: 'pa', criterion: 'label>=L1', credential: third.digest, state: 'revoked', holds: false };
  expect(await impact(owner, { limit: 10 })).toMatchObject([{ ...lapsed, plan: { word: 'act', state: null } }]);
  expect(await impact(owner, { limit: 10, credential: third.digest })).toMatchObject([lapsed]);
  expect(await impact(owner, { limit: 10, provider: 'pb' })).toEqual([]);
  expect(await impact('somebody', { limit: 10 })).toEqual([]);
  expect((await standings.history(owner, first.digest)).map(({ state }) => state)).toEqual(['deprecated']);
});

test('forgets what went when nothing rests on it, and what was deleted', async () => {
  const [alone, next] = [label(at - 5000), label(at - 4000)];
  await note([alone], [], at);
  await note([next], [alone.digest], at + 1);
  expect((await standings.history(owner, alone.digest)).map(({ state }) => state)).toEqual(['gone']);
  expect(await made.store.db.selectFrom('standing').select('state').where('digest', '=', alone.digest).execute()).toEqual([]);
  await made.store.db.deleteFrom('application').execute();
  expect(await made.store.db.selectFrom('resting').selectAll().execute()).toEqual([]);
  await expect(impact(owner, { limit: 10, credential: 'ffffffffffff' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

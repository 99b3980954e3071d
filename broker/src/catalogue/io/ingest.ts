// From what sources give to rows of offers: kept byte for byte, judged on evidence gathered now, together with what each credential is tied to, and with nothing else.
import { setImmediate as breathe } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import type { Evidence, Found } from '../judge/evidence.ts';
import type { Catalogued, Judgement, Policy } from '../index.ts';
import { stateOf } from '../judge/judge.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { claimedBy, claimsOf, offeringsFrom } from '../offerings.ts';
import type { Claim } from '../offerings.ts';
import { restsOf } from '../rests.ts';
import { statementsOf } from '../statement.ts';
import type { Bases } from './bases.ts';
import type { Claims } from './claims.ts';
import type { EvidenceGatherer } from './gatherEvidence.ts';
import type { Gathering } from './gathering.ts';
import type { createJudge } from './judging.ts';
import { lockOffers, newestChange, noteIngestion, noteRefused, offerKey, refusedMax, writeOffers } from './offerRows.ts';
import type { Refused } from './offerRows.ts';
import { insideOf } from './received.ts';
import type { Received, ReceivedRows } from './received.ts';
import type { Judged, Standings } from './standings.ts';

export type Rejudged = {
  /** Of what was asked for and of everything tied to it; what is not among them, no source gives any more. */
  readonly judgements: readonly Judgement[];
  /** What they rest on. */
  readonly evidence: Evidence;
};

export type Ingest = {
  /** Everything an owner's sources give. */
  all(owner: string): Promise<void>;
  /** Judges these again and rewrites the offers that rest on them; `isAnew`: on evidence that is fetched anew, however young what is there. */
  again(owner: string, digests: readonly string[], isAnew?: boolean): Promise<Rejudged>;
  /** As they stand now; nothing is written. `null`: every credential that is given. */
  judged(owner: string, digests: readonly string[] | null): Promise<readonly Judgement[]>;
};

export type IngestOptions = {
  readonly store: Pick<Store, 'db'>;
  readonly rows: ReceivedRows;
  readonly gathering: Pick<Gathering, 'all'>;
  readonly gatherer: EvidenceGatherer;
  readonly bases: Bases;
  readonly judging: ReturnType<typeof createJudge>;
  readonly standings: Pick<Standings, 'note' | 'fallen'>;
  readonly claims: Claims;
  readonly policy: Policy;
  /** Of the configuration, under which offers were derived. */
  readonly basis: string;
  now(): number;
};

/** Judged and written at once: between two parts others get their turn. */
const partMax = 200;
/** Before a judgement: what was fetched for it needs not be fetched again because of it. */
const fetchedWithinMs = 5_000;
/** Judged in one go. */
const turnMs = 20;
/** Many credentials on one list are judged again one after the other: it is fetched once. */
const freshMs = 1000;

export function createIngest({ store, rows, gathering, gatherer, bases, judging, standings, claims, policy, basis, now }: IngestOptions): Ingest {
  const { db } = store;

  const judge = async (
    received: readonly Pick<Received, 'text'>[],
  ): Promise<{ readonly evidence: Evidence; readonly at: Date; readonly given: readonly Judgement[] }> => {
    const texts = received.map(({ text }) => text);
    const evidence = await gatherer.gather(texts, policy);
    const at = new Date(now());
    return { evidence, at, given: await inTurns(texts, (text) => judging(text, evidence, policy, at)) };
  };

  /** What another broker saw taken back is not believed again on a list that was fetched here before that. */
  const lookAgainAtFallen = async (owner: string, all: readonly Digested[]): Promise<void> => {
    const digests = all.map(({ digest }) => digest);
    const fallen = await standings.fallen(owner, digests);
    const texts = all.filter(({ digest }) => fallen.has(digest)).map(({ text }) => text);
    if (texts.length > 0) await gatherer.gather(texts, policy, new Map(), [...fallen.values()].reduce((last, at) => Math.max(last, at), 0) - fetchedWithinMs);
  };

  /** Judges these with what they ask for; what comes of it is told of these alone. `at`: since when a claim is believed that was not before. */
  const derive = async (owner: string, members: readonly string[], at: number): Promise<Part> => {
    const received = (await rows.find(owner, await rows.reach(owner, members, 'needed'))).filter((row) => row.given);
    const own = new Set(members);
    const all = [...received, ...received.flatMap((row) => insideOf(row).map((inside) => ({ ...inside, isOwn: own.has(row.digest) })))].map((each) => {
      const digest = sha256Hex(each.text);
      return { text: each.text, source: each.source, digest, isOwn: 'isOwn' in each ? each.isOwn : own.has(digest) };
    });
    await lookAgainAtFallen(owner, all);
    const made = await judge(received);
    const told = all.filter(({ isOwn }) => isOwn);
    const isTold = new Set(told.map(({ digest }) => digest));
    await bases.keep(
      owner,
      told.map(({ digest, text }) => ({ digest, received: text })),
      { evidence: made.evidence, policy, at: made.at },
    );
    const stated = statementsOf(made.given, policy);
    const { holdings, concerned } = await claims.note(owner, {
      believed: claimsOf(stated).filter(({ digest }) => isTold.has(digest)),
      released: stated.judgements.filter(({ digest }) => isTold.has(digest)).flatMap(takenBack),
      now: at,
    });
    const found = offeringsFrom(stated, holdings);
    const isRoot = found.grounds.map(({ root }) => isTold.has(root));
    const sourceOf = new Map(all.map(({ source, digest }) => [digest, source]));
    const textOf = new Map(told.map(({ text, digest }) => [digest, text]));
    const judgements = found.judgements.filter(({ digest }) => isTold.has(digest));
    return {
      at: made.at,
      evidence: made.evidence,
      judgements,
      digests: told.map(({ digest }) => digest),
      offerings: found.offerings.filter((_, index) => isRoot[index]),
      grounds: found.grounds.filter((_, index) => isRoot[index]),
      refused: found.rejected
        .filter(({ digest }) => isTold.has(digest))
        .map(({ digest, reason }): Refused => ({ source: sourceOf.get(digest) ?? digest, reason, digest })),
      judged: judgements.map((judgement): Judged => ({ judgement, rests: () => restsOf(textOf.get(judgement.digest) ?? '', made.evidence, policy) })),
      doubted: new Map(made.given.filter(({ digest }) => own.has(digest)).map((judgement) => [judgement.digest, isDoubted(judgement)])),
      concerned,
    };
  };

  /** `gone`: digests that nothing may rest on any more. */
  const lookAt = async (
    owner: string,
    digests: readonly string[],
    { at, gone = [], isLooked }: { readonly at: number; readonly gone?: readonly string[]; readonly isLooked: boolean },
  ): Promise<Looked> => {
    const before = await newestChange(store, owner);
    const parts = slices(digests);
    const keys = new Set<string>();
    const looked: Looked = { judgements: [], evidence: new Map(), concerned: [] };
    for (const part of parts.length === 0 ? [[]] : parts) {
      const made = await derive(owner, part, at);
      await db.transaction().execute(async (tx) => {
        // an offer may rest on what is looked at in another part
        await writeOffers(tx, owner, { ...made, digests: parts.length > 1 ? [] : [...made.digests, ...gone] });
        await noteRefused(tx, owner, [...made.digests, ...gone], made.refused);
        looked.concerned.push(...made.concerned, ...(await rows.doubt(tx, owner, made.doubted)));
        await standings.note(tx, owner, { judged: made.judged, gone: [], now: made.at.getTime(), isLooked });
      });
      for (const offering of made.offerings) keys.add(offerKey(offering));
      for (const [address, piece] of made.evidence) looked.evidence.set(address, piece);
      looked.judgements.push(...made.judgements);
    }
    if (parts.length > 1) await sweep(db, owner, { keys, before, among: [...digests, ...gone] });
    return looked;
  };

  return {
    async all(owner) {
      const at = now();
      const before = await newestChange(store, owner);
      const { standing, failures } = await gathering.all(owner);
      const { went } = await rows.settle(owner, standing, new Date(at));
      const refused: Refused[] = failures.map((failure) => ({ ...failure, digest: null }));
      const keys = new Set<string>();
      const concerned = new Set<string>();
      for await (const part of rows.parts(owner)) {
        const made = await derive(owner, part, at);
        await db.transaction().execute(async (tx) => {
          await writeOffers(tx, owner, { ...made, digests: [] });
          for (const digest of [...made.concerned, ...(await rows.doubt(tx, owner, made.doubted))]) concerned.add(digest);
          await standings.note(tx, owner, { judged: made.judged, gone: [], now: made.at.getTime(), isLooked: false });
        });
        for (const offering of made.offerings) keys.add(offerKey(offering));
        if (refused.length < refusedMax) refused.push(...made.refused);
      }
      await sweep(db, owner, { keys, before, among: null });
      await db.transaction().execute((tx) => standings.note(tx, owner, { judged: [], gone: went, now: at, isLooked: false }));
      await noteIngestion(store, owner, { at, basis, rejected: refused.slice(0, refusedMax) });
      // what an earlier part did not know yet: somebody claims the same, or is believed again
      if (concerned.size > 0) await lookAt(owner, await rows.reach(owner, [...concerned], 'needing'), { at, isLooked: false });
    },
    async again(owner, digests, isAnew = true) {
      const there = await rows.holding(owner, digests);
      const sinceMs = isAnew ? now() - freshMs : undefined;
      const at = now();
      await gatherer.gather(
        there.filter((row) => row.given).map(({ text }) => text),
        policy,
        new Map(),
        sinceMs,
      );
      const gone = [...there.filter((row) => !row.given).flatMap((row) => [row.digest, ...insideOf(row).map(({ text }) => sha256Hex(text))]), ...digests];
      const concerned = await rows.reach(
        owner,
        there.map(({ digest }) => digest),
        'needing',
      );
      const looked = await lookAt(owner, concerned, { at, gone, isLooked: true });
      const more = looked.concerned.filter((digest) => !concerned.includes(digest));
      if (more.length > 0) await lookAt(owner, await rows.reach(owner, more, 'needing'), { at, isLooked: false });
      const found = new Set(looked.judgements.map(({ digest }) => digest));
      const lost = digests.filter((digest) => !found.has(digest));
      if (lost.length > 0) await db.transaction().execute((tx) => standings.note(tx, owner, { judged: [], gone: lost, now: now(), isLooked: true }));
      return { judgements: looked.judgements, evidence: looked.evidence };
    },
    async judged(owner, digests) {
      if (digests === null) {
        const found: Judgement[] = [];
        for await (const part of rows.parts(owner)) found.push(...(await together(owner, part)));
        return found;
      }
      const there = await rows.holding(owner, digests);
      return together(
        owner,
        there.filter((row) => row.given).map(({ digest }) => digest),
      );
    },
  };

  /** With what they ask for; nothing is written. */
  async function together(owner: string, members: readonly string[]): Promise<readonly Judgement[]> {
    const received = (await rows.find(owner, await rows.reach(owner, members, 'needed'))).filter((row) => row.given);
    const { given } = await judge(received);
    const own = new Set(received.filter(({ digest }) => members.includes(digest)).flatMap((row) => [row, ...insideOf(row)].map(({ text }) => sha256Hex(text))));
    return statementsOf(given, policy).judgements.filter(({ digest }) => own.has(digest));
  }
}

type Part = Pick<Catalogued, 'offerings' | 'grounds' | 'judgements'> & {
  readonly at: Date;
  readonly evidence: Evidence;
  readonly digests: readonly string[];
  readonly refused: readonly Refused[];
  readonly judged: readonly Judged[];
  /** Of what was given: whether its issuer did not sign it. */
  readonly doubted: ReadonlyMap<string, boolean>;
  /** Others that have to be looked at because of it. */
  readonly concerned: readonly string[];
};

type Looked = { readonly judgements: Judgement[]; readonly evidence: Map<string, Found>; readonly concerned: string[] };

/** That it was shown to be somebody else's word, or to hold such: not that it could not be found out. */
const isDoubted = (judgement: Judgement): boolean =>
  judgement.checks.some(({ name, result }) => result === 'failed' && (name === 'issuer' || name === 'key' || name === 'signature')) ||
  judgement.contents.some(isDoubted);

/** A claim whose credential its issuer or the configuration took back; what only ended or could not be verified may come again. */
function takenBack(judgement: Judgement): readonly Claim[] {
  const state = stateOf(judgement);
  return state === 'revoked' || state === 'refused' ? claimedBy(judgement) : [];
}

function slices(digests: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(digests.length / partMax) }, (_, index) => digests.slice(index * partMax, (index + 1) * partMax));
}

type Digested = { readonly digest: string; readonly text: string };

/** Strangers decide how many are tied together, and how long each takes: everybody else gets a turn in between. */
async function inTurns<Item, Made>(items: readonly Item[], one: (item: Item) => Made): Promise<readonly Made[]> {
  const made: Made[] = [];
  let since = performance.now();
  for (const item of items) {
    made.push(one(item));
    if (performance.now() - since < turnMs) continue;
    await breathe();
    since = performance.now();
  }
  return made;
}

/**
 * What nothing that is given supports any more, a broker that died between two steps included; what came meanwhile from elsewhere is left alone. `among`: what
 * rests on any of these; null: everything.
 */
async function sweep(
  db: Store['db'],
  owner: string,
  { keys, before, among }: { readonly keys: ReadonlySet<string>; readonly before: number; readonly among: readonly string[] | null },
): Promise<void> {
  const standing = db.selectFrom('offer').select('key').where('owner', '=', owner).where('removed', '=', false).where('seq', '<=', String(before));
  const rows = await (among === null ? standing : standing.where(sql<boolean>`credentials && ${[...among]}::text[]`)).execute();
  const gone = rows.map(({ key }) => key).filter((key) => !keys.has(key));
  if (gone.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await lockOffers(tx, owner);
    await sql`update offer set removed = true, seq = nextval('offer_order')
      where owner = ${owner} and key = any(${gone}::text[]) and not removed and seq <= ${before}`.execute(tx);
  });
}

// From what sources give to rows of offers: kept byte for byte, judged on evidence gathered now, together with what each credential is tied to, and with nothing else.
import { setImmediate as breathe } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import type { Evidence } from '../judge/evidence.ts';
import { offeringsOf } from '../index.ts';
import type { Catalogued, Judgement, Policy } from '../index.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { restsOf } from '../rests.ts';
import { tiedTogether, wordOfInside, wordsOf } from '../words.ts';
import type { Bases } from './bases.ts';
import type { EvidenceGatherer } from './gatherEvidence.ts';
import type { Gathering } from './gathering.ts';
import type { createJudge } from './judging.ts';
import { lockOffers, newestChange, noteIngestion, noteRefused, offerKey, refusedMax, writeOffers } from './offerRows.ts';
import type { Refused } from './offerRows.ts';
import { insideOf } from './received.ts';
import type { ReceivedRows } from './received.ts';
import type { Received } from './sources.ts';
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
  readonly policy: Policy;
  /** Of the configuration, under which offers were derived. */
  readonly basis: string;
  now(): number;
};

/** Judged and written at once: between two batches others get their turn. */
const batchMax = 200;
/** Before a judgement: what was fetched for it needs not be fetched again because of it. */
const fetchedWithinMs = 5_000;
/** Judged in one go. */
const turnMs = 20;
/** Many credentials on one list are judged again one after the other: it is fetched once. */
const freshMs = 1000;

export function createIngest({ store, rows, gathering, gatherer, bases, judging, standings, policy, basis, now }: IngestOptions): Ingest {
  const { db } = store;

  const judge = async (received: readonly Received[], sinceMs?: number): Promise<Catalogued & { readonly evidence: Evidence; readonly at: Date }> => {
    const texts = received.map(({ text }) => text);
    const evidence = await gatherer.gather(texts, policy, new Map(), sinceMs);
    const at = new Date(now());
    const judgements = await inTurns(texts, (text) => judging(text, evidence, policy, at));
    return { ...offeringsOf(judgements, policy), evidence, at };
  };

  /** What another broker saw taken back is not believed again on a list that was fetched here before that. */
  const lookAgainAtFallen = async (owner: string, all: readonly Digested[]): Promise<void> => {
    const digests = all.map(({ digest }) => digest);
    const fallen = await standings.fallen(owner, digests);
    const texts = all.filter(({ digest }) => fallen.has(digest)).map(({ text }) => text);
    if (texts.length > 0) await gatherer.gather(texts, policy, new Map(), [...fallen.values()].reduce((last, at) => Math.max(last, at), 0) - fetchedWithinMs);
  };

  /** `gone`: digests that nothing may rest on any more. */
  const derive = async (owner: string, received: readonly Received[], { gone = [], sinceMs }: { gone?: readonly string[]; sinceMs?: number } = {}) => {
    const all = [...received, ...received.flatMap(insideOf)].map((each) => ({ ...each, digest: sha256Hex(each.text) }));
    await lookAgainAtFallen(owner, all);
    const made = await judge(received, sinceMs);
    await bases.keep(
      owner,
      all.map(({ digest, text }) => ({ digest, received: text })),
      { evidence: made.evidence, policy, at: made.at },
    );
    const sourceOf = new Map(all.map(({ source, digest }) => [digest, source]));
    const refused = made.rejected.map(({ digest, reason }): Refused => ({ source: sourceOf.get(digest) ?? digest, reason, digest }));
    const digests = [...all.map(({ digest }) => digest), ...gone];
    const textOf = new Map(all.map(({ text, digest }) => [digest, text]));
    const judged = made.judgements.map((judgement): Judged => ({
      judgement,
      rests: () => restsOf(textOf.get(judgement.digest) ?? '', made.evidence, policy),
    }));
    return { ...made, digests, refused, judged };
  };

  return {
    async all(owner) {
      const at = now();
      const before = await newestChange(store, owner);
      const { received, failures } = await gathering.all(owner);
      const { went } = await rows.keep(owner, received, new Date(at));
      const distinct = [...new Map(received.map((each) => [sha256Hex(each.text), each])).values()].map((each) => ({ ...each, words: wordsOf(each.text) }));
      const refused: Refused[] = failures.map((failure) => ({ ...failure, digest: null }));
      const keys = new Set<string>();
      for (const batch of batches(tiedTogether(distinct))) {
        const made = await derive(owner, batch);
        await db.transaction().execute(async (tx) => {
          await writeOffers(tx, owner, made);
          await standings.note(tx, owner, { judged: made.judged, gone: [], now: made.at.getTime(), isLooked: false });
        });
        for (const offering of made.offerings) keys.add(offerKey(offering));
        refused.push(...made.refused);
      }
      await sweep(db, owner, { keys, before });
      await db.transaction().execute((tx) => standings.note(tx, owner, { judged: [], gone: went, now: at, isLooked: false }));
      await noteIngestion(store, owner, { at, basis, rejected: refused.slice(0, refusedMax) });
    },
    async again(owner, digests, isAnew = true) {
      const tied = await rows.tiedTo(owner, digests);
      // as much as all of it: the asked are fetched anew for, the rest is judged with them
      const concerned = tied ?? (await rows.given(owner));
      const given = concerned.filter((row) => row.given);
      const asked = new Set([...digests, ...digests.map(wordOfInside)]);
      const sinceMs = isAnew ? now() - freshMs : undefined;
      await gatherer.gather(
        given.filter((row) => asked.has(row.digest) || row.words.some((word) => asked.has(word))).map(({ text }) => text),
        policy,
        new Map(),
        sinceMs,
      );
      const gone = [
        ...concerned
          .filter((row) => !row.given)
          .flatMap((row) => [row, ...insideOf(row)])
          .map(({ text }) => sha256Hex(text)),
        ...digests,
      ];
      const made = await derive(owner, given, { gone });
      await db.transaction().execute(async (tx) => {
        await writeOffers(tx, owner, made);
        await noteRefused(tx, owner, made.digests, made.refused);
        const found = new Set(made.judgements.map(({ digest }) => digest));
        const lost = digests.filter((digest) => !found.has(digest));
        await standings.note(tx, owner, { judged: made.judged, gone: lost, now: made.at.getTime(), isLooked: true });
      });
      return { judgements: made.judgements, evidence: made.evidence };
    },
    async judged(owner, digests) {
      const found = digests === null ? await rows.given(owner) : ((await rows.tiedTo(owner, digests)) ?? (await rows.given(owner)));
      return (await judge(found.filter((row) => row.given))).judgements;
    },
  };
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

function* batches<Item>(groups: readonly (readonly Item[])[]): Iterable<readonly Item[]> {
  let batch: Item[] = [];
  for (const group of groups) {
    if (batch.length > 0 && batch.length + group.length > batchMax) {
      yield batch;
      batch = [];
    }
    batch.push(...group);
  }
  if (batch.length > 0) yield batch;
}

/** What nothing that is given supports any more, a broker that died between two steps included; what came meanwhile from elsewhere is left alone. */
async function sweep(db: Store['db'], owner: string, { keys, before }: { readonly keys: ReadonlySet<string>; readonly before: number }): Promise<void> {
  const rows = await db.selectFrom('offer').select('key').where('owner', '=', owner).where('removed', '=', false).where('seq', '<=', String(before)).execute();
  const gone = rows.map(({ key }) => key).filter((key) => !keys.has(key));
  if (gone.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await lockOffers(tx, owner);
    await sql`update offer set removed = true, seq = nextval('offer_order')
      where owner = ${owner} and key = any(${gone}::text[]) and not removed and seq <= ${before}`.execute(tx);
  });
}

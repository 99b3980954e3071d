// From what sources give to rows of offers: kept byte for byte, judged on evidence gathered now, together with what each credential is tied to, and with nothing else.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import type { Evidence, Found } from '../judge/evidence.ts';
import type { Judgement } from '../index.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import type { Gathering } from './gathering.ts';
import { lockOffers, newestChange, noteIngestion, noteRefused, offerKey, refusedMax, writeOffers } from './offerRows.ts';
import type { Refused } from './offerRows.ts';
import { createParts } from './parts.ts';
import type { PartsOptions } from './parts.ts';
import { insideOf } from './received.ts';
import type { ReceivedRows } from './received.ts';
import type { Standings } from './standings.ts';

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
  /** As they stand now; nothing is written. */
  judged(owner: string, digests: readonly string[]): Promise<readonly Judgement[]>;
};

export type IngestOptions = PartsOptions & {
  readonly store: Pick<Store, 'db'>;
  readonly rows: ReceivedRows;
  readonly gathering: Pick<Gathering, 'all'>;
  readonly standings: Pick<Standings, 'note' | 'fallen'>;
  /** Of the configuration, under which offers were derived. */
  readonly basis: string;
};

/** Judged and written at once: between two parts others get their turn. */
const partMax = 200;
/** Many credentials on one list are judged again one after the other: it is fetched once. */
const freshMs = 1000;

export function createIngest(options: IngestOptions): Ingest {
  const { store, rows, gathering, gatherer, standings, policy, basis, now } = options;
  const { db } = store;
  const parts = createParts(options);

  /** `gone`: digests that nothing may rest on any more. */
  const lookAt = async (
    owner: string,
    digests: readonly string[],
    { at, gone = [], isLooked }: { readonly at: number; readonly gone?: readonly string[]; readonly isLooked: boolean },
  ): Promise<Looked> => {
    const before = await newestChange(store, owner);
    const slices = slicesOf(digests);
    const keys = new Set<string>();
    const looked: Looked = { judgements: [], evidence: new Map(), concerned: [] };
    for (const part of slices.length === 0 ? [[]] : slices) {
      const made = await parts.derive(owner, part, at);
      await db.transaction().execute(async (tx) => {
        // an offer may rest on what is looked at in another part
        await writeOffers(tx, owner, { ...made, digests: slices.length > 1 ? [] : [...made.digests, ...gone] });
        await noteRefused(tx, owner, [...made.digests, ...gone], made.refused);
        looked.concerned.push(...made.concerned, ...(await rows.doubt(tx, owner, made.doubted)));
        await standings.note(tx, owner, { judged: made.judged, gone: [], now: made.at.getTime(), isLooked });
      });
      for (const offering of made.offerings) keys.add(offerKey(offering));
      for (const [address, piece] of made.evidence) looked.evidence.set(address, piece);
      looked.judgements.push(...made.judgements);
    }
    if (slices.length > 1) await sweep(db, owner, { keys, before, among: [...digests, ...gone] });
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
        const made = await parts.derive(owner, part, at);
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
      const there = await rows.holding(owner, digests);
      return parts.together(
        owner,
        there.filter((row) => row.given).map(({ digest }) => digest),
      );
    },
  };
}

type Looked = { readonly judgements: Judgement[]; readonly evidence: Map<string, Found>; readonly concerned: string[] };

function slicesOf(digests: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(digests.length / partMax) }, (_, index) => digests.slice(index * partMax, (index + 1) * partMax));
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

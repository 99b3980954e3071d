// What sources gave, in tables. Of a step everything is kept at once with the cursor behind it, or nothing.
import { sql } from 'kysely';
import { document } from '../../../store/document.ts';
import type { Store, Tx } from '../../../store/io/store.ts';
import { sha256Hex } from '../../judge/pure-crypto.ts';
import { mediaTypeOf } from '../received.ts';
import type { HeldMax } from './limits.ts';
import { readRecord, type HarvestRecord } from './record.ts';
import type { Item } from './step.ts';

export type Standing = { readonly cursor: string | null; readonly version: number; readonly record: HarvestRecord };
export type Kept = {
  readonly items: readonly Item[];
  /** Known, and not taken: their bytes need not be fetched again. */
  readonly declined: readonly string[];
  readonly listed: readonly string[];
  readonly gone: readonly string[];
  /** What was not listed in this walk is gone. */
  readonly isSwept: boolean;
};
export type Held = { readonly items: number; readonly bytes: number };

export type HarvestRows = {
  standing(owner: string, source: string): Promise<Standing>;
  all(owner: string): Promise<ReadonlyMap<string, Standing & Held>>;
  records(owner: string): Promise<ReadonlyMap<string, HarvestRecord>>;
  /** Of these items the first that there is room for, beside what the source gave before and is still kept. */
  room(owner: string, source: string, items: readonly Item[], most: HeldMax): Promise<readonly Item[]>;
  /** By the ids that it uses, the digest of what it stands for. */
  items(owner: string, source: string): Promise<ReadonlyMap<string, string>>;
  /** Of these ids, those that are known here, each with the digest of what it stands for; '': its bytes were not taken. */
  known(owner: string, source: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** null: another broker moved this source on in the meantime, and nothing was kept. Answers how many are gone. */
  keep(owner: string, source: string, moved: Standing, kept: Kept | null, at: Date): Promise<{ readonly removed: number } | null>;
  /** Everything that the source stands for now. */
  texts(owner: string, source: string): Promise<readonly { readonly id: string; readonly text: string; readonly at: Date }[]>;
};

const rowsAtOnce = 500;

export function createHarvestRows({ db }: Pick<Store, 'db'>): HarvestRows {
  const ofSource = (owner: string, source: string) =>
    db.selectFrom('harvest_item').select(['id', 'digest']).where('owner', '=', owner).where('source', '=', source);
  return {
    async standing(owner, source) {
      const row = await db.selectFrom('harvest').selectAll().where('owner', '=', owner).where('source', '=', source).executeTakeFirst();
      return { cursor: row?.cursor ?? null, version: row?.version ?? -1, record: readRecord(row?.record ?? {}) };
    },
    async all(owner) {
      const rows = await db
        .selectFrom('harvest as h')
        .leftJoin('harvest_item as i', (join) => join.onRef('i.owner', '=', 'h.owner').onRef('i.source', '=', 'h.source').on('i.digest', '<>', ''))
        .select(['h.source', 'h.cursor', 'h.version', 'h.record'])
        .select(({ fn }) => [fn.count<number>('i.id').as('items'), fn.coalesce(fn.sum<number>('i.bytes'), sql<number>`0`).as('bytes')])
        .where('h.owner', '=', owner)
        .groupBy(['h.owner', 'h.source'])
        .execute();
      return new Map(rows.map(({ source, record, ...row }) => [source, { ...row, record: readRecord(record) }]));
    },
    async records(owner) {
      const rows = await db.selectFrom('harvest').select(['source', 'record']).where('owner', '=', owner).execute();
      return new Map(rows.map(({ source, record }) => [source, readRecord(record)]));
    },
    async room(owner, source, items, most) {
      if (items.length === 0) return [];
      const held = await db
        .selectFrom('credential_giver')
        .select(({ fn }) => [fn.countAll<number>().as('items'), fn.coalesce(fn.sum<number>('bytes'), sql<number>`0`).as('bytes')])
        .where('owner', '=', owner)
        .where('source', '=', source)
        .executeTakeFirstOrThrow();
      const digested = items.map((item) => ({ item, digest: sha256Hex(item.text) }));
      const { rows } = await sql<{ digest: string }>`select digest from credential_giver
        where owner = ${owner} and source = ${source} and digest = any(${digested.map(({ digest }) => digest)}::text[])`.execute(db);
      const there = new Set(rows.map(({ digest }) => digest));
      let { items: count, bytes } = held;
      return digested.flatMap(({ item, digest }) => {
        if (there.has(digest)) return [item];
        there.add(digest);
        count += 1;
        bytes += Buffer.byteLength(item.text);
        return count > most.items || bytes > most.bytes ? [] : [item];
      });
    },
    async items(owner, source) {
      const rows = await ofSource(owner, source).execute();
      return new Map(rows.map(({ id, digest }) => [id, digest]));
    },
    async known(owner, source, ids) {
      if (ids.length === 0) return new Map();
      const rows = await ofSource(owner, source).where('id', 'in', ids).execute();
      return new Map(rows.map(({ id, digest }) => [id, digest]));
    },
    keep: (owner, source, moved, kept, at) => db.transaction().execute((tx) => keep(tx, { owner, source, at }, moved, kept)),
    async texts(owner, source) {
      const rows = await db
        .selectFrom('harvest_item as i')
        .innerJoin('credential as c', (join) => join.onRef('c.owner', '=', 'i.owner').onRef('c.digest', '=', 'i.digest'))
        .select(['i.id', 'i.at', 'c.bytes'])
        .where('i.owner', '=', owner)
        .where('i.source', '=', source)
        .orderBy('i.id')
        .execute();
      return rows.map(({ id, at, bytes }) => ({ id, at, text: bytes.toString() }));
    },
  };
}

/** How it is called where it is shown. */
export const labelOf = (source: string, id: string): string =>
  id === '' ? source : /^(ces|xfsc|did|hanse) |:\/\//.test(source) ? `${source} ${id}` : `${source.replace(/\/$/, '')}/${id}`;

type Of = { readonly owner: string; readonly source: string; readonly at: Date };

async function keep(tx: Tx, of: Of, moved: Standing, kept: Kept | null): Promise<{ readonly removed: number } | null> {
  if (!(await move(tx, of, moved))) return null;
  if (kept === null) return { removed: 0 };
  const { owner, source, at } = of;
  const { walk } = moved.record;
  const fresh = kept.items.map(({ id, text }) => ({ id, text, digest: sha256Hex(text), bytes: Buffer.from(text) }));
  const rows = [
    ...fresh.map(({ id, digest, bytes }) => ({ owner, source, id, digest, bytes: bytes.length, at, walk })),
    ...kept.declined.map((id) => ({ owner, source, id, digest: '', bytes: 0, at, walk })),
  ];
  const credentials = [...new Map(fresh.map((each) => [each.digest, each])).values()].map(({ id, text, digest, bytes }) => {
    return { owner, digest, bytes, media_type: mediaTypeOf(text), source: labelOf(source, id), received_at: at };
  });
  for (let from = 0; from < credentials.length; from += rowsAtOnce)
    await tx
      .insertInto('credential')
      .values(credentials.slice(from, from + rowsAtOnce))
      // held, so that it is not swept at the same moment
      .onConflict((conflict) =>
        conflict.columns(['owner', 'digest']).doUpdateSet({ idle_since: sql<Date | null>`case when credential.given then null else excluded.received_at end` }),
      )
      .execute();
  // twice in one step under one id: the last counts, as between two steps
  const byId = [...new Map(rows.map((row) => [row.id, row])).values()];
  for (let from = 0; from < byId.length; from += rowsAtOnce)
    await tx
      .insertInto('harvest_item')
      .values(byId.slice(from, from + rowsAtOnce))
      .onConflict((conflict) =>
        conflict.columns(['owner', 'source', 'id']).doUpdateSet(({ ref }) => ({
          digest: ref('excluded.digest'),
          bytes: ref('excluded.bytes'),
          at: ref('excluded.at'),
          walk: ref('excluded.walk'),
        })),
      )
      .execute();
  if (kept.listed.length > 0)
    await tx.updateTable('harvest_item').set({ walk }).where('owner', '=', owner).where('source', '=', source).where('id', 'in', kept.listed).execute();
  return { removed: (await removeGone(tx, of, kept)) + (kept.isSwept ? await sweep(tx, of, walk) : 0) };
}

async function move(tx: Tx, { owner, source }: Of, { cursor, version, record }: Standing): Promise<boolean> {
  const json = document(record);
  if (version < 0) {
    const made = await tx
      .insertInto('harvest')
      .values({ owner, source, cursor, record: json })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return made.numInsertedOrUpdatedRows === 1n;
  }
  const { numUpdatedRows } = await tx
    .updateTable('harvest')
    .set({ cursor, record: json, version: version + 1 })
    .where('owner', '=', owner)
    .where('source', '=', source)
    .where('version', '=', version)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

async function removeGone(tx: Tx, { owner, source }: Of, { gone }: Kept): Promise<number> {
  if (gone.length === 0) return 0;
  const { numDeletedRows } = await tx
    .deleteFrom('harvest_item')
    .where('owner', '=', owner)
    .where('source', '=', source)
    .where('id', 'in', gone)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

async function sweep(tx: Tx, { owner, source }: Of, walk: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('harvest_item')
    .where('owner', '=', owner)
    .where('source', '=', source)
    .where('walk', '<', walk)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

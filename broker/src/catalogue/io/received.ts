// Credentials as received, byte for byte: what sources give now, what they no longer give, and which of them ask for each other.
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import { enclosedTokens, readReceived } from '../judge/credential.ts';
import type { Policy } from '../judge/policy.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { saidOf } from '../said.ts';
import { insideOfWord, tiedBy, tiesOf, wordOfInside } from '../words.ts';

export type Received = { readonly digest: string; readonly text: string; readonly source: string; readonly given: boolean; readonly doubted: boolean };

/** `needed`: what these ask for, and what that asks for; `needing`: what asks for these. */
export type Way = 'needed' | 'needing';

export type ReceivedRows = {
  /** Holds what is marked as given against what sources stand for; answers what came and what went, with what stood only inside of it. */
  settle(owner: string, standing: Standing, at: Date): Promise<{ readonly came: number; readonly went: readonly string[] }>;
  /** Everything that is given, of one issuer after the other, in parts that fit into memory. */
  parts(owner: string): AsyncIterable<readonly string[]>;
  /** Digests of what is given, these included where they are. */
  reach(owner: string, digests: readonly string[], way: Way): Promise<readonly string[]>;
  /** What these asked for and sources gave at that time, these and what they stood inside of included; what went before that and came again is among it. */
  reachAt(owner: string, digests: readonly string[], at: Date): Promise<readonly string[]>;
  /** These, and what they stand inside of. */
  holding(owner: string, digests: readonly string[]): Promise<readonly Received[]>;
  find(owner: string, digests: readonly string[]): Promise<readonly Received[]>;
  /** Writes whether their issuers signed them; answers those that are doubted no longer. */
  doubt(within: Store['db'], owner: string, doubted: ReadonlyMap<string, boolean>): Promise<readonly string[]>;
};

/** `since`: what a notice board gave before that (milliseconds since 1970) stands on none any more. */
export type Standing = { readonly sources: readonly string[]; readonly boards: readonly string[]; readonly since: number };

const rowsAtOnce = 200;
/** Held in memory at once, and twice that with what it asks for. */
export const bytesAtOnce = 16 * 1024 * 1024;
/** Asked for together: what came first is taken, so that nobody is pushed out by what comes later. */
const neededMax = 2_000;
const neededBytesMax = 64 * 1024 * 1024;
/** Ask for one thing: more are looked at when everything is. */
const needingMax = 20_000;

/** Under a name of their own: what a source gave is not what stood inside of it. */
export function insideOf({ source, text }: Pick<Received, 'source' | 'text'>): Pick<Received, 'source' | 'text'>[] {
  const read = readReceived(text);
  if ('part' in read || read.kind === 'credential') return [];
  return enclosedTokens(read).map((each) => ({ source: `${source} (in ${sha256Hex(text).slice(0, 12)})`, text: each }));
}

export function createReceivedRows({ db }: Pick<Store, 'db'>, policy: Pick<Policy, 'issuers'>): ReceivedRows {
  const ofOwner = (owner: string) => db.selectFrom('credential').select(['digest', 'bytes', 'source', 'given', 'doubted']).where('owner', '=', owner);
  const key = tiedBy(policy);
  const find: ReceivedRows['find'] = async (owner, digests) => {
    const found: Received[] = [];
    for (let at = 0; at < digests.length; at += rowsAtOnce)
      found.push(
        ...(
          await ofOwner(owner)
            .where('digest', 'in', digests.slice(at, at + rowsAtOnce))
            .execute()
        ).map(receivedOf),
      );
    return found.toSorted((left, right) => (left.digest < right.digest ? -1 : 1));
  };
  return {
    find,
    async settle(owner, standing, at) {
      const stands = sql`select digest from harvest_item where owner = ${owner} and digest <> '' and source = any(${[...standing.sources]}::text[])
        and (source <> all(${[...standing.boards]}::text[]) or at > ${new Date(standing.since)})`;
      let came = 0;
      let after = '';
      for (;;) {
        // words are made anew where the configuration says otherwise who may speak of others
        const { rows } = await sql<{ digest: string; size: number }>`
          select digest, octet_length(bytes) as size from credential
          where owner = ${owner} and digest > ${after} and (not given or tied_by <> ${key}) and digest in (${stands}) order by digest limit ${rowsAtOnce}`.execute(
          db,
        );
        const part = fitting(rows);
        if (part.length === 0) break;
        after = part.at(-1) ?? after;
        came += part.length;
        await take(db, owner, await find(owner, part), { policy, key, at });
      }
      const gone = await sql<{ digest: string; words: string[] }>`
        update credential set given = false, idle_since = ${at} where owner = ${owner} and given and digest not in (${stands})
        returning digest, case when media_type = 'application/vp+jwt' then words else '{}' end as words`.execute(db);
      const inside = [...new Set(gone.rows.flatMap(({ words }) => words.flatMap((word) => insideOfWord(word) ?? [])))];
      return { came, went: [...gone.rows.map(({ digest }) => digest), ...(await outside(db, owner, inside))] };
    },
    async *parts(owner) {
      let [signer, digest] = ['', ''];
      for (;;) {
        const { rows } = await sql<{ digest: string; signer: string; size: number }>`
          select digest, signer, octet_length(bytes) as size from credential
          where owner = ${owner} and given and (signer, digest) > (${signer}, ${digest}) order by signer, digest limit ${rowsAtOnce}`.execute(db);
        const part = fitting(rows);
        const last = rows[part.length - 1];
        if (last === undefined) return;
        [signer, digest] = [last.signer, last.digest];
        yield part;
      }
    },
    reach: (owner, digests, way) =>
      way === 'needed' ? needed(db, owner, digests, { own: sql`given`, others: sql`given and not doubted` }) : needing(db, owner, digests),
    async reachAt(owner, digests, at) {
      const then = sql`received_at <= ${at} and (given or idle_since > ${at})`;
      const around = await sql<{ digest: string }>`
        select digest from credential where owner = ${owner} and ${then} and words && ${digests.map(wordOfInside)}::text[] order by received_at, digest limit ${rowsAtOnce}`.execute(
        db,
      );
      return needed(db, owner, [...digests, ...around.rows.map(({ digest }) => digest)], { own: sql`true`, others: then });
    },
    async holding(owner, digests) {
      return find(owner, [...new Set([...digests, ...(await around(db, owner, digests))])]);
    },
    async doubt(within, owner, doubted) {
      const [digests, flags] = [[...doubted.keys()], [...doubted.values()]];
      const { rows } = await sql<{ digest: string; doubted: boolean }>`
        update credential c set doubted = found.doubted from unnest(${digests}::text[], ${flags}::boolean[]) found (digest, doubted)
        where c.owner = ${owner} and c.digest = found.digest and c.doubted <> found.doubted returning c.digest, c.doubted`.execute(within);
      return rows.filter((row) => !row.doubted).map(({ digest }) => digest);
    },
  };
}

/** Of these, what nobody gives or shows any more. */
async function outside(db: Store['db'], owner: string, digests: readonly string[]): Promise<readonly string[]> {
  if (digests.length === 0) return [];
  const { rows } = await sql<{ digest: string }>`
    select digest from credential c where owner = ${owner} and digest = any(${[...digests]}::text[]) and not given
      and not exists (select from credential p where p.owner = c.owner and p.given and p.words && array['in ' || c.digest])`.execute(db);
  return rows.map(({ digest }) => digest);
}

/** Anybody may show what is not theirs: of each so many that hold it, and the first of each before the second of any. */
const aroundMax = 20;

async function around(db: Store['db'], owner: string, digests: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ digest: string; size: number }>`
    select held.digest, min(held.size) as size from unnest(${digests.map(wordOfInside)}::text[]) named (word), lateral (
      select digest, octet_length(bytes) as size, row_number() over (order by doubted, received_at, digest) as place from credential
      where owner = ${owner} and given and words && array[named.word] order by place limit ${aroundMax}
    ) held group by held.digest order by min(held.place), held.digest limit ${rowsAtOnce + digests.length}`.execute(db);
  return fitting(rows, neededBytesMax);
}

/** The first of them that fit into memory together, at least one. */
function fitting(rows: readonly { readonly digest: string; readonly size: number }[], bytesMax = bytesAtOnce): readonly string[] {
  let bytes = 0;
  return rows.filter(({ size }, index) => (bytes += size) <= bytesMax || index === 0).map(({ digest }) => digest);
}

type Tie = {
  readonly digest: string;
  readonly size: number;
  readonly is_presentation: boolean;
  readonly words: readonly string[];
  readonly asks: readonly string[];
};

const tie = sql`digest, octet_length(bytes) as size, media_type = 'application/vp+jwt' as is_presentation, words, asks`;

/** More are not looked up one by one. */
const lookedUpMax = 100;

/** `&&` holds each word of a row against each of the others; where they are many, they are hashed instead (bench ingest). */
const haveSome = (column: 'words' | 'asks', words: readonly string[]): RawBuilder<unknown> =>
  words.length > lookedUpMax
    ? sql`exists (select from unnest(${sql.ref(column)}) own where own = any(${[...words]}::text[]))`
    : sql`${sql.ref(column)} && ${[...words]}::text[]`;

/** Which rows count. */
type Counting = { readonly own: RawBuilder<unknown>; readonly others: RawBuilder<unknown> };

async function needed(db: Store['db'], owner: string, digests: readonly string[], counting: Counting): Promise<readonly string[]> {
  const own = await sql<Tie>`select ${tie} from credential where owner = ${owner} and ${counting.own} and digest = any(${[...digests]}::text[])`.execute(db);
  const found = new Set<string>();
  const covered = new Set<string>();
  const take = ({ digest, words }: Tie): void => {
    found.add(digest);
    for (const each of [digest, ...words.flatMap((word) => insideOfWord(word) ?? [])]) covered.add(each);
  };
  const asked = new Set<string>();
  const open = (rows: readonly Tie[]): string[] => [...new Set(rows.flatMap(({ asks }) => asks))].filter((word) => !asked.has(word));
  for (const row of own.rows) take(row);
  let words = open(own.rows);
  let bytes = 0;
  while (words.length > 0 && found.size < digests.length + neededMax) {
    for (const word of words) asked.add(word);
    const { rows } = await sql<Tie>`
      select ${tie} from credential where owner = ${owner} and ${counting.others} and ${haveSome('words', words)} and digest <> all(${[...found]}::text[])
      order by media_type, received_at, digest limit ${neededMax}`.execute(db);
    const taken: Tie[] = [];
    for (const row of rows) {
      // who shows what others have shown already adds nothing to it
      const isShown = row.is_presentation && row.words.flatMap((word) => insideOfWord(word) ?? []).every((digest) => covered.has(digest));
      if (isShown || found.size >= digests.length + neededMax || (bytes += row.size) > neededBytesMax) continue;
      take(row);
      taken.push(row);
    }
    words = open(taken);
  }
  return [...found];
}

async function needing(db: Store['db'], owner: string, digests: readonly string[]): Promise<readonly string[]> {
  const own = await sql<{ digest: string; given: boolean; words: string[] }>`
    select digest, given, words from credential where owner = ${owner} and digest = any(${[...digests]}::text[])`.execute(db);
  const found = new Set(own.rows.filter(({ given }) => given).map(({ digest }) => digest));
  const told = new Set<string>();
  let words = [...new Set(own.rows.flatMap((row) => row.words))];
  while (words.length > 0 && found.size < needingMax) {
    for (const word of words) told.add(word);
    const { rows } = await sql<{ digest: string; words: string[] }>`
      select digest, words from credential where owner = ${owner} and given and not doubted and ${haveSome('asks', words)} and digest <> all(${[...found]}::text[])
      order by received_at, digest limit ${needingMax - found.size}`.execute(db);
    for (const { digest } of rows) found.add(digest);
    words = [...new Set(rows.flatMap((row) => row.words))].filter((word) => !told.has(word));
  }
  return [...found];
}

type Row = { readonly digest: string; readonly bytes: Buffer; readonly source: string; readonly given: boolean; readonly doubted: boolean };

const receivedOf = ({ bytes, ...row }: Row): Received => ({ ...row, text: bytes.toString() });

type Taking = { readonly policy: Pick<Policy, 'issuers'>; readonly key: string; readonly at: Date };

/** Marks them as given, with their words, and keeps what stands inside of them. */
async function take(db: Store['db'], owner: string, received: readonly Received[], { policy, key, at }: Taking): Promise<void> {
  const ties = received.map(({ digest, text }) => ({ digest, ...tiesOf(text, policy), ...saidOf(text) }));
  await sql`update credential c set given = true, idle_since = null, tied_by = ${key}, signer = row.signer, words = row.tells, asks = row.asks,
      types = row.types, id = row.id, issuer = row.issuer
    from jsonb_to_recordset(${JSON.stringify(ties)}::jsonb) as row (digest text, signer text, tells text[], asks text[], types text[], id text, issuer text)
    where c.owner = ${owner} and c.digest = row.digest`.execute(db);
  const inside = [...new Map(received.flatMap(insideOf).map((each) => [sha256Hex(each.text), each]))];
  const rows = inside.map(([digest, { text, source }]) => ({
    digest,
    owner,
    bytes: Buffer.from(text),
    media_type: mediaTypeOf(text),
    source,
    received_at: at,
    idle_since: at,
    ...saidOf(text),
  }));
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await db
      .insertInto('credential')
      .values(rows.slice(from, from + rowsAtOnce))
      // what stands inside of something else may be given for itself too
      .onConflict((conflict) =>
        conflict.columns(['owner', 'digest']).doUpdateSet(({ ref }) => ({
          idle_since: sql<Date | null>`case when credential.given then null else excluded.received_at end`,
          types: ref('excluded.types'),
          id: ref('excluded.id'),
          issuer: ref('excluded.issuer'),
        })),
      )
      .execute();
}

export function mediaTypeOf(text: string): string {
  const read = readReceived(text);
  if ('part' in read) return /^\s*[{[]/.test(text) ? 'application/json' : 'application/jwt';
  return read.kind === 'presentation' ? 'application/vp+jwt' : 'application/vc+jwt';
}

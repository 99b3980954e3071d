// Credentials as received, byte for byte: what sources give now, what they no longer give, and which of them are tied to each other.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import { enclosedTokens, readReceived } from '../judge/credential.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { wordOfInside, wordsOf } from '../words.ts';
import type { Received } from './sources.ts';

/** Of the table. */
export type Tied = { readonly digest: string; readonly text: string; readonly source: string; readonly given: boolean; readonly words: readonly string[] };

export type ReceivedRows = {
  /** Keeps what is new and what stands inside of it, and marks the rest as no longer given; answers the digests of what came and what went. */
  keep(owner: string, received: readonly Received[], at: Date): Promise<{ readonly came: readonly string[]; readonly went: readonly string[] }>;
  /** What this source gave the last time it answered. */
  lastFrom(owner: string, source: string): Promise<Received[]>;
  /** These and all that is tied to them, also what is no longer given; null: more than can be judged at once. */
  tiedTo(owner: string, digests: readonly string[]): Promise<readonly Tied[] | null>;
  find(owner: string, digests: readonly string[]): Promise<readonly Tied[]>;
  given(owner: string): Promise<readonly Tied[]>;
};

const rowsAtOnce = 500;
const tiedMax = 5000;

/** Under a name of their own: what a source gave is not what stood inside of it. */
export function insideOf({ source, text }: Received): Received[] {
  const read = readReceived(text);
  if ('part' in read || read.kind === 'credential') return [];
  return enclosedTokens(read).map((each) => ({ source: `${source} (in ${sha256Hex(text).slice(0, 12)})`, text: each }));
}

export function createReceivedRows({ db }: Pick<Store, 'db'>): ReceivedRows {
  const ofOwner = (owner: string) => db.selectFrom('credential').select(['digest', 'bytes', 'source', 'given', 'words']).where('owner', '=', owner);
  const some: ReceivedRows['find'] = async (owner, digests) => {
    const found: Tied[] = [];
    for (let at = 0; at < digests.length; at += rowsAtOnce)
      found.push(
        ...(
          await ofOwner(owner)
            .where('digest', 'in', digests.slice(at, at + rowsAtOnce))
            .execute()
        ).map(tiedOf),
      );
    return found;
  };
  return {
    find: some,
    async keep(owner, received, at) {
      const now = new Map(received.map((each) => [sha256Hex(each.text), each]));
      const before = new Set(
        (await db.selectFrom('credential').select('digest').where('owner', '=', owner).where('given', '=', true).execute()).map((row) => row.digest),
      );
      const came = [...now.keys()].filter((digest) => !before.has(digest));
      const went = [...before].filter((digest) => !now.has(digest));
      for (let from = 0; from < came.length; from += rowsAtOnce) {
        const top = came.slice(from, from + rowsAtOnce).flatMap((digest) => now.get(digest) ?? []);
        await insert(db, owner, { received: top, given: true, at });
        await insert(db, owner, { received: top.flatMap(insideOf), given: false, at });
      }
      for (let from = 0; from < went.length; from += rowsAtOnce)
        await db
          .updateTable('credential')
          .set({ given: false })
          .where('owner', '=', owner)
          .where('digest', 'in', went.slice(from, from + rowsAtOnce))
          .execute();
      return { came, went };
    },
    async lastFrom(owner, source) {
      const rows = await ofOwner(owner).where('source', '=', source).where('given', '=', true).execute();
      return rows.map(({ bytes }) => ({ source, text: bytes.toString() }));
    },
    async tiedTo(owner, digests) {
      const found = new Map((await some(owner, digests)).map((row) => [row.digest, row]));
      const asked = new Set<string>();
      let words = [...digests.map(wordOfInside), ...[...found.values()].flatMap((row) => row.words)];
      while (words.length > 0) {
        for (const word of words) asked.add(word);
        const rows = await ofOwner(owner)
          .where(sql<boolean>`words && ${words}::text[]`)
          .limit(tiedMax + 1)
          .execute();
        for (const row of rows) if (!found.has(row.digest)) found.set(row.digest, tiedOf(row));
        if (found.size > tiedMax) return null;
        words = [...new Set(rows.flatMap((row) => row.words))].filter((word) => !asked.has(word));
      }
      return [...found.values()].toSorted((left, right) => (left.digest < right.digest ? -1 : 1));
    },
    given: async (owner) => (await ofOwner(owner).where('given', '=', true).orderBy('digest').execute()).map(tiedOf),
  };
}

type Row = { readonly digest: string; readonly bytes: Buffer; readonly source: string; readonly given: boolean; readonly words: readonly string[] };

const tiedOf = ({ bytes, ...row }: Row): Tied => ({ ...row, text: bytes.toString() });

async function insert(
  db: Store['db'],
  owner: string,
  { received, given, at }: { readonly received: readonly Received[]; given: boolean; at: Date },
): Promise<void> {
  const distinct = new Map(received.map((each) => [sha256Hex(each.text), each]));
  const rows = [...distinct].map(([digest, { text, source }]) => ({
    digest,
    owner,
    bytes: Buffer.from(text),
    media_type: mediaTypeOf(text),
    source,
    received_at: at,
    given,
    words: given ? [...wordsOf(text)] : [],
  }));
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const put = db.insertInto('credential').values(rows.slice(from, from + rowsAtOnce));
    // what stands inside of something else may be given for itself too
    await put
      .onConflict((conflict) => {
        const known = conflict.columns(['owner', 'digest']);
        return given
          ? known.doUpdateSet(({ ref }) => ({ given: true, words: ref('excluded.words'), source: ref('excluded.source'), received_at: at }))
          : known.doNothing();
      })
      .execute();
  }
}

function mediaTypeOf(text: string): string {
  const read = readReceived(text);
  if ('part' in read) return /^\s*[{[]/.test(text) ? 'application/json' : 'application/jwt';
  return read.kind === 'presentation' ? 'application/vp+jwt' : 'application/vc+jwt';
}

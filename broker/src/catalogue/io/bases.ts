// What each credential was judged on, so that the judgement can be made again: its evidence and the policy, as bytes under their digests.
import { sql } from 'kysely';
import { z } from 'zod';
import type { Store } from '../../store/io/store.ts';
import type { Evidence, Found } from '../judge/evidence.ts';
import type { Policy } from '../judge/policy.ts';
import { document } from '../../store/document.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { wanted } from '../wanted.ts';

const piece = z.union([z.object({ address: z.string(), digest: z.string(), fetchedAt: z.string() }), z.object({ address: z.string(), failure: z.string() })]);
const basisForm = z.object({ policy: z.string(), evidence: z.array(piece) });
export type Basis = z.infer<typeof basisForm>;

/** `at`: RFC 3339, when it was judged on this the first time. */
export type Replayable = { readonly at: string; readonly basis: Basis; readonly evidence: Evidence; readonly policy: Policy };

const keptMax = 50;
const rowsAtOnce = 200;
/** Read again from the table when it is asked for again. */
const newestMax = 200_000;
/** Of an owner: what would be more is judged on and not kept. */
export const evidenceBytesMax = 4 * 1024 * 1024 * 1024;
/** How much there is is counted again when so much was written: other brokers write too. */
const countAgainBytes = 64 * 1024 * 1024;
/** Any number that only this means. */
const basesLock = 7_480_010;

export type Bases = {
  /** The key of what this credential is judged on: the same, the same judgement at the same time. */
  keyOf(received: string, evidence: Evidence, policy: Policy): string;
  /** Keeps what changed since the last time. */
  keep(
    owner: string,
    judged: readonly { readonly digest: string; readonly received: string }[],
    on: { readonly evidence: Evidence; readonly policy: Policy; readonly at: Date },
  ): Promise<void>;
  /** The newest that was judged at `at` or before; null: it was never judged then. Of its evidence the pieces up to `bytesMax`: shapes are megabytes. */
  find(owner: string, digest: string, at: Date, bytesMax?: number): Promise<Replayable | null>;
  /** When what it rests on changed, newest first. */
  times(owner: string, digest: string): Promise<readonly string[]>;
};

export function createBases({ db }: Pick<Store, 'db'>, bytesMax = evidenceBytesMax): Bases {
  /** Owner and credential → key of its newest row. */
  const newest = new Map<string, string>();
  const counted: Counted = new Map();
  const texts = new WeakMap<object, string>();
  const textOf = (policy: Policy): string => {
    const text = texts.get(policy) ?? JSON.stringify(policy);
    texts.set(policy, text);
    return text;
  };
  const digests = new WeakMap<Found, string>();
  const digestOf = (found: Found): string => {
    const digest = digests.get(found) ?? ('failure' in found ? 'failure' : sha256Hex(found.text));
    digests.set(found, digest);
    return digest;
  };
  const piecesOf = (received: string, evidence: Evidence, policy: Policy): (readonly [string, Found])[] =>
    wanted(received, evidence, policy).flatMap(({ address }) => {
      const found = evidence.get(address);
      return found === undefined ? [] : [[address, found] as const];
    });
  const keyOf: Bases['keyOf'] = (received, evidence, policy) =>
    sha256Hex([sha256Hex(textOf(policy)), ...piecesOf(received, evidence, policy).map(([address, found]) => `${address} ${digestOf(found)}`)].join('\n'));

  const learn = async (owner: string, wantedDigests: readonly string[]): Promise<void> => {
    for (let at = 0; at < wantedDigests.length; at += rowsAtOnce) {
      const rows = await db
        .selectFrom('credential_basis')
        .distinctOn('credential')
        .select(['credential', 'basis_key'])
        .where('owner', '=', owner)
        .where('credential', 'in', wantedDigests.slice(at, at + rowsAtOnce))
        .orderBy('credential')
        .orderBy('seq', 'desc')
        .execute();
      for (const { credential, basis_key: key } of rows) newest.set(`${owner} ${credential}`, key);
    }
  };

  return {
    keyOf,
    async keep(owner, judged, { evidence, policy, at }) {
      await learn(
        owner,
        judged.map(({ digest }) => digest).filter((digest) => !newest.has(`${owner} ${digest}`)),
      );
      const changed = judged
        .map((each) => ({ ...each, key: keyOf(each.received, evidence, policy) }))
        .filter(({ digest, key }) => newest.get(`${owner} ${digest}`) !== key);
      for (let from = 0; from < changed.length; from += rowsAtOnce) {
        const some = changed.slice(from, from + rowsAtOnce);
        const bytes = new Map<string, string>([[sha256Hex(textOf(policy)), textOf(policy)]]);
        const rows = some.map(({ digest, received, key }) => {
          const pieces = piecesOf(received, evidence, policy).map(([address, found]) => {
            if ('failure' in found) return { address, failure: found.failure };
            bytes.set(digestOf(found), found.text);
            return { address, digest: digestOf(found), fetchedAt: found.fetchedAt };
          });
          const basis: Basis = { policy: sha256Hex(textOf(policy)), evidence: pieces };
          return { owner, credential: digest, at, basis: document(basis), basis_key: key };
        });
        await db.transaction().execute(async (within) => {
          // what one broker is about to name another one must not take for left over
          await sql`select pg_advisory_xact_lock(${basesLock})`.execute(within);
          const fresh = await thatFits(within, owner, { fresh: await notKept(within, owner, bytes), counted, bytesMax });
          if (fresh.length > 0)
            await within
              .insertInto('evidence')
              .values(fresh)
              .onConflict((conflict) => conflict.doNothing())
              .execute();
          await within.insertInto('credential_basis').values(rows).execute();
          await forget(
            within,
            owner,
            some.map(({ digest }) => digest),
          );
        });
        if (newest.size > newestMax) newest.clear();
        for (const { digest, key } of some) newest.set(`${owner} ${digest}`, key);
      }
    },
    find: (owner, digest, at, bytesMax) => find(db, owner, { digest, at, bytesMax }),
    times: (owner, digest) => times(db, owner, digest),
  };
}

/** Shapes are megabytes, and the same for every credential: they cross to the database once. */
async function notKept(db: Store['db'], owner: string, bytes: ReadonlyMap<string, string>) {
  const rows = await db
    .selectFrom('evidence')
    .select('digest')
    .where('owner', '=', owner)
    .where('digest', 'in', [...bytes.keys()])
    .execute();
  const there = new Set(rows.map(({ digest }) => digest));
  return [...bytes].filter(([digest]) => !there.has(digest)).map(([digest, text]) => ({ owner, digest, bytes: Buffer.from(text) }));
}

/** A list that changes every minute would fill the tables: of each credential the newest are kept, and of the evidence what they name. */
async function forget(db: Store['db'], owner: string, credentials: readonly string[]): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('credential_basis')
    .where('seq', 'in', (query) =>
      query
        .selectFrom((inner) =>
          inner
            .selectFrom('credential_basis')
            .select(({ fn }) => [
              'seq',
              fn
                .agg<number>('row_number')
                .over((over) => over.partitionBy('credential').orderBy('seq', 'desc'))
                .as('place'),
            ])
            .where('owner', '=', owner)
            .where('credential', 'in', credentials)
            .as('placed'),
        )
        .select('placed.seq')
        .where('placed.place', '>', keptMax),
    )
    .executeTakeFirstOrThrow();
  if (numDeletedRows > 0n) await forgetUnnamed(db, owner);
}

/** What nothing names any more, where rows that named it went. */
export async function forgetEvidence(tx: Store['db'], owner: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${basesLock})`.execute(tx);
  await forgetUnnamed(tx, owner);
}

const forgetUnnamed = (db: Store['db'], owner: string): Promise<unknown> =>
  sql`
    delete from evidence where owner = ${owner} and digest not in (
      select basis ->> 'policy' from credential_basis where owner = ${owner}
      union
      select piece ->> 'digest' from credential_basis, jsonb_array_elements(basis -> 'evidence') piece where owner = ${owner} and piece ? 'digest'
    )`.execute(db);

type Piece = { readonly owner: string; readonly digest: string; readonly bytes: Buffer };

/** Of an owner: bytes at the last count, and written since. */
type Counted = Map<string, { readonly bytes: number; readonly written: number }>;

/** What may be kept. The small ones first: the many are DID documents, the large are lists of those who make them large. */
async function thatFits(
  db: Store['db'],
  owner: string,
  { fresh, counted, bytesMax }: { readonly fresh: readonly Piece[]; readonly counted: Counted; readonly bytesMax: number },
): Promise<readonly Piece[]> {
  if (fresh.length === 0) return [];
  const size = fresh.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const last = counted.get(owner);
  const isKnown = last !== undefined && last.written + size <= countAgainBytes && last.bytes + last.written + size <= bytesMax;
  const { bytes: before, written } = isKnown ? last : { bytes: await evidenceBytes(db, owner), written: 0 };
  let room = bytesMax - before - written;
  const fits = fresh.toSorted((left, right) => left.bytes.length - right.bytes.length).filter(({ bytes }) => (room -= bytes.length) >= 0);
  counted.set(owner, { bytes: before, written: written + fits.reduce((sum, { bytes }) => sum + bytes.length, 0) });
  return fits;
}

/** How much evidence of an owner is kept. */
export async function evidenceBytes(db: Store['db'], owner: string): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`select coalesce(sum(octet_length(bytes)), 0) as bytes from evidence where owner = ${owner}`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

type Finding = { readonly digest: string; readonly at: Date; readonly bytesMax: number | undefined };

async function find(db: Store['db'], owner: string, { digest, at, bytesMax }: Finding): Promise<Replayable | null> {
  const row = await db
    .selectFrom('credential_basis')
    .select(['at', 'basis'])
    .where('owner', '=', owner)
    .where('credential', '=', digest)
    .where('at', '<=', at)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const basis = basisForm.parse(row.basis);
  const named = [basis.policy, ...basis.evidence.flatMap((each) => ('digest' in each ? [each.digest] : []))];
  const pieces = db.selectFrom('evidence').select(['digest', 'bytes']).where('owner', '=', owner).where('digest', 'in', named);
  const small = bytesMax === undefined ? pieces : pieces.where(sql<boolean>`(octet_length(bytes) <= ${bytesMax} or digest = ${basis.policy})`);
  const rows = await small.execute();
  const bytes = new Map(rows.map((each) => [each.digest, each.bytes.toString()]));
  const policy = bytes.get(basis.policy);
  if (policy === undefined) return null;
  const evidence = new Map(
    basis.evidence.map((each): [string, Found] => {
      if ('failure' in each) return [each.address, { failure: each.failure }];
      const text = bytes.get(each.digest);
      return [each.address, text === undefined ? { failure: 'its bytes are not kept' } : { text, fetchedAt: each.fetchedAt }];
    }),
  );
  // written by this file, from a Policy
  return { at: row.at.toISOString(), basis, evidence, policy: JSON.parse(policy) as Policy };
}

async function times(db: Store['db'], owner: string, digest: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('credential_basis')
    .select('at')
    .where('owner', '=', owner)
    .where('credential', '=', digest)
    .orderBy('seq', 'desc')
    .limit(keptMax)
    .execute();
  return rows.map(({ at }) => at.toISOString());
}

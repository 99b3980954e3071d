// What runs on proofs that lapsed, read from what placements rest on: found by the credential, not by looking through the applications.
import { sql } from 'kysely';
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Decider } from '../../placement/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import { type Impact, impacts, type Resting, type State } from '../impact.ts';
import { words } from '../rules.ts';
import { createRows } from './rows.ts';

export type ImpactAsked = {
  /** Digest or its first characters: everything that rests on it or on what it replaced, also where nothing is the matter with it. */
  readonly credential?: string | undefined;
  /** Our name of a cluster. */
  readonly provider?: string | undefined;
  readonly limit: number;
};

/** NOT_FOUND for a digest that nothing is known of. */
export type ReadImpact = (owner: string, asked: ImpactAsked) => Promise<readonly Impact[]>;

type Db = Store['db'];
const states = ['active', 'expiring', 'suspended', 'expired', 'revoked', 'deprecated', 'unverifiable', 'refused', 'gone'] as const;
const row = z.object({
  digest: z.string(),
  state: z.enum(states),
  since: z.date(),
  valid_until: z.date().nullable(),
  why: z.string().nullable(),
  successor: z.string().nullable(),
});
const resting = z.object({
  application: z.string(),
  cluster: z.string(),
  criterion: z.string(),
  credential: z.string(),
  word: z.enum(words).nullable().catch(null),
});
const rowsAtOnce = 1000;
/** Issued anew so often in a row: more is followed no further. */
const linesMax = 50;

export function createImpact({ store, decider }: { readonly store: Store; readonly decider: Pick<Decider, 'known'> }): ReadImpact {
  const { db } = store;
  const reactions = createRows(store);
  return async (owner, asked) => {
    const digest = asked.credential === undefined ? null : await fullDigest(db, owner, asked.credential);
    const rests = await restingOn(db, owner, { ...asked, digest });
    if (rests.length === 0) return [];
    const [known, open] = await Promise.all([decider.known(owner), reactions.open(owner)]);
    const names = new Set(rests.map(({ cluster }) => cluster));
    const clusters = known.filter(({ name }) => names.has(name));
    const digests = [...rests.map(({ credential }) => credential), ...clusters.flatMap(({ facts }) => facts.map(({ credential }) => credential))];
    const found = await statesOf(db, owner, digests);
    const listed = impacts(rests, { states: found, clusters, reactions: open, all: digest !== null });
    return listed.slice(0, asked.limit);
  };
}

async function fullDigest(db: Db, owner: string, prefix: string): Promise<string> {
  const { rows } = await sql<{ digest: string }>`
    select digest from credential where owner = ${owner} and digest like ${`${prefix}%`}
    union select digest from standing where owner = ${owner} and digest like ${`${prefix}%`}
    union select credential from resting where owner = ${owner} and credential like ${`${prefix}%`} limit 2`.execute(db);
  const [first, other] = rows;
  if (first !== undefined && other === undefined) return first.digest;
  const message = first === undefined ? `There is no credential ${prefix}.` : `More than one credential begins with ${prefix}.`;
  throw new HanseError('NOT_FOUND', message, {
    fix: 'hanse credential list shows them; the first six characters of a digest are enough where only one has them.',
  });
}

/** What rests on one credential, or on any that is not simply active; in the order of applications. */
async function restingOn(
  db: Db,
  owner: string,
  { digest, provider, limit }: { readonly digest: string | null; readonly provider?: string | undefined; readonly limit: number },
): Promise<readonly Resting[]> {
  const which =
    digest === null
      ? sql`left join standing on standing.owner = resting.owner and standing.digest = resting.credential
          where (standing.state is null or standing.state <> 'active')`
      : sql`where resting.credential in (
          with recursive line(digest, depth) as (
            select ${digest}::text, 0
            union select standing.digest, depth + 1 from standing join line on standing.successor = line.digest
              where standing.owner = ${owner} and depth < ${linesMax}
          ) select digest from line)`;
  const at = provider === undefined ? sql`` : sql`and resting.cluster = ${provider}`;
  // some of them turn out to hold by another proof: those do not count against the limit
  const { rows } = await sql`
    select resting.application, resting.cluster, resting.criterion, resting.credential, application.record -> 'react' ->> 'proof' as word
    from resting join application on application.owner = resting.owner and application.name = resting.application
    ${which} and resting.owner = ${owner} ${at}
    order by resting.application, resting.cluster, resting.criterion limit ${limit * 10}`.execute(db);
  return rows.map((each) => resting.parse(each));
}

/** Of these and of what took their place. */
async function statesOf(db: Db, owner: string, digests: readonly string[]): Promise<ReadonlyMap<string, State>> {
  const found = new Map<string, State>();
  let wanted = [...new Set(digests)];
  for (let round = 0; round < linesMax && wanted.length > 0; round += 1) {
    const asked = new Set(wanted);
    const successors = new Set<string>();
    for (let from = 0; from < wanted.length; from += rowsAtOnce) {
      const rows = await db
        .selectFrom('standing')
        .select(['digest', 'state', 'since', 'valid_until', 'why', 'successor'])
        .where('owner', '=', owner)
        .where('digest', 'in', wanted.slice(from, from + rowsAtOnce))
        .execute();
      for (const each of rows) {
        const { digest, state, since, valid_until: until, why, successor } = row.parse(each);
        found.set(digest, { digest, state, since: since.toISOString(), until: until?.toISOString() ?? null, why, successor });
        if (successor !== null) successors.add(successor);
      }
    }
    wanted = [...successors].filter((digest) => !found.has(digest) && !asked.has(digest));
  }
  return found;
}

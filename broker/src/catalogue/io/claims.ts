// Who claims which cluster, as rows: the claim that was believed first stands, for as long as it is believed and a while longer.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import type { Claim, Holding } from '../offerings.ts';

/** A claim that is believed no longer keeps others out for this: an outage of its proof must not lose a cluster to whoever waits for it. */
export const claimHoldsMs = 7 * 86_400_000;
/** When a claim was believed last is written no more often. */
const noteMs = 3_600_000;
/** Told on an offer. */
const othersMax = 5;
/** Any number that only this means. */
const claimsLock = 7_480_013;

export type Claims = {
  /**
   * `believed` now; `released`: claims that their issuers or our own configuration took back, free for others at once. Answers whose these clusters are, and
   * the credentials of the other claimants where something about them has changed.
   */
  note(
    owner: string,
    noted: { readonly believed: readonly Claim[]; readonly released: readonly Claim[]; readonly now: number },
  ): Promise<{ readonly holdings: ReadonlyMap<string, Holding>; readonly concerned: readonly string[] }>;
};

type Row = { readonly cluster: string; readonly issuer: string; readonly digest: string; readonly since: Date; readonly last_at: Date };

export function createClaims({ db }: Pick<Store, 'db'>): Claims {
  const rowsOf = async (within: Store['db'], owner: string, clusters: readonly string[], now: number): Promise<readonly Row[]> => {
    // of thousands who claim the same, the first
    const { rows } = await sql<Row>`
      select named.cluster, c.issuer, c.digest, c.since, c.last_at from unnest(${[...clusters]}::text[]) named (cluster), lateral (
        select issuer, digest, since, last_at from cluster_claim
        where owner = ${owner} and cluster = named.cluster and last_at > ${new Date(now - claimHoldsMs)}
        order by since, issuer limit ${othersMax + 1}
      ) c order by named.cluster, c.since, c.issuer`.execute(within);
    return rows;
  };
  return {
    async note(owner, { believed, released, now }) {
      const clusters = [...new Set([...believed, ...released].map(({ cluster }) => cluster))].toSorted();
      if (clusters.length === 0) return { holdings: new Map(), concerned: [] };
      const known = await ownRows(db, owner, believed);
      const isNew = (claim: Claim): boolean => {
        const row = known.get(keyOf(claim));
        return row === undefined || row.digest !== claim.digest || row.last_at.getTime() < now - noteMs;
      };
      const written = believed.filter(isNew);
      if (written.length === 0 && released.length === 0) return { holdings: holdingsOf(await rowsOf(db, owner, clusters, now)), concerned: [] };
      return db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${claimsLock}, hashtext(${owner}))`.execute(tx);
        const before = holdingsOf(await rowsOf(tx, owner, clusters, now));
        await sql`delete from cluster_claim c using ${named(released)} where c.owner = ${owner}
          and c.cluster = named.cluster and c.issuer = named.issuer and c.digest = named.digest`.execute(tx);
        const at = new Date(now);
        // of one issuer's claims to one cluster the last, as if they were written one after the other
        const last = [...new Map(written.map((claim) => [keyOf(claim), claim])).values()];
        await sql`insert into cluster_claim (owner, cluster, issuer, digest, since, last_at)
          select ${owner}, named.cluster, named.issuer, named.digest, ${at}::timestamptz, ${at}::timestamptz from ${named(last)}
          on conflict (owner, cluster, issuer) do update set digest = excluded.digest, last_at = greatest(cluster_claim.last_at, excluded.last_at),
            since = case when cluster_claim.last_at <= ${new Date(now - claimHoldsMs)} then excluded.since else cluster_claim.since end`.execute(tx);
        const rows = await rowsOf(tx, owner, clusters, now);
        const after = holdingsOf(rows);
        const changed = new Set(clusters.filter((cluster) => JSON.stringify(before.get(cluster)) !== JSON.stringify(after.get(cluster))));
        const own = new Set(believed.map(({ digest }) => digest));
        const concerned = rows.filter(({ cluster, digest }) => changed.has(cluster) && !own.has(digest)).map(({ digest }) => digest);
        return { holdings: after, concerned: [...new Set(concerned)] };
      });
    },
  };
}

const named = (claims: readonly Claim[]) => {
  const column = (key: 'cluster' | 'issuer' | 'digest'): string[] => claims.map((claim) => claim[key]);
  return sql`unnest(${column('cluster')}::text[], ${column('issuer')}::text[], ${column('digest')}::text[]) named (cluster, issuer, digest)`;
};

const keyOf = ({ cluster, issuer }: Pick<Claim, 'cluster' | 'issuer'>): string => JSON.stringify([cluster, issuer]);

async function ownRows(db: Store['db'], owner: string, claims: readonly Claim[]): Promise<ReadonlyMap<string, Row>> {
  const { rows } = await sql<Row>`
    select c.cluster, c.issuer, c.digest, c.since, c.last_at from cluster_claim c
    join unnest(${claims.map(({ cluster }) => cluster)}::text[], ${claims.map(({ issuer }) => issuer)}::text[]) named (cluster, issuer)
      on named.cluster = c.cluster and named.issuer = c.issuer where c.owner = ${owner}`.execute(db);
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** `rows`: of each cluster in the order in which they were believed. */
function holdingsOf(rows: readonly Row[]): ReadonlyMap<string, Holding> {
  const byCluster = new Map<string, Row[]>();
  for (const row of rows) byCluster.set(row.cluster, [...(byCluster.get(row.cluster) ?? []), row]);
  return new Map(
    [...byCluster].flatMap(([cluster, [first, ...others]]) => {
      if (first === undefined) return [];
      const isShared = others[0]?.since.getTime() === first.since.getTime();
      const named = (isShared ? [first, ...others] : others).slice(0, othersMax).map(({ issuer }) => issuer);
      return [[cluster, { holder: isShared ? null : first.issuer, since: first.since.toISOString(), others: named }] as const];
    }),
  );
}

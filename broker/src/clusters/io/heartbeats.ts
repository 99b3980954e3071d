// Keeps what heartbeats were answered, in periods, and what comes of them. One broker at a time watches a cluster; if two did, both would only have asked more often.
import { sql } from 'kysely';
import { z } from 'zod';
import type { Store } from '../../store/io/store.ts';
import type { Cluster } from '../cluster.ts';
import { availabilityMs, type Heartbeats, type Measured, measuredBy, periodMs } from '../measured.ts';

/** `at`: when it was asked, milliseconds since 1970. `roundTripMs`: null: it was not answered. */
type Heartbeat = { readonly at: number; readonly roundTripMs: number | null };

export type HeartbeatLog = { note(heartbeat: Heartbeat): void; write(): Promise<void> };

const roundTripsMost = 240;
const waitingMost = 1000;

/** Which cluster was last heard, for all that this broker watches: when nobody answers, it is the broker that cannot be reached. */
export const createHearing = () => {
  const last = new Map<string, boolean>();
  return {
    heard(key: string, answered: boolean): void {
      last.set(key, answered);
    },
    forget(key: string): void {
      last.delete(key);
    },
    /** Whether silence says something about this cluster: another one answers, or none other is watched. */
    isToldApart(key: string): boolean {
      const others = [...last].filter(([other]) => other !== key);
      return others.length === 0 || others.some(([, answered]) => answered);
    },
  };
};
export type Hearing = ReturnType<typeof createHearing>;

export const createHeartbeatLog = (store: Store, { owner, name, uid }: Pick<Cluster, 'owner' | 'name' | 'uid'>): HeartbeatLog => {
  let waiting: Heartbeat[] = [];
  return {
    note(heartbeat) {
      // the database may be away for long
      waiting = [...waiting.slice(1 - waitingMost), heartbeat];
    },
    async write() {
      const some = waiting;
      const latest = some.at(-1);
      if (latest === undefined) return;
      await store.db.transaction().execute(async (tx) => {
        for (const began of new Set(some.map(beganAt))) {
          const beats = some.filter((beat) => beganAt(beat) === began);
          const answered = beats.filter(({ roundTripMs }) => roundTripMs !== null);
          const roundTrips = answered.map(({ roundTripMs }) => roundTripMs).slice(-roundTripsMost);
          const answeredAt = answered.at(-1)?.at;
          // nothing is written for a cluster that was removed, or removed and added again as another one
          await sql`
            insert into heartbeat (owner, cluster, began_at, first_at, last_at, answered_at, asked, answered, round_trips_ms)
            select owner, name, ${new Date(began)}, ${dateOf(beats[0]?.at)}, ${dateOf(beats.at(-1)?.at)}, ${answeredAt === undefined ? null : new Date(answeredAt)},
              ${beats.length}::integer, ${answered.length}::integer, ${roundTrips}::real[]
            from cluster where owner = ${owner} and name = ${name} and uid = ${uid}
            on conflict (owner, cluster, began_at) do update set
              first_at = least(heartbeat.first_at, excluded.first_at), last_at = greatest(heartbeat.last_at, excluded.last_at),
              answered_at = greatest(heartbeat.answered_at, excluded.answered_at),
              asked = heartbeat.asked + excluded.asked, answered = heartbeat.answered + excluded.answered,
              round_trips_ms = (excluded.round_trips_ms || heartbeat.round_trips_ms)[1:${sql.raw(String(roundTripsMost))}]`.execute(tx);
        }
        await tx
          .deleteFrom('heartbeat')
          .where('owner', '=', owner)
          .where('cluster', '=', name)
          .where('last_at', '<=', new Date(latest.at - availabilityMs))
          .execute();
        const rows = await tx.selectFrom('heartbeat').selectAll().where('owner', '=', owner).where('cluster', '=', name).execute();
        if (rows.length === 0) return;
        const record = JSON.stringify(measuredBy(rows.map(readHeartbeats), latest.at));
        await tx
          .insertInto('measured')
          .values({ owner, cluster: name, record })
          .onConflict((conflict) => conflict.columns(['owner', 'cluster']).doUpdateSet({ record }))
          .execute();
      });
      waiting = waiting.filter((beat) => !some.includes(beat));
    },
  };
};

const beganAt = ({ at }: Heartbeat): number => Math.floor(at / periodMs) * periodMs;
const dateOf = (at: number | undefined): Date => new Date(at ?? 0);

const row = z.object({
  first_at: z.date(),
  last_at: z.date(),
  answered_at: z.date().nullable(),
  asked: z.number(),
  answered: z.number(),
  round_trips_ms: z.array(z.number()),
});

const readHeartbeats = (found: unknown): Heartbeats => {
  const { first_at, last_at, answered_at, asked, answered, round_trips_ms } = row.parse(found);
  return {
    firstAt: first_at.getTime(),
    lastAt: last_at.getTime(),
    answeredAt: answered_at?.getTime() ?? null,
    asked,
    answered,
    roundTripsMs: round_trips_ms,
  };
};

const probes = { probes: z.number(), since: z.string(), until: z.string() };
const shape = z.object({
  availability: z.object({ share: z.number(), ...probes }).nullable(),
  latency: z.object({ medianMs: z.number(), ...probes }).nullable(),
}) satisfies z.ZodType<Measured>;

/** By our name of the cluster. */
export const readMeasured = async (store: Pick<Store, 'db'>, owner: string): Promise<ReadonlyMap<string, Measured>> => {
  const rows = await store.db.selectFrom('measured').select(['cluster', 'record']).where('owner', '=', owner).execute();
  return new Map(rows.map(({ cluster, record }) => [cluster, shape.parse(record)]));
};

// What is lent, booked and used, as the store has it.
import { z } from 'zod';
import type { Store } from '../../store/io/store.ts';
import { nothing, plus, times } from '../assemble.ts';
import type { Resources } from '../placement.ts';

const resources = z.object({ cpuMillis: z.number(), memoryBytes: z.number(), pods: z.number(), gpus: z.number() });
const peering = z.object({ provider: z.string(), state: z.string(), resources });
const application = z.object({
  request: z.object({ each: resources }),
  placement: z.object({ chosen: z.array(z.object({ cluster: z.string(), replicas: z.number() })).nullable() }),
});

type Db = Pick<Store, 'db'>;

/** By our name of the provider's cluster. */
export async function readLent({ db }: Db, owner: string): Promise<Map<string, Resources>> {
  const rows = await db.selectFrom('peering').select('record').where('owner', '=', owner).execute();
  const peerings = rows.map(({ record }) => peering.parse(record)).filter(({ state }) => state === 'ready');
  return new Map(peerings.map(({ provider, resources: lent }) => [provider, lent]));
}

const reaction = z.object({ provider: z.string(), application: z.string().nullable(), state: z.string() });

/** Providers that nothing new goes to now: for some time they have not answered, or their circuit was degraded, or they or a policy said so. By our name. */
export async function readClosed({ db }: Db, owner: string): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('reaction').select('record').where('owner', '=', owner).where('open', '=', true).execute();
  return new Set(
    rows.flatMap(({ record }) => {
      const about = reaction.safeParse(record).data;
      // what may pass by itself closes nobody
      return about && (about.application === null ? about.state !== 'watching' : about.state === 'closed') ? [about.provider] : [];
    }),
  );
}

export async function readUsed({ db }: Db, owner: string): Promise<Map<string, Resources>> {
  const rows = await db.selectFrom('application').select('record').where('owner', '=', owner).execute();
  const used = new Map<string, Resources>();
  for (const { request, placement } of rows.map(({ record }) => application.parse(record)))
    for (const { cluster, replicas } of placement.chosen ?? []) used.set(cluster, plus(used.get(cluster) ?? nothing, times(request.each, replicas)));
  return used;
}

/** What is booked with each provider, by our name of its cluster: held and not expired, or applied. */
export async function readBooked({ db }: Db, owner: string, now: Date): Promise<Map<string, Resources>> {
  const rows = await db
    .selectFrom('reservation')
    .selectAll()
    .where('owner', '=', owner)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .execute();
  const booked = new Map<string, Resources>();
  for (const row of rows)
    booked.set(
      row.pool,
      plus(booked.get(row.pool) ?? nothing, {
        cpuMillis: Number(row.cpu_millis),
        memoryBytes: Number(row.memory_bytes),
        pods: Number(row.pods),
        gpus: Number(row.gpus),
      }),
    );
  return booked;
}

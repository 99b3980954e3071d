// What the web page reads beside what everyone reads: pictures of the clusters, the audit log in pages; and the link that lets a browser in.
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { z } from 'zod';
import { captionNow, jsonObject, routes } from '../../../../../contract/src/index.ts';
import { latestSnapshots } from '../../../clusters/io/index.ts';
import type { ApiDeps } from '../deps.ts';
import { serve } from '../serve.ts';
import type { Sessions } from '../sessions.ts';

export const servePageReads = (app: FastifyInstance, deps: ApiDeps, sessions: Sessions): void => {
  serve(app, routes.createPageLink, async () => {
    const { code, until } = sessions.link();
    return { path: `/?once=${code}`, validUntil: new Date(until).toISOString() };
  });

  serve(app, routes.getCaption, ({ by }) => captionOf(deps, by.owner));
  serve(app, routes.putCaption, async ({ body, by }) => {
    await deps.store.db
      .insertInto('event')
      .values({ owner: by.owner, operation: null, kind: 'caption', data: JSON.stringify(body) })
      .execute();
    await sql`select pg_notify('hanse_event', '')`.execute(deps.store.db);
    return body;
  });

  serve(app, routes.listPictures, async ({ by }) => {
    const [stored, clusters] = await Promise.all([latestSnapshots(deps.store, by.owner), deps.clusters.list(by.owner)]);
    const named = new Map(clusters.flatMap(({ name, liqoClusterId }) => (liqoClusterId === null ? [] : [[liqoClusterId, name] as const])));
    const items = stored.map(({ at, snapshot: { cluster, health, nodes, own, providers } }) => ({
      cluster,
      at: at.toISOString(),
      health: health.state,
      detail: health.detail,
      region: nodes?.find(({ providerClusterId, region }) => providerClusterId === null && region !== null)?.region ?? null,
      own,
      providers: Object.entries(providers).flatMap(([id, capacity]) => {
        const name = named.get(id);
        return name === undefined ? [] : [{ cluster: name, capacity }];
      }),
    }));
    return { items };
  });

  serve(app, routes.listAudit, async ({ query, by }) => {
    let asked = deps.store.db.selectFrom('audit_event').selectAll().where('owner', '=', by.owner).orderBy('seq', 'desc').limit(query.limit);
    if (query.before !== undefined) asked = asked.where('seq', '<', query.before);
    const rows = await asked.execute();
    return { items: rows.map(({ owner: _, ...row }) => ({ ...row, at: row.at.toISOString(), detail: jsonObject.parse(row.detail) })) };
  });
};

const captionMsMax = 900_000;
/** A caption lasts at most for so many events: the log has no order of its own for kinds. */
const captionEventsMax = 2_000;

/** Kept where watchers read it: every broker says the same. */
const captionOf = async ({ store }: ApiDeps, owner: string): Promise<z.infer<typeof captionNow>> => {
  const { rows } = await sql<{ data: unknown }>`
    select data from (select * from event where owner = ${owner} order by seq desc limit ${captionEventsMax}) newest
    where kind = 'caption' and at > now() - ${captionMsMax} * interval '1 millisecond' order by seq desc limit 1`.execute(store.db);
  return captionNow.parse(rows[0]?.data ?? { caption: null });
};

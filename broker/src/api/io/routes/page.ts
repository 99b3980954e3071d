// What the web page reads beside what everyone reads: pictures of the clusters, the audit log in pages; and the link that lets a browser in.
import type { FastifyInstance } from 'fastify';
import { jsonObject, routes } from '../../../../../contract/src/index.ts';
import { latestSnapshots } from '../../../clusters/io/index.ts';
import type { ApiDeps } from '../deps.ts';
import { serve } from '../serve.ts';
import type { Sessions } from '../sessions.ts';

export const servePageReads = (app: FastifyInstance, deps: ApiDeps, sessions: Sessions): void => {
  serve(app, routes.createPageLink, async () => {
    const { code, until } = sessions.link();
    return { path: `/?once=${code}`, validUntil: new Date(until).toISOString() };
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

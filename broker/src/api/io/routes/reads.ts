// What there is: read from the tables, never more of a record than the contract shows.
import { sql } from 'kysely';
import type { FastifyInstance } from 'fastify';
import { application, circuit, consumer, json, lan, peering, reaction, routes, vocabulary } from '../../../../../contract/src/index.ts';
import type { Application } from '../../../../../contract/src/index.ts';
import { publishedVocabulary } from '../../../catalogue/index.ts';
import { HanseError } from '../../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { serve } from '../serve.ts';
import { there } from './there.ts';

export const serveReads = (app: FastifyInstance, deps: ApiDeps): void => {
  const { db } = deps.store;

  serve(app, routes.health, async () => {
    await sql`select 1`.execute(db).catch((error: unknown) => {
      throw new HanseError('STORE_UNAVAILABLE', 'The database did not answer.', { cause: error });
    });
    return { status: 'ok' as const, version: deps.version };
  });

  serve(app, routes.listClusters, async ({ by }) => ({ items: await deps.clusters.list(by.owner) }));
  serve(app, routes.getCluster, ({ params, by }) => deps.clusters.find(by.owner, params.name));

  serve(app, routes.listConsumers, async ({ by }) => ({ items: (await deps.consumers.list(by.owner)).map((one) => consumer.parse(one)) }));

  serve(app, routes.listOffers, ({ query, by }) => {
    const { where = [], prefer = [], text = '', facet = [], name, offset, limit } = query;
    return deps.offers(by.owner, { where, prefer, text, facets: facet, ...(name !== undefined && { named: name }), offset, limit });
  });

  serve(app, routes.getVocabulary, async () => vocabulary.parse(publishedVocabulary()));
  serve(app, routes.listCredentials, ({ query, by }) => deps.credentials.list(by.owner, query));
  serve(app, routes.getCredential, ({ params, query: { replay }, by }) => {
    const time = replay === undefined ? null : replay === '' || replay === 'true' ? 'last' : new Date(replay);
    return deps.credentials.show(by.owner, params.digest, time);
  });

  serve(app, routes.listCredentialHistory, async ({ params, by }) => ({ items: await deps.credentials.history(by.owner, params.digest) }));
  serve(app, routes.listImpact, async ({ query, by }) => ({ items: await deps.impact(by.owner, query) }));

  serve(app, routes.listPeerings, async ({ by }) => {
    const rows = await db.selectFrom('peering').select('record').where('owner', '=', by.owner).orderBy('home').orderBy('provider').execute();
    return { items: rows.map(({ record }) => peering.parse(record)) };
  });

  serve(app, routes.listReactions, async ({ query, by }) => {
    const rows = await db.selectFrom('reaction').select('record').where('owner', '=', by.owner).orderBy('seq', 'desc').limit(query.limit).execute();
    return { items: rows.map(({ record }) => reaction.parse(record)) };
  });

  serve(app, routes.listLans, async ({ by }) => ({ items: (await deps.lans.list(by.owner)).map((one) => lan.parse(one)) }));
  serve(app, routes.listCircuits, async ({ by }) => ({ items: (await deps.lans.circuits(by.owner)).map((one) => circuit.parse(one)) }));
  serve(app, routes.getNodeConfig, async ({ params, query, by }) => ({
    text: await deps.lans.nodeConfig(by.owner, { lan: params.name, format: query.format, member: query.member }),
  }));

  serve(app, routes.listApplications, async ({ by }) => {
    const rows = await db.selectFrom('application').select('record').where('owner', '=', by.owner).orderBy('name').execute();
    return { items: rows.map(({ record }) => application.parse(record)) };
  });
  const findApplication = async (owner: string, name: string): Promise<Application> => {
    const row = await db.selectFrom('application').select('record').where('owner', '=', owner).where('name', '=', name).executeTakeFirst();
    return application.parse(there(row, 'application', name).record);
  };
  serve(app, routes.getApplication, ({ params, by }) => findApplication(by.owner, params.name));
  serve(app, routes.getApplicationStatus, async ({ params, by }) => {
    await findApplication(by.owner, params.name);
    return deps.applications.status(by.owner, params.name);
  });
  serve(app, routes.explainApplication, async ({ params, by }) => {
    const { name, placement } = await findApplication(by.owner, params.name);
    return { application: name, placement, sentences: await deps.applications.explain(by.owner, name) };
  });
};

export const serveProof = (app: FastifyInstance, deps: ApiDeps): void => {
  const { db } = deps.store;
  serve(app, routes.listReceipts, async ({ query, by }) => {
    let asked = db
      .selectFrom('receipt')
      .select(['id', 'operation', 'application', 'at'])
      .where('owner', '=', by.owner)
      .orderBy('at', 'desc')
      .orderBy('id')
      .limit(500);
    if (query.application !== undefined) asked = asked.where('application', '=', query.application);
    return { items: (await asked.execute()).map((row) => ({ ...row, at: row.at.toISOString() })) };
  });
  serve(app, routes.getReceipt, async ({ params, by }) => {
    const found = await db.selectFrom('receipt').selectAll().where('owner', '=', by.owner).where('id', '=', params.id).executeTakeFirst();
    const row = there(found, 'receipt', params.id);
    return { ...row, body: json.parse(row.body), at: row.at.toISOString() };
  });
  serve(app, routes.verifyAudit, ({ query, by }) => deps.verifyAudit(by.owner, query.head));
};

// Policies: what many applications are placed by. Whoever changes one is in the audit log, in the same transaction.
import type { FastifyInstance } from 'fastify';
import { json, routes } from '../../../../../contract/src/index.ts';
import type { Policy } from '../../../../../contract/src/index.ts';
import { appendAudit } from '../../../audit/io/index.ts';
import type { Tx } from '../../../store/io/store.ts';
import type { ApiDeps, By } from '../deps.ts';
import { serve } from '../serve.ts';
import { there } from './there.ts';

type Row = { readonly name: string; readonly record: object; readonly updated_at: Date };

const toPolicy = ({ name, record, updated_at }: Row): Policy => ({ name, record: json.parse(record), updatedAt: updated_at.toISOString() });

export const servePolicies = (app: FastifyInstance, deps: ApiDeps): void => {
  const { db } = deps.store;

  serve(app, routes.listPolicies, async ({ by }) => {
    const rows = await db.selectFrom('policy').selectAll().where('owner', '=', by.owner).orderBy('name').execute();
    return { items: rows.map(toPolicy) };
  });
  serve(app, routes.getPolicy, async ({ params, by }) => {
    const row = await db.selectFrom('policy').selectAll().where('owner', '=', by.owner).where('name', '=', params.name).executeTakeFirst();
    return toPolicy(there(row, 'policy', params.name));
  });
  serve(app, routes.putPolicy, async ({ params: { name }, query, body, by }) => {
    const parsed = deps.parsePolicy(body.text);
    if (query.dryRun === 'true') return { name, record: parsed, updatedAt: new Date().toISOString() };
    const record = JSON.stringify(parsed);
    return db.transaction().execute(async (tx) => {
      const row = await tx
        .insertInto('policy')
        .values({ owner: by.owner, name, record })
        .onConflict((conflict) => conflict.columns(['owner', 'name']).doUpdateSet({ record, updated_at: new Date() }))
        .returningAll()
        .executeTakeFirstOrThrow();
      const policy = toPolicy(row);
      await tell(tx, by, { action: 'policy.stored', name, record: policy.record });
      return policy;
    });
  });
  serve(app, routes.deletePolicy, ({ params: { name }, by }) =>
    db.transaction().execute(async (tx) => {
      const row = await tx.deleteFrom('policy').where('owner', '=', by.owner).where('name', '=', name).returningAll().executeTakeFirst();
      await tell(tx, by, { action: 'policy.forgotten', name, record: toPolicy(there(row, 'policy', name)).record });
      return undefined;
    }),
  );
};

/** A policy holds no secret: the log keeps it whole. */
const tell = (tx: Tx, { owner, actor }: By, { action, name, record }: { readonly action: string; readonly name: string; readonly record: Policy['record'] }) =>
  appendAudit(tx, [{ owner, actor, action, subject: name, detail: { policy: record } }]);

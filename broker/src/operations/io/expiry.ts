// A plan that nobody approved in time is discarded: the world it was made from is long gone.
import { sql } from 'kysely';
import { appendAudit } from '../../audit/io/log.ts';
import { document } from '../../store/index.ts';
import type { Store } from '../../store/io/store.ts';
import { auditDraft } from '../state.ts';
import { parsePlan } from './records.ts';

export const planHoldsSeconds = 3_600;

/** Several brokers may do this at once. Answers how many it discarded. */
export async function discardExpired(store: Store): Promise<number> {
  const outcome = document({ kind: 'discarded', reason: 'not approved within an hour' });
  return store.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string; owner: string; plan: unknown }>`
      with old as (
        select id from operation where state = 'planned' and created_at < now() - make_interval(secs => ${planHoldsSeconds})
        order by id limit 500 for update skip locked)
      update operation o set state = 'discarded', outcome = ${outcome}::jsonb, updated_at = now() from old where o.id = old.id
      returning o.id, o.owner, o.plan`.execute(tx);
    await appendAudit(
      tx,
      rows.map(({ id, owner, plan }) => auditDraft({ id, owner, plan: parsePlan(plan) }, 'broker', 'discarded', { reason: 'not approved in time' })),
    );
    return rows.length;
  });
}

// Secrets of plans that were shown and never carried out are forgotten.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import { secretPurpose } from './secrets.ts';

/** Twice as long as a plan can wait for its approval. */
const sweepAfterMs = 2 * 60 * 60 * 1000;
const everyMs = 60 * 60 * 1000;

/** What no application has, and no operation that may still be carried out or undone. Several brokers may do this at once. */
export async function sweepSecrets({ db }: Pick<Store, 'db'>, nowMs = Date.now()): Promise<void> {
  await sql`
    delete from secret s where s.purpose = ${secretPurpose} and s.created_at < ${new Date(nowMs - sweepAfterMs)}
      and not exists (select 1 from application a where a.owner = s.owner and strpos(a.record::text, s.id) > 0)
      and not exists (select 1 from operation o where o.owner = s.owner and strpos(o.plan::text, s.id) > 0
        and o.state in ('planned', 'running', 'waiting', 'asking', 'rollingBack'))`.execute(db);
}

export function startSweeping(store: Pick<Store, 'db'>, onError: (error: unknown) => void): { stop(): void } {
  const sweep = (): void => void sweepSecrets(store).catch(onError);
  sweep();
  const timer = setInterval(sweep, everyMs);
  return { stop: () => clearInterval(timer) };
}

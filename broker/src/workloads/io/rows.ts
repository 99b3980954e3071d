// Applications as rows: who may change one, and what it was before.
import { HanseError } from '../../errors.ts';
import type { Store } from '../../store/io/store.ts';
import type { Application } from '../application.ts';
import { inputOf, readApplication } from '../deployment/stepInput.ts';

type State = Application['state'];

export type Claim = { readonly owner: string; readonly application: Application; readonly operation: string; readonly state: State };

export type ApplicationRows = {
  list(owner: string): Promise<Application[]>;
  /** null: there is none. */
  lookUp(owner: string, name: string): Promise<Application | null>;
  /** NOT_FOUND names the applications that there are. */
  find(owner: string, name: string): Promise<Application>;
  /** Makes the row, or takes one that is `running`; again by the same operation: nothing. CONFLICT when another operation has it. The record of a row that is there stays. */
  begin(claim: Claim): Promise<void>;
  /** Writes record and state, by the operation that holds it. CONFLICT when another one does. */
  write(claim: Omit<Claim, 'state'>): Promise<void>;
  /** Only the operation that holds it. */
  remove(claim: Omit<Claim, 'state'>): Promise<void>;
};

export function createRows({ db }: Pick<Store, 'db'>): ApplicationRows {
  const list = async (owner: string): Promise<Application[]> => {
    const rows = await db.selectFrom('application').select(['record', 'state']).where('owner', '=', owner).orderBy('name').execute();
    return rows.map(applicationOf);
  };
  const lookUp = async (owner: string, name: string): Promise<Application | null> => {
    const row = await db.selectFrom('application').select(['record', 'state']).where('owner', '=', owner).where('name', '=', name).executeTakeFirst();
    return row ? applicationOf(row) : null;
  };
  const heldByAnother = async (owner: string, name: string): Promise<HanseError> => {
    const row = await db.selectFrom('application').select(['operation', 'state']).where('owner', '=', owner).where('name', '=', name).executeTakeFirst();
    return new HanseError(
      'CONFLICT',
      row ? `Application ${name} is ${row.state} by operation ${row.operation ?? 'unknown'}.` : `Application ${name} is no longer there.`,
      { fix: 'Wait for that operation to end, or cancel it: hanse operations.' },
    );
  };
  return {
    list,
    lookUp,
    async find(owner, name) {
      const found = await lookUp(owner, name);
      if (found) return found;
      const names = (await list(owner)).map((application) => application.name);
      throw new HanseError('NOT_FOUND', `There is no application ${name}.`, {
        fix: names.length > 0 ? `The applications are ${names.join(', ')}.` : 'There is none yet: hanse deploy.',
      });
    },
    async begin({ owner, application, operation, state }) {
      const { name, namespace, home } = application;
      const row = { owner, name, namespace, home, state, operation, record: JSON.stringify(inputOf({ ...application, state })) };
      const made = await db
        .insertInto('application')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'name']).doNothing())
        .returning('name')
        .executeTakeFirst();
      if (made) return;
      const taken = await db
        .updateTable('application')
        .set({ state, operation, updated_at: new Date() })
        .where('owner', '=', owner)
        .where('name', '=', name)
        .where((is) => is.or([is('state', '=', 'running'), is('operation', '=', operation)]))
        .returning('name')
        .executeTakeFirst();
      if (!taken) throw await heldByAnother(owner, name);
    },
    async write({ owner, application, operation }) {
      const written = await db
        .updateTable('application')
        .set({ state: application.state, home: application.home, record: JSON.stringify(inputOf(application)), updated_at: new Date() })
        .where('owner', '=', owner)
        .where('name', '=', application.name)
        .where('operation', '=', operation)
        .returning('name')
        .executeTakeFirst();
      if (!written) throw await heldByAnother(owner, application.name);
    },
    async remove({ owner, application, operation }) {
      await db.deleteFrom('application').where('owner', '=', owner).where('name', '=', application.name).where('operation', '=', operation).execute();
    },
  };
}

/** The column is the truth of what is going on; the record of what is kept. */
function applicationOf({ record, state }: { record: unknown; state: string }): Application {
  return readApplication({ ...Object(record), state });
}

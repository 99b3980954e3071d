// Applications as rows: who may change one, and what it was before.
import { HanseError } from '../../errors.ts';
import { parsePeering } from '../../federation/index.ts';
import type { Resources } from '../../placement/index.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import type { Application } from '../application.ts';
import { inputOf, readApplication } from '../deployment/stepInput.ts';

type State = Application['state'];

export type Claim = {
  readonly owner: string;
  readonly application: Application;
  readonly operation: string;
  readonly state: State;
  /** It was not there when the plan was made, and must not be now. */
  readonly isFirst?: boolean;
};

export type ApplicationRows = {
  list(owner: string): Promise<Application[]>;
  /** null: there is none. */
  lookUp(owner: string, name: string): Promise<Application | null>;
  /** NOT_FOUND names the applications that there are. */
  find(owner: string, name: string): Promise<Application>;
  /**
   * Makes the row, or takes one that is `running`, and writes the record; again by the same operation: the same. From then on its replicas are counted as used.
   * CONFLICT when another operation has it; CAPACITY_TAKEN when others took what a provider lends since it was decided.
   */
  begin(claim: Claim): Promise<void>;
  /** Writes record and state, by the operation that holds it. CONFLICT when another one does. */
  write(claim: Pick<Claim, 'owner' | 'application' | 'operation'>): Promise<void>;
  /** Only the operation that holds it. */
  remove(claim: Pick<Claim, 'owner' | 'application' | 'operation'>): Promise<void>;
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
    async begin(claim) {
      const isHeld = await db.transaction().execute((tx) => begin(tx, claim));
      if (!isHeld) throw await heldByAnother(claim.owner, claim.application.name);
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

/** false: another operation holds it. */
async function begin(tx: Tx, { owner, application, operation, state, isFirst = false }: Claim): Promise<boolean> {
  const { name, namespace, home, clusters } = application;
  // Held until the end: whoever comes second counts what the first one took.
  const lent = await tx
    .selectFrom('peering')
    .select(['provider', 'record'])
    .where('owner', '=', owner)
    .where('home', '=', home)
    .where('provider', 'in', [...clusters])
    .orderBy('provider')
    .forUpdate()
    .execute();
  const others = await tx.selectFrom('application').select(['name', 'record', 'state']).where('owner', '=', owner).execute();
  const row = { owner, name, namespace, home, state, operation, record: JSON.stringify(inputOf({ ...application, state })) };
  const taken = await tx
    .insertInto('application')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['owner', 'name'])
        .doUpdateSet({ state, operation, record: row.record, updated_at: new Date() })
        .where((is) => is.or([...(isFirst ? [] : [is('application.state', '=', 'running')]), is('application.operation', '=', operation)])),
    )
    .returning('name')
    .executeTakeFirst();
  if (!taken) return false;
  const known = others.map(applicationOf);
  const before = known.find((other) => other.name === name) ?? null;
  if (state === 'deploying' || state === 'migrating')
    for (const { provider, record } of lent)
      checkRoom(provider, { lent: parsePeering(record).resources, application, before, others: known.filter((other) => other.name !== name) });
  return true;
}

type Room = { readonly lent: Resources; readonly application: Application; readonly before: Application | null; readonly others: readonly Application[] };

/** Only who takes more than before is held against what is lent: a slice may have been made smaller than what runs there. */
function checkRoom(provider: string, { lent, application, before, others }: Room): void {
  const mine = usedAt(application, provider);
  const had = before ? usedAt(before, provider) : usedAt(application, null);
  const taken = others.map((other) => usedAt(other, provider));
  for (const field of ['cpuMillis', 'memoryBytes', 'pods', 'gpus'] as const) {
    const used = taken.reduce((sum, one) => sum + one[field], 0);
    if (mine[field] <= had[field] || used + mine[field] <= lent[field]) continue;
    throw new HanseError(
      'CAPACITY_TAKEN',
      `${provider} lends ${lent[field]} ${field}; ${used} of them were taken meanwhile, and ${application.name} needs ${mine[field]}.`,
    );
  }
}

function usedAt({ placement, request }: Application, cluster: string | null): Resources {
  const replicas = placement.chosen?.find((one) => one.cluster === cluster)?.replicas ?? 0;
  const { cpuMillis, memoryBytes, pods, gpus } = request.each;
  return { cpuMillis: cpuMillis * replicas, memoryBytes: memoryBytes * replicas, pods: pods * replicas, gpus: gpus * replicas };
}

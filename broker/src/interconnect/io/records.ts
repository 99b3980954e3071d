// LANs and circuits as they are recorded. The tables hold what must be one of its kind: a tag on a connection, an address on a LAN.
import { HanseError } from '../../errors.ts';
import type { Db, Store, Tx } from '../../store/io/store.ts';
import { type Circuit, isStanding, type Lan } from '../lan.ts';
import { circuitSchema, lanSchema } from '../planSteps.ts';

export type Records = {
  lan(owner: string, name: string): Promise<Lan | null>;
  lans(owner: string): Promise<Lan[]>;
  /** By reference. */
  circuits(owner: string): Promise<Circuit[]>;
  find(owner: string, ref: string): Promise<Circuit | null>;
  /** Tags that circuits of other owners have on the connections of an exchange. */
  vlansOfOthers(owner: string): Promise<readonly { readonly exchange: string; readonly connection: string; readonly vlan: number }[]>;
  /** Every owner's, for those who keep watch. */
  all(): Promise<readonly { readonly owner: string; readonly circuit: Circuit }[]>;
  /** Writes the LAN and its new circuits down; STALE_PLAN unless exactly `standing` stands on it, and nobody has taken an address or a tag meanwhile. */
  reserve(owner: string, lan: Lan, circuits: readonly Circuit[], standing: readonly string[]): Promise<void>;
  put(owner: string, circuit: Circuit): Promise<void>;
  /** And the LAN with its last circuit that stands. */
  forget(owner: string, circuit: Pick<Circuit, 'ref' | 'lan'>): Promise<void>;
  tidy(owner: string, lan: string): Promise<void>;
};

const rowOf = (circuit: Circuit) => ({
  exchange: circuit.exchange,
  connection: circuit.connection,
  vlan: circuit.vlan,
  // one that ends has no address any more; its tag is taken until it has ended
  ipv4: isStanding(circuit) ? circuit.ipv4 : null,
  record: JSON.stringify(circuit),
});

const isDuplicate = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && error.code === '23505';

const circuitsOn = async (db: Db | Tx, owner: string, lan: string): Promise<Circuit[]> => {
  const rows = await db.selectFrom('circuit').select('record').where('owner', '=', owner).where('lan', '=', lan).orderBy('ref').execute();
  return rows.map(({ record }) => circuitSchema.parse(record));
};

const stale = (why: string): HanseError => new HanseError('STALE_PLAN', why);

export const createRecords = ({ store: { db } }: { readonly store: Pick<Store, 'db'> }): Records => {
  const tidyIn = async (tx: Tx, owner: string, lan: string): Promise<void> => {
    if ((await circuitsOn(tx, owner, lan)).some(isStanding)) return;
    await tx.deleteFrom('lan').where('owner', '=', owner).where('id', '=', lan).execute();
  };
  return {
    async lan(owner, name) {
      const row = await db.selectFrom('lan').select('record').where('owner', '=', owner).where('name', '=', name).executeTakeFirst();
      return row === undefined ? null : lanSchema.parse(row.record);
    },
    async lans(owner) {
      const rows = await db.selectFrom('lan').select('record').where('owner', '=', owner).orderBy('name').execute();
      return rows.map(({ record }) => lanSchema.parse(record));
    },
    async circuits(owner) {
      const rows = await db.selectFrom('circuit').select('record').where('owner', '=', owner).orderBy('ref').execute();
      return rows.map(({ record }) => circuitSchema.parse(record));
    },
    async find(owner, ref) {
      const row = await db.selectFrom('circuit').select('record').where('owner', '=', owner).where('ref', '=', ref).executeTakeFirst();
      return row === undefined ? null : circuitSchema.parse(row.record);
    },
    async vlansOfOthers(owner) {
      const rows = await db
        .selectFrom('circuit')
        .select(['exchange', 'connection', 'vlan'])
        .where('owner', '<>', owner)
        .where('vlan', 'is not', null)
        .where('connection', 'is not', null)
        .execute();
      return rows.flatMap(({ exchange, connection, vlan }) => (connection === null || vlan === null ? [] : [{ exchange, connection, vlan }]));
    },
    async all() {
      const rows = await db.selectFrom('circuit').select(['owner', 'record']).orderBy('ref').execute();
      return rows.map(({ owner, record }) => ({ owner, circuit: circuitSchema.parse(record) }));
    },
    async reserve(owner, lan, circuits, standing) {
      try {
        await db.transaction().execute(async (tx) => {
          await tx
            .insertInto('lan')
            .values({ owner, id: lan.id, name: lan.name, record: JSON.stringify(lan) })
            .onConflict((conflict) => conflict.columns(['owner', 'id']).doUpdateSet({ updated_at: new Date() })) // and takes the row's lock
            .execute();
          const there = await circuitsOn(tx, owner, lan.id);
          const ours = new Set(circuits.map(({ ref }) => ref));
          const others = there.filter((one) => isStanding(one) && !ours.has(one.ref)).map(({ ref }) => ref);
          if (others.length !== standing.length || others.some((ref) => !standing.includes(ref)))
            throw stale(`LAN ${lan.name} was changed since the plan was made.`);
          const known = new Set(there.map(({ ref }) => ref));
          for (const circuit of circuits)
            if (!known.has(circuit.ref))
              await tx
                .insertInto('circuit')
                .values({ owner, ref: circuit.ref, lan: lan.id, ...rowOf(circuit) })
                .execute();
        });
      } catch (error) {
        if (isDuplicate(error)) throw stale(`An address or a VLAN that LAN ${lan.name} was to have has been taken since the plan was made.`);
        throw error;
      }
    },
    async put(owner, circuit) {
      await db
        .updateTable('circuit')
        .set({ ...rowOf(circuit), updated_at: new Date() })
        .where('owner', '=', owner)
        .where('ref', '=', circuit.ref)
        .execute();
    },
    forget: (owner, { ref, lan }) =>
      db.transaction().execute(async (tx) => {
        await tx.deleteFrom('circuit').where('owner', '=', owner).where('ref', '=', ref).execute();
        await tidyIn(tx, owner, lan);
      }),
    tidy: (owner, lan) => db.transaction().execute((tx) => tidyIn(tx, owner, lan)),
  };
};

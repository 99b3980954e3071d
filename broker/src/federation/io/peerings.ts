// The standing fact: which peerings an owner has.
import type { Store } from '../../store/io/store.ts';
import type { Peering } from '../peering.ts';
import { parsePeering } from '../peeringRecord.ts';

export type Peerings = {
  /** All of an owner, by provider's name. */
  list(owner: string): Promise<Peering[]>;
  find(owner: string, provider: string): Promise<Peering | null>;
  put(owner: string, peering: Peering): Promise<void>;
  forget(owner: string, peering: Pick<Peering, 'home' | 'provider'>): Promise<void>;
};

export const createPeerings = ({ store: { db } }: { readonly store: Pick<Store, 'db'> }): Peerings => ({
  async list(owner) {
    const rows = await db.selectFrom('peering').select('record').where('owner', '=', owner).orderBy('provider').execute();
    return rows.map(({ record }) => parsePeering(record));
  },
  async find(owner, provider) {
    const row = await db.selectFrom('peering').select('record').where('owner', '=', owner).where('provider', '=', provider).executeTakeFirst();
    return row === undefined ? null : parsePeering(row.record);
  },
  async put(owner, peering) {
    const { home, provider, state } = peering;
    const record = JSON.stringify(peering);
    await db
      .insertInto('peering')
      .values({ owner, home, provider, state, record })
      .onConflict((conflict) => conflict.columns(['owner', 'home', 'provider']).doUpdateSet({ state, record, updated_at: new Date() }))
      .execute();
  },
  async forget(owner, { home, provider }) {
    await db.deleteFrom('peering').where('owner', '=', owner).where('home', '=', home).where('provider', '=', provider).execute();
  },
});

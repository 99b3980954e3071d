// Secrets in the database: sealed with a key that is not in it.
import { randomBytes, randomUUID } from 'node:crypto';
import { HanseError } from '../../errors.ts';
import { fingerprint, keyIdOf, nonceBytes, open, seal } from '../pure-crypto.ts';
import { makeKeyFile, readKeyFile } from './keyFile.ts';
import type { Db, Store } from './store.ts';

export type Secrets = Pick<Store, 'seal' | 'unseal' | 'forget' | 'fingerprint'>;

/** The key of this database. Made at the first start; SETUP_FAILED when the database's secrets were sealed with another one. */
export const sealingKey = async (db: Db, keyFile: string): Promise<Buffer> => {
  const known = await db.selectFrom('sealing_key').select('key_id').executeTakeFirst();
  const found = readKeyFile(keyFile);
  if (known && !found) {
    throw new HanseError('SETUP_FAILED', `The key that seals the secrets of this database (${known.key_id}) is missing: there is no ${keyFile}.`, {
      fix: 'Put the key file back, or copy it from the first broker that used this database.',
    });
  }
  const key = found ?? makeKeyFile(keyFile);
  const keyId = keyIdOf(key);
  // the row can exist once: of two brokers that start at once with different keys, the second learns it here
  await db
    .insertInto('sealing_key')
    .values({ key_id: keyId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { key_id: rightId } = await db.selectFrom('sealing_key').select('key_id').executeTakeFirstOrThrow();
  if (rightId !== keyId) throw wrongKey(rightId, keyId, keyFile);
  return key;
};

export const secretsIn = (db: Db, key: Buffer, keyFile: string): Secrets => ({
  async seal(owner, purpose, plain, tx) {
    const id = randomUUID();
    const sealed = seal(key, randomBytes(nonceBytes), { owner, purpose, id }, plain);
    await (tx ?? db).insertInto('secret').values({ id, owner, purpose, sealed }).execute();
    return id;
  },
  async unseal(owner, id) {
    const row = await db.selectFrom('secret').select(['purpose', 'sealed']).where('owner', '=', owner).where('id', '=', id).executeTakeFirst();
    if (!row) throw new HanseError('NOT_FOUND', `There is no secret ${id}.`);
    const opened = open(key, { owner, purpose: row.purpose, id }, row.sealed);
    if ('plain' in opened) return opened.plain;
    if (opened.fault === 'otherKey') throw wrongKey(opened.keyId, keyIdOf(key), keyFile);
    throw new HanseError('SETUP_FAILED', `The secret ${id} (${row.purpose}) was changed in the database and does not open.`, {
      fix: 'Add again what it belongs to.',
    });
  },
  async forget(owner, id, tx) {
    await (tx ?? db).deleteFrom('secret').where('owner', '=', owner).where('id', '=', id).execute();
  },
  fingerprint: (text) => fingerprint(key, text),
});

const wrongKey = (right: string, wrong: string, keyFile: string): HanseError =>
  new HanseError('SETUP_FAILED', `The secrets of this database are sealed with key ${right}, but ${keyFile} holds key ${wrong}.`, {
    fix: 'Put the right key file back, or copy it from the first broker that used this database.',
  });

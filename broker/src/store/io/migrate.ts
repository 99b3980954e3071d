// Brings the tables to the form this version expects. Forward only: a change of the schema is a new file in migrations/.
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { HanseError } from '../../errors.ts';
import { sql0001 } from './migrations/0001-ground.ts';
import { sql0002 } from './migrations/0002-interconnect.ts';
import { sql0003 } from './migrations/0003-event-order.ts';
import { sql0004 } from './migrations/0004-pause.ts';
import { sql0005 } from './migrations/0005-reactions.ts';
import { sql0006 } from './migrations/0006-evidence.ts';
import { sql0007 } from './migrations/0007-offers.ts';
import { sql0008 } from './migrations/0008-standing.ts';
import { sql0009 } from './migrations/0009-harvest.ts';
import { sql0010 } from './migrations/0010-measured.ts';
import { sql0013 } from './migrations/0013-held.ts';
import { sql0014 } from './migrations/0014-ties.ts';
import { sql0015 } from './migrations/0015-claims.ts';
import { sql0016 } from './migrations/0016-resting.ts';
import { sql0017 } from './migrations/0017-listed.ts';

export type Migration = { readonly name: string; readonly sql: string };

export const migrations: readonly Migration[] = [
  { name: '0001-ground', sql: sql0001 },
  { name: '0002-interconnect', sql: sql0002 },
  { name: '0003-event-order', sql: sql0003 },
  { name: '0004-pause', sql: sql0004 },
  { name: '0005-reactions', sql: sql0005 },
  { name: '0006-evidence', sql: sql0006 },
  { name: '0007-offers', sql: sql0007 },
  { name: '0008-standing', sql: sql0008 },
  { name: '0009-harvest', sql: sql0009 },
  { name: '0010-measured', sql: sql0010 },
  { name: '0013-held', sql: sql0013 },
  { name: '0014-ties', sql: sql0014 },
  { name: '0015-claims', sql: sql0015 },
  { name: '0016-resting', sql: sql0016 },
  { name: '0017-listed', sql: sql0017 },
];

// Any number that only this means: brokers that start at once wait for each other here.
const migrationLock = 7_480_001;

/** Safe when several brokers start at once. SETUP_FAILED when the database was made by another version than this one can follow. */
export const migrate = async (client: ClientBase, wanted: readonly Migration[] = migrations): Promise<void> => {
  await client.query('select pg_advisory_lock($1)', [migrationLock]);
  try {
    await client.query('create table if not exists hanse_migration (name text primary key, digest text not null, at timestamptz not null default now())');
    const done = await client.query<{ name: string; digest: string }>('select name, digest from hanse_migration order by name');
    for (const migration of missing(wanted, done.rows)) await carryOut(client, migration);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => {}); // a lost connection has lost the lock too
  }
};

export const digestOf = (wanted: readonly Migration[]): string => {
  const hash = createHash('sha256');
  for (const { name, sql } of wanted) hash.update(`${name}\n${sql}\n`);
  return hash.digest('hex');
};

const missing = (wanted: readonly Migration[], done: readonly { name: string; digest: string }[]): readonly Migration[] => {
  const known = new Map(wanted.map((migration) => [migration.name, digestOf([migration])]));
  for (const { name, digest } of done) {
    if (known.get(name) === digest) continue;
    throw new HanseError(
      'SETUP_FAILED',
      known.has(name)
        ? `The database was made with another form of migration ${name} than this version has.`
        : `The database was made by a newer version of Hanse (it has migration ${name}).`,
      { fix: 'Run the version that made the database, or give this one a database or data directory of its own.' },
    );
  }
  return wanted.slice(done.length);
};

const carryOut = async (client: ClientBase, migration: Migration): Promise<void> => {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into hanse_migration (name, digest) values ($1, $2)', [migration.name, digestOf([migration])]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
};

// The one handle on PostgreSQL that every capability gets.
import type { Kysely, Transaction } from 'kysely';
import type { Pool } from 'pg';
import type { Tables } from './schema.ts';

export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

export type Store = {
  readonly db: Db;
  /** For the hottest statements (named, prepared) and LISTEN. */
  readonly pool: Pool;
  /** Seals a secret with the key outside the database, stores it, answers its id. */
  seal(owner: string, purpose: string, plain: string, tx?: Tx): Promise<string>;
  /** NOT_FOUND if there is none. */
  unseal(owner: string, id: string): Promise<string>;
  forget(owner: string, id: string, tx?: Tx): Promise<void>;
  /** Tells equal texts from different ones, and nothing to who has the database alone: HMAC-SHA-256 with the sealing key, in hexadecimal. */
  fingerprint(text: string): string;
  close(): Promise<void>;
};

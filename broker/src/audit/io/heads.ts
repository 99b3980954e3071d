// Signs the end of the log at intervals and when the broker stops, in the database and in a file outside it: who rewrites the one does not reach the other.
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Store } from '../../store/io/store.ts';
import { headBytes } from '../head.ts';
import type { Head } from '../head.ts';
import { toBase64Url } from '../pure-crypto.ts';
import { lastLink } from './log.ts';
import type { SigningKey } from './signingKey.ts';

export const headsFile = 'heads.jsonl';

export type HeadSigner = {
  /** Signs the end of the log now, unless it was the one signed last. null: the log is empty. */
  sign(): Promise<Head | null>;
  start(): void;
  /** Signs once more. */
  stop(): Promise<void>;
};

export type HeadSignerOptions = {
  readonly store: Store;
  readonly key: SigningKey;
  /** Where the signing key is: outside the database. */
  readonly configDir: string;
  readonly intervalSeconds?: number;
  readonly onError?: (error: unknown) => void;
};

export function createHeadSigner({ store, key, configDir, intervalSeconds = 60, onError = () => {} }: HeadSignerOptions): HeadSigner {
  let signed: Head | null = null;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const signNow = async (): Promise<Head | null> => {
    const last = await lastLink(store.db);
    if (!last || last.hash === signed?.hash) return signed;
    const unsigned = { ...last, keyId: key.keyId, at: new Date().toISOString() };
    const head = { ...unsigned, signature: toBase64Url(key.sign(headBytes(unsigned))) };
    await appendFile(join(configDir, headsFile), `${JSON.stringify(head)}\n`, { mode: 0o600, flush: true });
    await store.db
      .insertInto('audit_head')
      .values({ seq: head.seq, hash: head.hash, key_id: head.keyId, signature: head.signature, at: new Date(head.at) })
      .onConflict((conflict) => conflict.column('seq').doNothing())
      .execute();
    signed = head;
    return head;
  };
  const sign = (): Promise<Head | null> => {
    const mine = turn.then(signNow);
    turn = mine.catch(() => {});
    return mine;
  };

  return {
    sign,
    start() {
      timer ??= setInterval(() => void sign().catch(onError), intervalSeconds * 1000).unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await sign();
    },
  };
}

const headLine = z.object({ seq: z.number(), hash: z.string(), keyId: z.string(), at: z.string(), signature: z.string() });

/** The heads kept outside the database. A line that a crash cut off is left out; anything else that is not a head is the caller's to know (`damaged`). */
export async function readHeadsFile(configDir: string): Promise<{ heads: readonly Head[]; damaged: number }> {
  const text = await readFile(join(configDir, headsFile), 'utf8').catch(() => '');
  const whole = text.split('\n').slice(0, -1);
  const heads = whole.flatMap((line) => parsedLine(line));
  return { heads, damaged: whole.length - heads.length };
}

function parsedLine(line: string): readonly Head[] {
  try {
    return [headLine.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

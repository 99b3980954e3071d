// Lines of progress for those who watch: at most four a second for each operation, the newest wins.
import { sql } from 'kysely';
import type { JsonObject } from '../../ids.ts';
import { document } from '../../store/index.ts';
import { createBatcher } from '../../store/io/batcher.ts';
import type { Store } from '../../store/io/store.ts';

const apartMs = 250;
const messageMax = 1_000;

export type Progress = {
  say(message: string, fraction?: number): void;
  /** Nothing comes after it: events of one operation stand in the order in which they happened. */
  end(): Promise<void>;
};

export type ProgressLog = (operation: { readonly id: string; readonly owner: string; readonly step: number }) => Progress;

/** Progress that cannot be written is lost, and nothing else. */
export function createProgressLog(store: Store, onWritten: () => void): ProgressLog {
  const batcher = createBatcher<object, true>(async (rows) => {
    await sql`insert into event (owner, operation, kind, data)
      select owner, operation, 'progress', data from jsonb_to_recordset(${document(rows)}::jsonb) as p(owner text, operation text, data jsonb)`.execute(
      store.db,
    );
    onWritten();
    return rows.map(() => true);
  }, 200);

  return ({ id, owner, step }) => {
    let newest: JsonObject | null = null;
    let writing: Promise<unknown> = Promise.resolve();
    let timer: NodeJS.Timeout | undefined;
    const write = (): void => {
      if (!newest) return;
      writing = batcher.do({ owner, operation: id, data: newest }).catch(() => {});
      newest = null;
      timer = setTimeout(() => {
        timer = undefined;
        write();
      }, apartMs);
      timer.unref();
    };
    return {
      say(message, fraction) {
        newest = { step, message: message.slice(0, messageMax), ...(fraction === undefined ? {} : { fraction: Math.min(1, Math.max(0, fraction)) }) };
        if (timer === undefined) write();
      },
      async end() {
        clearTimeout(timer);
        timer = undefined;
        newest = null;
        await writing;
      },
    };
  };
}

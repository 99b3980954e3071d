// One verb, begun by a command and carried out by a broker that is killed at every record of its journal.
import { z } from 'zod';
import type { Product } from '../journeys/product.ts';
import { type CrashReport, crashThrough, openGate } from './crash.ts';

const begun = z.looseObject({ id: z.string() });
const over = new Set(['done', 'rolledBack', 'failed', 'asking', 'discarded']);

export type CrashedVerb = CrashReport & { readonly state: string; readonly detail: unknown };

/** No broker may run; none runs afterwards. */
export async function crashedVerb(hanse: Product, words: readonly string[], { both }: { readonly both: boolean }): Promise<CrashedVerb> {
  const gate = await openGate(hanse.test.url);
  try {
    const first = hanse.launch();
    await hanse.answers();
    const { id } = await hanse.json(begun, ...words, '--yes', '--no-wait');
    await first.kill();
    const row = () => hanse.test.store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
    const report = await crashThrough({ gate, start: hanse.launch, both, isOver: async () => over.has((await row()).state) });
    const { state, outcome, question } = await row();
    return { ...report, state, detail: question ?? outcome };
  } finally {
    await gate.close();
  }
}

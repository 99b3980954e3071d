// One verb, begun by a command and carried out by a broker that is killed at every record of its journal, or while something else is done to the world there.
import { z } from 'zod';
import type { Product } from '../journeys/product.ts';
import { type CrashReport, crashThrough, disturbThrough, openGate } from './crash.ts';

const begun = z.looseObject({ id: z.string() });
const planned = z.looseObject({ steps: z.array(z.looseObject({ kind: z.string() })) });
const over = new Set(['done', 'rolledBack', 'failed', 'asking', 'discarded']);

/** `detail`: outcome or question, and what failed on the way where it did not end well. */
export type CrashedVerb = CrashReport & { readonly state: string; readonly detail: unknown };
export type Crashing = Pick<Product, 'launch' | 'answers' | 'json'> & { readonly test: Pick<Product['test'], 'url' | 'store'> };

export type CrashOptions = {
  readonly both: boolean;
  readonly every?: number;
  readonly kinds?: string;
  /** Without a record for so long, it is given up. */
  readonly patienceMs?: number;
  disturb?(): Promise<void>;
};

/** No broker may run; none runs afterwards. `every`: only at every so many-th record. `kinds`: only in steps whose kind begins so. `disturb`: instead of the broker's end. */
export async function crashedVerb(
  hanse: Crashing,
  words: readonly string[],
  { both, every = 1, kinds = '', disturb, ...patience }: CrashOptions,
): Promise<CrashedVerb> {
  const gate = await openGate(hanse.test.url);
  const first = hanse.launch();
  try {
    await hanse.answers();
    const { id } = await hanse.json(begun, ...words, '--yes', '--no-wait');
    const row = () => hanse.test.store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
    const { plan } = await hanse.test.store.db.selectFrom('operation').select('plan').where('id', '=', id).executeTakeFirstOrThrow();
    const isPlace = (step: number): boolean => planned.parse(plan).steps[step]?.kind.startsWith(kinds) === true;
    const isOver = async (): Promise<boolean> => over.has((await row()).state);
    if (!disturb) await first.kill();
    const report = disturb
      ? await disturbThrough({ gate, isOver, every, disturb, ...patience })
      : await crashThrough({ gate, start: hanse.launch, both, every, isPlace, isOver, ...patience });
    const { state, outcome, question } = await row();
    if (state === 'done') return { ...report, state, detail: outcome };
    const failures = hanse.test.store.db.selectFrom('journal').select('entry').where('operation', '=', id).where('state', '=', 'failed').orderBy('seq');
    return { ...report, state, detail: { ended: question ?? outcome, failures: (await failures.execute()).map(({ entry }) => entry) } };
  } finally {
    if (first.process.exitCode === null && first.process.signalCode === null) await first.kill();
    await gate.close();
  }
}

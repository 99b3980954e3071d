// kill -9 of the broker and, separately, of the simulator at every record of the journal of each verb in the demo, each verb and victim in a demo of their own.
// -- crash --only VERB, --victim broker|simulator, --every N for a part of it; --keep FILE: what that file says is not done again, and what is done is added to it
// (from several processes, too), so that an interrupted run goes on, and the last line adds up the whole.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { setup } from '../database.ts';
import { crashTheDemo, verbNames, victimNames } from '../faults/demoCrash.ts';

const piece = z.object({
  verb: z.enum(verbNames),
  victim: z.enum(victimNames),
  every: z.number(),
  kills: z.number(),
  records: z.number(),
  faults: z.array(z.string()).readonly(),
});

type Piece = z.infer<typeof piece>;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    only: { type: 'string', multiple: true },
    victim: { type: 'string', multiple: true },
    every: { type: 'string', default: '1' },
    keep: { type: 'string' },
  },
});
const verbs = verbNames.filter((name) => values.only?.includes(name) ?? true);
const victims = victimNames.filter((name) => values.victim?.includes(name) ?? true);
const every = Math.max(1, Math.floor(Number(values.every)) || 1);
const file = values.keep;

/** Bad ones are done again. */
const kept = (): Piece[] =>
  (file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])
    .map((line) => piece.parse(JSON.parse(line)))
    .filter((one) => one.every === every && one.faults.length === 0);

const carriedOut = async (verb: Piece['verb'], victim: Piece['victim']): Promise<Piece> => {
  const run = { ...(await crashTheDemo({ verb, victim, every, say: (line) => console.error(line) })), every };
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(run)}\n`);
  return run;
};

const stop = await setup();
try {
  const runs: Piece[] = [];
  for (const victim of victims)
    for (const verb of verbs) runs.push(kept().find((one) => one.verb === verb && one.victim === victim) ?? (await carriedOut(verb, victim)));
  const bad = runs.filter(({ faults }) => faults.length > 0);
  const kills = Object.fromEntries(runs.map(({ verb, victim, kills: count }) => [`${verb} ${victim}`, count]));
  const sizes = { verbs, victims, every, kills, killsTogether: runs.reduce((sum, run) => sum + run.kills, 0) };
  console.log(JSON.stringify({ name: 'crash', figure: bad.length, unit: 'runs', bar: 0, sizes, seed: null }));
  process.exitCode = bad.length === 0 && runs.length > 0 ? 0 : 1;
} finally {
  await stop();
}

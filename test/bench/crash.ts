// kill -9 of the broker and, separately, of the simulator at every record of the journal of each verb in the demo. -- crash --only VERB, --victim broker|simulator, --every N for a part of it.
import { parseArgs } from 'node:util';
import { setup } from '../database.ts';
import { crashTheDemo, verbNames, victimNames } from '../faults/demoCrash.ts';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { only: { type: 'string', multiple: true }, victim: { type: 'string', multiple: true }, every: { type: 'string', default: '1' } },
});
const verbs = verbNames.filter((name) => values.only?.includes(name) ?? true);
const victims = victimNames.filter((name) => values.victim?.includes(name) ?? true);
const every = Math.max(1, Math.floor(Number(values.every)) || 1);

const stop = await setup();
try {
  const runs = await crashTheDemo({ verbs, victims, every, say: (line) => console.error(line) });
  const bad = runs.filter(({ faults }) => faults.length > 0);
  const kills = Object.fromEntries(runs.map(({ verb, victim, kills: count }) => [`${verb} ${victim}`, count]));
  const sizes = { verbs, victims, every, kills, killsTogether: runs.reduce((sum, run) => sum + run.kills, 0) };
  console.log(JSON.stringify({ name: 'crash', figure: bad.length, unit: 'runs', bar: 0, sizes, seed: null }));
  process.exitCode = bad.length === 0 && runs.length > 0 ? 0 : 1;
} finally {
  await stop();
}

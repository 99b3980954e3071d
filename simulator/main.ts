// The outside world of the demo as a process of its own: node dist/simulator/main.js FOLDER [--hurried] [--outside FILE]. Everything is kept in FOLDER;
// FOLDER/simulator.json says where everything listens. It runs until it is told to stop, and goes on where it was killed.
import { parseArgs } from 'node:util';
import { readOutside } from './outside.ts';
import { startFederation } from './start.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { hurried: { type: 'boolean' }, outside: { type: 'string' } } });
const [folder] = positionals;
if (folder === undefined) {
  process.stderr.write('node dist/simulator/main.js FOLDER [--hurried] [--outside FILE]\n');
  process.exit(2);
}
const { hurried: isHurried = false, outside } = values;
const federation = await startFederation(folder, { isHurried, ...(outside !== undefined && { outside: readOutside(outside) }) });
process.stdout.write(`ready ${process.pid}\n`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void federation.close().then(() => process.exit(0)));

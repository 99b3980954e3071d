// The outside world of the demo as a process of its own: node dist/simulator/main.js FOLDER [--hurried]. Everything is kept in FOLDER; FOLDER/simulator.json
// says where everything listens. It runs until it is told to stop, and goes on where it was killed.
import { startFederation } from './start.ts';

const [folder, ...options] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('node dist/simulator/main.js FOLDER [--hurried]\n');
  process.exit(2);
}
const federation = await startFederation(folder, { isHurried: options.includes('--hurried') });
process.stdout.write(`ready ${process.pid}\n`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void federation.close().then(() => process.exit(0)));

// A world as a process of its own: node dist/simulator/main.js FOLDER NAME… writes FOLDER/NAME/admin.kubeconfig for each member and runs until it is told to stop.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWorld } from './world.ts';

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.length === 0) {
  process.stderr.write('node dist/simulator/main.js FOLDER NAME…\n');
  process.exit(2);
}
const world = await startWorld(names.map((name) => ({ name })));
for (const name of names) {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'admin.kubeconfig'), world.member(name).kubeconfig(), { mode: 0o600 });
}
process.stdout.write(`ready: ${names.map((name) => world.member(name).server).join(' ')}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void world.close().then(() => process.exit(0)));

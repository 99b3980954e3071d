#!/usr/bin/env node
// The command line as built; it talks to a running broker.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const program = join(root, 'dist', 'cli', 'src', 'main.js');

if (existsSync(program)) {
  await import(program);
} else {
  process.stderr.write(`Hanse is not built yet: run \`npm run build\` in ${root} once (npm start does it too).\n`);
  process.exitCode = 1;
}

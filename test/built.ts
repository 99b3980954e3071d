// Programs that tests start as processes of their own run from dist/, as the product does: built when it is older than its sources.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** The path of the compiled program; `source` from the root of the repository. */
export async function built(source: string): Promise<string> {
  const program = join(root, 'dist', source.replace(/\.ts$/, '.js'));
  const newest = Math.max(...['broker', 'contract', 'test'].map((folder) => newestIn(join(root, folder))));
  if (existsSync(program) && statSync(program).mtimeMs >= newest) return program;
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root }).catch((error: unknown) => {
    if (!existsSync(program)) throw error; // type errors are found by `npm run check`
  });
  return program;
}

const newestIn = (folder: string): number =>
  Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
      entry.isFile() && entry.name.endsWith('.ts') ? [statSync(join(entry.parentPath, entry.name)).mtimeMs] : [],
    ),
  );

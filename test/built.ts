// Programs that tests start as processes of their own run from dist/, as the product does: built when it is older than its sources.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Of the repository; benchmarks run from dist/ themselves. */
export const root = join(import.meta.dirname, '..').replace(/\/dist$/, '');

/** The path of the compiled program; `source` from the root of the repository. */
export async function built(source: string): Promise<string> {
  // it builds beside dist/ and puts the new one in place by rename: whoever runs from dist/ at this moment goes on
  await promisify(execFile)(process.execPath, [join(root, 'setup.cjs'), 'build'], { cwd: root });
  return join(root, 'dist', source.replace(/\.ts$/, '.js'));
}

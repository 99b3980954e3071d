// liqoctl as a person runs it, between two clusters of the laboratory.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const folder = process.env['HANSE_LAB'] || '/run/hanse-lab';
const tool = join(process.env['HANSE_LAB_BIN'] ?? join(homedir(), '.cache/hanse-lab/bin'), 'liqoctl');

export const hasLiqoctl = (): boolean => existsSync(tool);

export const liqoctl =
  (home: string, provider: string) =>
  (...words: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const files = ['--kubeconfig', `${folder}/${home}/admin.kubeconfig`, '--remote-kubeconfig', `${folder}/${provider}/admin.kubeconfig`];
      execFile(tool, [...words, '--skip-confirm', ...files], { timeout: 120_000 }, (error, stdout, stderr) =>
        error === null ? resolve() : reject(new Error(`liqoctl ${words.join(' ')}: ${(stdout + stderr).slice(-500)}`)),
      );
    });

// Runs npm start as a person does and takes the time until the page can be used: its link was printed and the document behind it is served.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../journeys/product.ts';

export type Place = { readonly folder: string; readonly env: NodeJS.ProcessEnv; close(): void };

/** Folders and a port of its own. */
export async function aPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'hanse-start-'));
  chmodSync(folder, 0o711);
  const dirs = { HANSE_DATA_DIR: join(folder, 'data'), HANSE_CONFIG_DIR: join(folder, 'config') };
  const env = { ...process.env, ...dirs, HANSE_PORT: String(await freePort()), HANSE_DATABASE_URL: '' };
  return { folder, env, close: () => rmSync(folder, { recursive: true, force: true }) };
}

export type Started = { readonly seconds: number; said(): string; stop(): Promise<void> };

const secondsMax = 300;

/** `checkout`: the folder of the repository. */
export async function startUntilPage(checkout: string, { env }: Place): Promise<Started> {
  const began = performance.now();
  const child: ChildProcess = spawn('npm', ['start'], { cwd: checkout, env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString('utf8')));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGINT'); // as Ctrl-C: the whole group
    await gone;
  };
  for (;;) {
    const link = /http:\/\/\S+[?&]once=\S+/.exec(said)?.[0];
    if (link !== undefined) {
      const page = await fetch(link, { redirect: 'manual' });
      if (page.status >= 400) throw new Error(`${link} answered ${page.status}`);
      return { seconds: (performance.now() - began) / 1000, said: () => said, stop };
    }
    if (child.exitCode !== null || performance.now() - began > secondsMax * 1000) {
      await stop();
      throw new Error(`npm start did not come to a page: ${said.slice(-2000)}`);
    }
    await pause(10);
  }
}

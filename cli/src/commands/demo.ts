// Plays with the demo: speaks to the simulator's own address, which npm start wrote beside the token. The broker is not told.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { configDirs } from '../client.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { clean } from '../output.ts';
import type { Terminal } from '../terminal.ts';

const door = z.object({ url: z.url(), token: z.string().min(1) });
const listed = z.object({ actions: z.array(z.object({ usage: z.string(), about: z.string() })) });
const did = z.object({ did: z.string() });
const refused = z.object({ message: z.string() });
const timeLimitMs = 30_000;

/** Of the command line, not of the simulator. */
const tour = { usage: 'tour', about: 'find, federate, deploy, migrate and leave, with captions' };

/** Without words: what there is to do. */
export const demo = async (terminal: Terminal, words: readonly string[]): Promise<Exit> => {
  const answer = await ask(terminal, words);
  const list = listed.safeParse(answer.body);
  if (list.success) {
    const actions = [tour, ...list.data.actions];
    const width = Math.max(...actions.map(({ usage }) => usage.length));
    terminal.out(actions.map(({ usage, about }) => `hanse demo ${clean(usage).padEnd(width)}   ${clean(about)}\n`).join(''));
    return 'done';
  }
  const done = did.safeParse(answer.body);
  if (answer.ok && done.success) {
    terminal.out(`${clean(done.data.did)}\n`);
    return 'done';
  }
  const message = refused.safeParse(answer.body).data?.message ?? 'it answers in a way that this version does not understand';
  throw failWith('usage', `The demo cannot do that: ${clean(message)}.`, 'See `hanse demo` for what there is to do.');
};

/** What the demo answers to these words; '' when it only lists what there is. Failure when none runs. */
export const askDemo = async (terminal: Terminal, words: readonly string[]): Promise<string> =>
  did.safeParse((await ask(terminal, words)).body).data?.did ?? '';

async function ask(terminal: Terminal, words: readonly string[]): Promise<{ readonly ok: boolean; readonly body: unknown }> {
  const found = await readDoor(terminal);
  if (found === null) throw noDemo();
  const { url, token } = found;
  const init = words.length === 0 ? {} : { method: 'POST', body: JSON.stringify({ words }) };
  try {
    const response = await fetch(url, { ...init, headers: { authorization: `Bearer ${token}` }, redirect: 'error', signal: AbortSignal.timeout(timeLimitMs) });
    return { ok: response.ok, body: await response.json() };
  } catch {
    throw noDemo();
  }
}

const noDemo = () =>
  failWith(
    'error',
    'No demo runs for this account.',
    'Start it with `npm start` in a checkout, or set HANSE_CONFIG_DIR to what it prints as the folder of its keys.',
  );

async function readDoor(terminal: Terminal): Promise<z.infer<typeof door> | null> {
  for (const folder of configDirs(terminal)) {
    const text = await readFile(join(folder, 'demo.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const parsed = door.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  }
  return null;
}

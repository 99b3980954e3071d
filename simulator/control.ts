// Where a person plays with the demo: things go down, slow or wrong, prices change, time runs faster.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import { isPlain } from './fields.ts';
import { listenAt } from './ports.ts';
import type { Action, RunningPart } from './part.ts';
import type { World } from './world.ts';
import type { Faults, Member } from './apiServer.ts';

export type Control = { readonly url: string; readonly token: string; close(): Promise<void> };

type Options = { readonly disk: Disk; readonly clock: Clock; readonly world: World; readonly parts: readonly RunningPart[] };

const part = 'control';
const bytesMax = 64 * 1024;

/** Whoever started this process; when it is gone, somebody else is the parent. */
const keeper = process.ppid;

/** GET / answers what there is to do, and whether its keeper lives; POST / takes `{"words": ["slow", "main", "500"]}` and answers one sentence. */
export async function startControl(options: Options): Promise<Control> {
  const { disk, world } = options;
  const state = read(disk.read(part));
  await disk.write(part, state);
  for (const member of world.members) Object.assign(member.faults, state.faults[member.name]);
  const save = (): Promise<void> => {
    for (const { name, faults } of world.members) state.faults[name] = { frozen: faults.frozen, delayMs: faults.delayMs };
    return disk.write(part, state);
  };
  const actions: Readonly<Record<string, Action>> = {
    ...Object.assign({}, ...options.parts.map((each) => each.actions ?? {})),
    ...ownActions(options, save),
  };
  const isHolder = (request: IncomingMessage): boolean => {
    const [given, right] = [Buffer.from(request.headers.authorization ?? ''), Buffer.from(`Bearer ${state.token}`)];
    return given.length === right.length && timingSafeEqual(given, right);
  };
  const server = createServer((request, response) => {
    if (!isHolder(request)) return send(response, 401, { message: 'the token is another one' });
    if (request.method === 'GET') {
      const told = Object.values(actions).map(({ usage, about }) => ({ usage, about }));
      return send(response, 200, { actions: told, isKept: process.ppid === keeper });
    }
    void act(request, actions).then(
      (did) => send(response, 200, { did }),
      (error: unknown) => send(response, 422, { message: error instanceof Error ? error.message : String(error) }),
    );
  });
  const port = await listenAt(server, disk, part);
  return {
    url: `http://127.0.0.1:${port}`,
    token: state.token,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function act(request: IncomingMessage, actions: Readonly<Record<string, Action>>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new Error('that is too long');
    chunks.push(chunk);
  }
  const asked: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const words = isPlain(asked) && Array.isArray(asked.words) ? asked.words.filter((word) => typeof word === 'string') : [];
  const [name = '', ...rest] = words;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw new Error(`there is no ${JSON.stringify(name)} here; there are: ${Object.keys(actions).join(', ')}`);
  return action.run(rest);
}

function ownActions({ clock, world, parts }: Options, save: () => Promise<void>): Readonly<Record<string, Action>> {
  const member = (name = ''): Member => {
    const found = world.members.find((each) => each.name === name);
    if (!found) throw new Error(`${JSON.stringify(name)} is not a member; there are: ${world.members.map((each) => each.name).join(', ')}`);
    return found;
  };
  const set = async (name: string | undefined, change: (faults: Faults) => void): Promise<void> => {
    change(member(name).faults);
    await save();
  };
  const number = (word: string | undefined, otherwise: number, most: number): number => {
    const value = word === undefined ? otherwise : Number(word.replace(/^x/, ''));
    if (!Number.isFinite(value) || value < 0 || value > most) throw new Error(`${JSON.stringify(word)} is not a number from 0 to ${most}`);
    return value;
  };
  return {
    'provider-down': {
      usage: 'provider-down MEMBER',
      about: 'its API server answers nothing any more; what runs there goes on',
      async run([name]) {
        await set(name, (faults) => void (faults.frozen = true));
        return `The API server of ${name} answers nothing any more.`;
      },
    },
    'provider-up': {
      usage: 'provider-up MEMBER',
      about: 'it answers again, at its usual speed',
      async run([name]) {
        await set(name, (faults) => Object.assign(faults, noFaults));
        member(name).cutWatches(); // as after a restart of the real one
        return `${name} answers again.`;
      },
    },
    slow: {
      usage: 'slow MEMBER [MS]',
      about: 'every answer of its API server comes so much later (500)',
      async run([name, word]) {
        const delayMs = number(word, 500, 60_000);
        await set(name, (faults) => void (faults.delayMs = delayMs));
        return `Every answer of ${name} comes ${delayMs} ms later.`;
      },
    },
    '429': {
      usage: '429 MEMBER [COUNT]',
      about: 'the next so many requests are told to come again later (20)',
      async run([name, word]) {
        const count = number(word, 20, 10_000);
        await set(name, (faults) => void (faults.busy = count));
        return `The next ${count} requests to ${name} are answered 429: too many requests.`;
      },
    },
    'watch-cut': {
      usage: 'watch-cut MEMBER',
      about: 'every open watch breaks, and what was missed is forgotten',
      async run([name]) {
        member(name).cutWatches();
        return `Every watch at ${name} broke; who resumes is told to list again (410).`;
      },
    },
    clock: {
      usage: 'clock xN',
      about: 'orders, provisioning and notice periods run so many times as fast',
      async run([word]) {
        const factor = number(word, 1, 100_000);
        await clock.run(Math.max(factor, 1));
        return `What takes hours and days runs ${clock.factor} times as fast; it is ${new Date(clock.now()).toISOString()} there.`;
      },
    },
    reset: {
      usage: 'reset',
      about: 'nothing is down, slow or withdrawn any more; prices and clock as at first',
      async run() {
        for (const each of world.members) Object.assign(each.faults, noFaults);
        await save();
        await clock.run(1);
        for (const each of parts) await each.reset?.();
        return 'Nothing is down, slow or withdrawn any more; prices and the pace of time are as at first. What you added, federated and deployed stays.';
      },
    },
  };
}

const noFaults: Faults = { frozen: false, busy: 0, delayMs: 0 };

type State = { readonly token: string; readonly faults: Record<string, Pick<Faults, 'frozen' | 'delayMs'>> };

/** Only this file writes it. */
const read = (found: unknown): State => (isPlain(found) ? (found as unknown as State) : { token: randomBytes(24).toString('base64url'), faults: {} });

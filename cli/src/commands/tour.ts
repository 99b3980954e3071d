// The five verbs on the demo, one after the other, with captions: for showing. Every command is run as it is printed.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { finalStates } from '../../../contract/src/operation.ts';
import type { Caption } from '../../../contract/src/page.ts';
import { routes } from '../../../contract/src/routes.ts';
import { cli } from '../cli.ts';
import { connect } from '../client.ts';
import { type Exit, exitCodes, failWith } from '../failure.ts';
import { type Load, startLoad } from '../load.ts';
import { clean } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { askDemo } from './demo.ts';

type Scene = {
  readonly title: string;
  readonly caption: string;
  readonly commands: readonly (readonly string[])[];
  /** What puts back what the commands make, in the order in which it is typed. */
  readonly back?: readonly string[];
  /** Requests are sent meanwhile, and counted. */
  readonly underLoad?: boolean;
};

const criteria = ['--where', 'country=EU', '--where', 'label>=L1@certified', '--prefer', 'price'];

const scenes = (shop: string): readonly Scene[] => [
  {
    title: 'Find',
    caption:
      'Providers say what they have in signed credentials. Hanse verifies them and holds them against what you ask: here members of the EU with a certified Gaia-X label, the cheapest first.',
    commands: [['offers', ...criteria]],
  },
  {
    title: 'Federate',
    caption:
      'One plan: circuits are ordered at the exchanges and joined to a private LAN, then the clusters are peered, until each provider is a node of yours. Each step says whose authority it uses and what undoes it.',
    commands: [
      ['federate', 'main', 'ebro', '--yes'],
      ['get', 'circuits'],
      ['get', 'peerings'],
    ],
    back: ['hanse leave main', 'hanse leave ebro'],
  },
  {
    title: 'Deploy',
    caption:
      'Ordinary Kubernetes manifests; the criteria choose where they run. Every choice keeps its reasons, and a signed receipt that anyone can check offline.',
    commands: [
      ['deploy', 'shop', '-f', shop, '--where', 'country=DE,ES', '--prefer', 'price', '--yes'],
      ['explain', 'shop'],
    ],
    back: ['hanse delete shop'],
  },
  {
    title: 'Migrate',
    caption:
      'From Madrid to Frankfurt while customers use it: new replicas come up beside the old ones, everyone gets to know them, the old ones drain, and only then they end. Requests are sent all the while.',
    commands: [
      ['migrate', 'shop', '--from', 'ebro', '--to', 'main', '--soak', '2', '--connection-age', '2', '--yes'],
      ['status', 'shop'],
    ],
    underLoad: true,
  },
  {
    title: 'Leave',
    caption:
      'Nothing is held back: the application goes, the providers are left, the circuits are cancelled with the dates that the exchanges name, and it is proved that nothing stays behind.',
    commands: [
      ['delete', 'shop', '--yes'],
      ['leave', 'ebro', '--yes'],
      ['leave', 'main', '--yes'],
      ['audit', 'verify'],
    ],
  },
];

export const tour = async (terminal: Terminal, { pace }: { readonly pace: number }): Promise<Exit> => {
  await requireReady(terminal);
  const style = styleFor(terminal, terminal.isOutTty);
  const interrupted = new AbortController();
  const stopListening = terminal.onInterrupt(() => interrupted.abort());
  const wait = (): Promise<unknown> => pause(pace * 1000, undefined, { signal: interrupted.signal }).catch(() => undefined);
  const all = scenes(shopManifests());
  const say = await captioner(terminal);
  let back: readonly string[] = [];
  try {
    for (const [index, { title, caption, commands, back: more = [], underLoad = false }] of all.entries()) {
      terminal.out(`\n${style.bold(`── ${index + 1} of ${all.length}: ${title} ──`)}\n\n${wrapped(caption, terminal.columns)}\n`);
      const load = underLoad ? await loadOn(terminal) : null;
      await say({ title, text: caption, command: null, part: index + 1, parts: all.length });
      for (const words of commands) {
        await wait();
        if (interrupted.signal.aborted) return stopped(terminal, back, 'detached');
        const command = `hanse ${words.map(quoted).join(' ')}`;
        terminal.out(`\n${style.cyan(`$ ${command}`)}\n`);
        await say({ title, text: caption, command, part: index + 1, parts: all.length });
        back = [...more.filter((line) => !back.includes(line)), ...back];
        const code = await cli(words, { terminal, version: '', serve: async () => 'error' });
        if (code !== 0) {
          await load?.stop();
          return stopped(terminal, back, exitOf(code));
        }
        back = back.filter((line) => line !== `hanse ${words.slice(0, 2).join(' ')}`);
      }
      if (load !== null) terminal.out(`\n${loadText(await load.stop(), style)}\n`);
      await wait();
    }
  } finally {
    await say(null);
    stopListening();
  }
  terminal.out(
    `\n${style.bold('That was the tour.')} Everything is as it was before it; circuits in production are charged until the date that their exchange named (hanse get circuits).\n`,
  );
  return 'done';
};

/** On every open page too; that none is open, or that the broker cannot, stops no tour. */
const captioner = async (terminal: Terminal): Promise<(caption: Caption | null) => Promise<unknown>> => {
  const client = await connect(terminal);
  return (caption) => client.call(routes.putCaption, { body: { caption } }).catch(() => undefined);
};

const stopped = (terminal: Terminal, back: readonly string[], exit: Exit): Exit => {
  terminal.err(
    back.length === 0
      ? '\nThe tour was stopped; it had changed nothing that still stands.\n'
      : `\nThe tour was stopped. What it made stands; when no operation of it runs any more (hanse operations), this puts it back:\n${back.map((line) => `  ${line}\n`).join('')}`,
  );
  return exit;
};

/** Failure, in one sentence, unless the demo runs and nobody has begun anything on it. */
const requireReady = async (terminal: Terminal): Promise<void> => {
  await askDemo(terminal, []);
  const client = await connect(terminal);
  const [clusters, peerings, applications, operations] = await Promise.all([
    client.call(routes.listClusters, {}),
    client.call(routes.listPeerings, {}),
    client.call(routes.listApplications, {}),
    client.call(routes.listOperations, { query: { limit: 500 } }),
  ]);
  const missing = ['harbour', 'main', 'ebro'].filter((name) => !clusters.items.some((cluster) => cluster.name === name && cluster.state === 'ready'));
  if (missing.length > 0)
    throw failWith(
      'refused',
      `The demo is not ready: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not added.`,
      'Wait until npm start says that all members are added.',
    );
  const [busy] = operations.items.filter(({ state }) => state !== 'planned' && !finalStates.includes(state));
  if (busy !== undefined)
    throw failWith(
      'refused',
      `The demo is not as it was at first: operation ${busy.id} is ${busy.state} (${clean(busy.title)}).`,
      `Let it end: hanse operations watch ${busy.id}`,
    );
  const back = [...applications.items.map(({ name }) => `hanse delete ${name}`), ...peerings.items.map(({ provider }) => `hanse leave ${provider}`)];
  if (back.length > 0)
    throw failWith(
      'refused',
      'The demo is not as it was at first: something is deployed or federated.',
      `Put it back, then take the tour: ${back.join(' && ')}`,
    );
};

/** Beside the program, wherever it runs from: the sources, or dist/. */
const shopManifests = (): string => {
  const found = ['../../..', '../../../..'].map((up) => join(import.meta.dirname, up, 'examples', 'shop')).find((folder) => existsSync(folder));
  if (found === undefined) throw failWith('error', 'The example application examples/shop is not there.', 'Run it from a checkout.');
  const near = relative(process.cwd(), found);
  return near.startsWith('..') ? found : near;
};

/** The Service's own address on this machine, as hanse demo services prints it. */
const loadOn = async (terminal: Terminal): Promise<Load | null> => {
  const url = /^shop\/web (http:\S+)$/m.exec(await askDemo(terminal, ['services']))?.[1];
  return url === undefined ? null : startLoad(url);
};

const loadText = ({ sent, lost }: { sent: number; lost: number }, style: ReturnType<typeof styleFor>): string =>
  lost === 0
    ? style.green(`${sent} requests were sent meanwhile; every one was answered.`)
    : style.red(`${sent} requests were sent meanwhile; ${lost} were not answered.`);

const exitOf = (code: number): Exit => (Object.keys(exitCodes) as Exit[]).find((exit) => exitCodes[exit][0] === code) ?? 'error'; // its own keys

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const wrapped = (text: string, columns: number): string => {
  const width = Math.min(100, Math.max(40, columns)) - 2;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
};

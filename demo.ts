// The demo: the simulated outside world as a process of its own, and the broker in this one, which is told its addresses and knows nothing else of it.
// With demo/ the only place that knows both. Either can be killed; what it did is on disk.
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cannotListen } from './broker/src/api/io/server.ts';
import { parseConfig, type Config } from './broker/src/config.ts';
import { HanseError } from './broker/src/errors.ts';
import { sentences, start } from './broker/src/main.ts';
import { identityIn } from './broker/src/store/io/hold.ts';
import { readClusters } from './demo/clusters.ts';
import { pageLink } from './demo/door.ts';
import { write } from './demo/write.ts';
import { addMembers, entryOf, entryOfMember, type Entering } from './demo/members.ts';
import { tellBroker } from './demo/settings.ts';
import { members } from './simulator/federation.ts';
import { isKept, keepSimulator } from './simulator/keep.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const began = Date.now();

async function main(): Promise<number> {
  const stopped = nextSignal();
  const { hurried: isHurried = false, clusters: dir, 'probe-image': probeImage } = readOptions();
  const env = environment(dir !== undefined);
  const { dataDir, configDir, listen } = read(undefined, env);
  const folder = `${dataDir.replace(/\/+$/, '')}-demo`;
  identityIn(dataDir); // says whether it can be written
  const outsideFile = join(folder, 'outside.json');
  if (existsSync(join(folder, 'simulator.json')) && existsSync(outsideFile) !== (dir !== undefined))
    throw new HanseError('SETUP_FAILED', `The data directory ${dataDir} was begun ${dir === undefined ? 'with' : 'without'} --clusters.`, {
      fix: 'Go on in the same way, or start with another HANSE_DATA_DIR.',
    });
  if (await isKept(folder))
    throw new HanseError('SETUP_FAILED', 'A broker already runs on this data directory.', {
      fix: `Use it (hanse page opens its page), end it first, or start this one with another HANSE_DATA_DIR and HANSE_PORT.`,
    });
  await tryPort(listen);
  const standing = dir === undefined ? null : await readClusters(resolve(process.env['INIT_CWD'] ?? '', dir));
  if (standing) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    write(outsideFile, JSON.stringify(standing.map(({ name, liqoClusterId, isHome }) => ({ name, liqoClusterId, isHome }))));
  }
  say(standing ? `Starting the simulated Gaia-X and exchanges for ${standing.map(({ name }) => name).join(', ')}.` : 'Starting the simulated providers.');
  const simulator = await keepSimulator(folder, { say, isHurried, ...(standing && { outsideFile }) });
  try {
    const config = read(tellBroker({ folder, configDir, standing, probeImage }, simulator.description), env);
    const entering = standing ? standing.map(entryOf) : members.map((member) => entryOfMember(member, simulator));
    const running = await start(config, say);
    try {
      const kubeconfigs = dir ?? join(folder, 'kubeconfigs');
      greet(await pageLink(running.url, configDir), { dataDir, folder, configDir, kubeconfigs, entering, isSimulated: standing === null });
      const adding = addMembers(running.url, { folder, configDir, entering, say });
      const signal = await Promise.race([stopped, adding.then(() => stopped)]);
      say(`\nStopping (${signal}): running steps end where they can be taken up again.`);
      process.once('SIGINT', () => process.exit(130)); // a second one does not wait
    } finally {
      await running.stop();
    }
  } finally {
    await simulator.stop();
  }
  return 0;
}

function readOptions() {
  try {
    return parseArgs({ options: { clusters: { type: 'string' }, 'probe-image': { type: 'string' }, hurried: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new HanseError('SETUP_FAILED', error instanceof Error ? error.message : 'The options cannot be read.', {
      fix: 'Use: npm start [-- --clusters DIR [--probe-image IMAGE]]',
    });
  }
}

/** What is done with real clusters is kept apart from the demo, unless a person says where. */
function environment(hasClusters: boolean): NodeJS.ProcessEnv {
  if (!hasClusters || process.env['HANSE_DATA_DIR']) return process.env;
  return { ...process.env, HANSE_DATA_DIR: `${read(undefined, process.env).dataDir.replace(/\/+$/, '')}-clusters` };
}

/** The product's own settings, and what of it the demo decides. */
function read(file: { readonly name: string; readonly text: string } | undefined, env: NodeJS.ProcessEnv): Config {
  const parsed = parseConfig({ ...(file && { file }), env, isRoot: process.getuid?.() === 0, home: homedir() });
  if (parsed.config) return parsed.config;
  throw new HanseError('SETUP_FAILED', 'The configuration cannot be used.', { faults: parsed.faults, fix: 'Correct it and start again.' });
}

type Places = {
  readonly dataDir: string;
  readonly folder: string;
  readonly configDir: string;
  readonly kubeconfigs: string;
  readonly entering: readonly Entering[];
  readonly isSimulated: boolean;
};

function greet(url: string, { dataDir, folder, configDir, kubeconfigs, entering, isSimulated }: Places): void {
  const providers = entering.flatMap(({ name, side }) => (side === 'provider' ? [name] : []));
  const [federated, where] = isSimulated ? ['main ebro', 'country=DE,ES'] : [providers.slice(0, 2).join(' '), 'country=EU'];
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  for (const line of [
    '',
    `Hanse is ready after ${seconds} s. Open this once in a browser (later: hanse page):`,
    '',
    `  ${url}`,
    '',
    `  data          ${dataDir}, ${folder} (the simulated world)`,
    `  keys, token   ${configDir}`,
    `  kubeconfigs   ${kubeconfigs}`,
    '',
    'In another terminal, in this folder (hanse demo tour shows all of it):',
    `  alias hanse='node "${join(process.cwd(), 'bin', 'hanse.mjs')}"'`,
    "  hanse offers --where country=EU --where 'label>=L1@certified' --prefer price",
    `  hanse federate ${federated}`,
    `  hanse deploy shop -f examples/shop --where ${where} --prefer price`,
    '',
    'Ctrl-C stops everything; the next npm start goes on from here.',
  ])
    say(line);
}

/** Before anything is started: SETUP_FAILED when the broker could not listen there. */
async function tryPort({ host, port }: Config['listen']): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, { host, port })));
    server.listen(port, host, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

const nextSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
  });

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof HanseError)) throw error;
  for (const line of sentences(error)) say(line);
  process.exitCode = 1;
}

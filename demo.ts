// The demo: the simulated outside world as a process of its own, and the broker in this one, which is told its addresses and knows nothing else of it.
// With demoClusters.ts the only file that knows both. Either can be killed; what it did is on disk.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cannotListen } from './broker/src/api/io/server.ts';
import { tokenFileOf } from './broker/src/api/io/tokenFile.ts';
import { parseConfig, type Config } from './broker/src/config.ts';
import { HanseError } from './broker/src/errors.ts';
import { sentences, start } from './broker/src/main.ts';
import { identityIn } from './broker/src/store/io/hold.ts';
import { readClusters, type Standing } from './demoClusters.ts';
import { connectionOf, spliceConnectionOf, vlanStep } from './simulator/exchanges/ways.ts';
import { exchanges, members, splices } from './simulator/federation.ts';
import { isKept, keepSimulator, type Simulator } from './simulator/keep.ts';
import type { Description } from './simulator/start.ts';

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
      const adding = addMembers(running.url, { folder, configDir, entering });
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

type Told = {
  readonly folder: string;
  readonly configDir: string;
  readonly standing: readonly Standing[] | null;
  readonly probeImage: string | undefined;
};

/** Exactly these ports of this machine may be spoken to, and no other, and the clusters of the folder; kept where a person can read it. */
function tellBroker(
  { folder, configDir, standing, probeImage }: Told,
  { members: served, parts, control }: Description,
): { readonly name: string; readonly text: string } {
  const gaiaX = parts['gaia-x'];
  const authorityFile = join(folder, 'authorities.pem');
  write(authorityFile, String(gaiaX?.told['authority']));
  const trustAnchorsFile = join(folder, 'anchors.pem');
  write(trustAnchorsFile, String(gaiaX?.told['anchor']));
  const settings = {
    allowedAddresses: [...served.map(({ server }) => server), ...Object.values(parts).map(({ url }) => url)]
      .map((address) => new URL(address).host)
      .concat(Object.values(parts).flatMap(addressesOf), standing?.map(({ address }) => address) ?? []),
    credentials: {
      sources: gaiaX?.told['sources'],
      trustedIssuers: gaiaX?.told['trustedIssuers'],
      contexts: gaiaX?.told['contexts'],
      shapes: gaiaX?.told['shapes'],
      authorityFile,
      askAgainSeconds: 3,
      trustAnchorsFile,
    },
    // a person who plays waits for less
    ...(!standing && { reactions: { offersSeconds: 5, circuitsSeconds: 3, holdSeconds: { unreachable: 20, circuit: 10, price: 5, proof: 5 } } }),
    // between real clusters the product's own bounds
    ...(!standing && { migration: { drainSecondsMin: 5, drainSecondsMax: 60 } }),
    ...(probeImage !== undefined && { probe: { image: probeImage } }),
    ...interconnect(folder, parts['exchanges']?.told['exchanges'], standing ? [] : members),
  };
  const file = { name: join(folder, 'broker.yaml'), text: `${JSON.stringify(settings, null, 2)}\n` };
  write(file.name, file.text);
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  write(join(configDir, 'demo.json'), JSON.stringify(control)); // for hanse demo
  return file;
}

/** Prices are the contract's: no exchange names them in its API. */
const prices = { segment: { eurPerMonth: 60, eurOnce: 0 }, attachment: { eurPerMonth: 150, eurOnce: 250 } };
const splicePairs = 50;

/** Clusters that stand elsewhere are connected already, to no simulated exchange. */
function interconnect(folder: string, told: unknown, connected: typeof members): object {
  const withApi = (Array.isArray(told) ? told : []).map(({ key, secret, ...exchange }: Record<string, string>) => {
    const [keyFile, secretFile] = [join(folder, `${exchange['name']}.key`), join(folder, `${exchange['name']}.secret`)];
    write(keyFile, key ?? '');
    write(secretFile, secret ?? '');
    return { ...exchange, kind: 'ixApi', keyFile, secretFile, mtuBytes: 9000, prices };
  });
  const byHand = exchanges.filter(({ api }) => api === 'none').map(({ name, title }) => ({ name, title, kind: 'manual', mtuBytes: 9000, prices }));
  return {
    exchanges: [...withApi, ...byHand],
    splices: splices.map(({ vlans: [a, b], ...splice }) => ({
      ...splice,
      connections: [spliceConnectionOf(splice.name), spliceConnectionOf(splice.name)],
      // what was in production keeps its tags until the date that the exchange named
      vlans: Array.from({ length: splicePairs }, (_, index) => [a + index * vlanStep, b + index * vlanStep]),
    })),
    sites: connected.map(({ name, exchange }) => ({ cluster: name, exchange, connection: connectionOf(name), mtuBytes: 9000 })),
  };
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
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

// ---- the members, added once through the API, as anybody would

type Entering = { readonly name: string; readonly side: 'consumer' | 'provider'; way(): object };
type Adding = { readonly folder: string; readonly configDir: string; readonly entering: readonly Entering[] };

const entryOf = ({ name, isHome, kubeconfig }: Standing): Entering => ({ name, side: isHome ? 'consumer' : 'provider', way: () => ({ kubeconfig }) });

const entryOfMember = ({ name, offer }: (typeof members)[number], { description }: Simulator): Entering => ({
  name,
  side: offer === null ? 'consumer' : 'provider',
  way: () => wayInto(name, description),
});

/** On a busy machine a simulated member may be late. */
const attemptsMax = 4;

/** Never throws: what cannot be added today is added at the next start, or by hand. */
async function addMembers(url: string, { folder, configDir, entering }: Adding): Promise<void> {
  const file = join(folder, 'added.json');
  const added = new Set<string>(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : []); // written below
  const token = readToken(configDir);
  const add = async ({ name, side, way }: Entering): Promise<void> => {
    for (let attempt = 1; !added.has(name); attempt += 1) {
      try {
        await undertake({ url, token }, 'cluster-add', { name, side, ...way() });
        added.add(name);
        write(file, JSON.stringify([...added]));
        say(`Added ${name}.`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (attempt === attemptsMax) return say(`${name} was not added: ${why}. By hand: hanse cluster add ${name} --kubeconfig … --side ${side}`);
        say(`${name} was not added: ${why}. It is tried again.`);
        await pause(2_000);
      }
    }
  };
  for (const home of entering.filter(({ side }) => side === 'consumer')) await add(home);
  await Promise.all(entering.filter(({ side }) => side === 'provider').map(add));
  if (entering.every(({ name }) => added.has(name))) say('All members of the demo federation are added.');
}

/** As its platform is entered: through the part that stands in front of it, else by its kubeconfig. */
function wayInto(name: string, { members: served, parts }: Description): object {
  const way = Object.values(parts).find(({ told }) => told['member'] === name)?.told['way'];
  if (typeof way === 'object' && way !== null) return way;
  return { kubeconfig: readFileSync(served.find((member) => member.name === name)?.kubeconfig ?? '', 'utf8') };
}

/** Where a part listens beside its own address. */
const addressesOf = ({ told }: Description['parts'][string]): string[] =>
  Array.isArray(told['addresses']) ? told['addresses'].filter((one) => typeof one === 'string') : [];

async function pageLink(url: string, configDir: string): Promise<string> {
  const { path = '/' } = await call({ url, token: readToken(configDir) }, 'POST', '/v1/page-links');
  return url + path;
}

const readToken = (configDir: string): string => readFileSync(tokenFileOf(configDir), 'utf8').trim();

type Door = { readonly url: string; readonly token: string };
type Answer = {
  readonly operation?: { readonly id: string } | null;
  readonly state?: string;
  readonly path?: string;
  readonly title?: string;
  readonly detail?: string;
};

async function undertake(door: Door, verb: string, request: object): Promise<void> {
  const { operation } = await call(door, 'POST', '/v1/operations', { verb, request });
  if (!operation) return;
  await call(door, 'POST', `/v1/operations/${operation.id}/approve`);
  for (;;) {
    const { state = '' } = await call(door, 'GET', `/v1/operations/${operation.id}`);
    if (state === 'done') return;
    if (['rolledBack', 'failed', 'discarded', 'asking'].includes(state)) throw new Error(`operation ${operation.id} is ${state}`);
    await pause(100);
  }
}

async function call({ url, token }: Door, method: string, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const answer = (await response.json()) as Answer; // our own API
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `the broker answered ${response.status}`);
  return answer;
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

// Wires the house together, by hand: configuration, store, engine, API. Nobody imports it but the command line's `serve`.
import { readFileSync, realpathSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ApiDeps } from './api/io/deps.ts';
import { makeLog } from './api/io/log.ts';
import { startApi } from './api/io/server.ts';
import { ensureToken, tokenFileOf } from './api/io/tokenFile.ts';
import { parseLink, type Link } from './audit/index.ts';
import { createHeadSigner, loadSigningKey, readHeadsFile, verifyAudit } from './audit/io/index.ts';
import { startHarvesting } from './catalogue/io/index.ts';
import { startWatching } from './clusters/io/index.ts';
import { parseConfig } from './config.ts';
import type { Config } from './config.ts';
import { createDeclarations } from './declarations/io/index.ts';
import { HanseError } from './errors.ts';
import type { Fault } from './errors.ts';
import { brokerId } from './ids.ts';
import { watchCircuits } from './interconnect/io/index.ts';
import { watchConsumers } from './lending/io/index.ts';
import { createEngine, createOperations } from './operations/io/index.ts';
import { parsePolicy } from './placement/index.ts';
import { startReacting } from './reactions/io/index.ts';
import { openStore } from './store/io/openStore.ts';
import type { Store } from './store/io/store.ts';
import { holdIdentity, identityIn, isRunning } from './store/io/hold.ts';
import { wire } from './wire.ts';
import { createApplicationRows, startSweeping } from './workloads/io/index.ts';

export const version = '0.1.0';

export type Running = { readonly url: string; stop(): Promise<void> };

/** Runs the broker until it is told to stop. Answers the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const config = readConfig(args);
    const stopped = nextSignal();
    const running = await start(config, say);
    say(`Hanse ${version} listens at ${running.url} (API: ${running.url}/docs). Its token is in ${tokenFileOf(config.configDir)}.`);
    say(
      'Next, in another terminal: hanse cluster add home --kubeconfig FILE --side consumer (hanse: as you started this, node …/bin/hanse.mjs or a link to it)',
    );
    const signal = await stopped;
    say(`Stopping (${signal}): running steps end where they can be taken up again.`);
    process.once('SIGINT', () => process.exit(130)); // a second one does not wait
    await running.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof HanseError)) throw error;
    for (const line of sentences(error)) say(line);
    return 1;
  }
};

/** Everything, in this process; what `say` gets is for a person. */
export const start = async (config: Config, say: (line: string) => void): Promise<Running> => {
  const log = makeLog(process.env['HANSE_LOG'] || 'warn');
  const endings: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of endings.splice(0).toReversed()) await end().catch((error: unknown) => log.warn({ err: error }, 'an end went wrong'));
  };
  try {
    const token = ensureToken(config.configDir);
    const id = identityIn(config.dataDir);
    const store = await openStore({ ...config, say });
    endings.push(() => store.close());
    const held = await holdIdentity(store, id);
    endings.push(() => held.release());
    const key = await loadSigningKey(config.configDir);
    const heads = createHeadSigner({ store, key, configDir: config.configDir, onError: (error) => log.error({ err: error }, 'audit head not signed') });
    heads.start();
    endings.push(() => heads.stop());

    const wired = wire({ store, config, key, broker: { name: `${id}@${hostname()}`, isRunning: (name) => isRunning(store, name.split('@')[0] ?? '') } });
    const { clusters, peerings, applications, decider, credentials, impact, catalogue, harvester, interconnect, lans, consumers, verbs } = wired;
    endings.push(wired.close);
    const warn = (what: string) => (error: unknown) => log.warn({ err: error }, what);
    const onError = warn('watching');
    for (const loop of [
      startWatching({
        store,
        clusters,
        allowedAddresses: config.allowedAddresses,
        everyMs: config.heartbeatSeconds * 1000,
        onError,
        follow: watchConsumers({ store, onError }),
      }),
      startHarvesting(harvester, 'default', warn('harvesting')),
      wired.watchCredentials(warn('watching credentials')),
      watchCircuits({ store, interconnect, turnMs: config.reactions.circuitsSeconds * 1000, onError: warn('watching circuits') }),
      startSweeping(store, warn('sweeping secrets')),
    ])
      endings.push(async () => loop.stop());

    const engine = createEngine({ store, verbs, brokerId: brokerId(id), leaseSeconds: config.leaseSeconds, log });
    engine.start();
    endings.push(() => engine.stop());

    const operations = createOperations(store);
    const reacting = startReacting({
      ...config.reactions,
      store,
      clusters,
      peerings,
      interconnect,
      decider,
      verbs,
      operations,
      applications: createApplicationRows(store),
      onError: warn('reacting'),
    });
    endings.push(() => reacting.stop());
    const byName = Object.fromEntries(verbs.map((verb) => [verb.name, verb]));
    const deps: ApiDeps = {
      version,
      store,
      log,
      verbs: byName,
      operations,
      declarations: createDeclarations({ store, clusters, peerings, applications, decider, verbs: byName, operations }),
      onEvents: engine.onEvents,
      clusters,
      lans,
      consumers,
      applications,
      offers: decider.offers,
      credentials,
      impact,
      catalogue,
      parsePolicy: (text) => JSON.parse(JSON.stringify(parsePolicy(text, 'the policy'))),
      verifyAudit: (_, head) => auditReport({ store, configDir: config.configDir, key }, head),
    };
    const { host, port } = config.listen;
    const pageDir = join(import.meta.dirname, '..', '..', 'ui');
    const api = await startApi(deps, { host, port, hosts: [`${host}:${port}`], token, pageDir, publishDir: config.publishDir });
    endings.push(() => api.close());
    return { url: api.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

type Audited = { readonly store: Store; readonly configDir: string; readonly key: Awaited<ReturnType<typeof loadSigningKey>> };

const auditReport = async ({ store, configDir, key }: Audited, head: string | undefined): ReturnType<ApiDeps['verifyAudit']> => {
  const { heads, damaged } = await readHeadsFile(configDir);
  const { valid, events, last, faults } = await verifyAudit(store, {
    heads,
    keys: new Map([[key.keyId, key.publicKey]]),
    trusted: head === undefined ? [] : [linkOf(head)],
  });
  const lines = damaged === 0 ? [] : [{ seq: null, message: `${damaged} lines of the file of heads cannot be read.` }];
  return { valid: valid && damaged === 0, events, head: last, faults: [...lines, ...faults] };
};

const linkOf = (head: string): Link => {
  const link = parseLink(head);
  if (link !== null) return link;
  throw new HanseError('INVALID_REQUEST', 'query.head: is not SEQ:HASH.', {
    place: { path: 'query.head' },
    fix: 'Give it as hanse audit verify printed it.',
  });
};

const readConfig = (args: readonly string[]): Config => {
  const file = configFile(args);
  const text = file === undefined ? undefined : readNamed(file);
  const parsed = parseConfig({
    ...(file !== undefined && text !== undefined && { file: { name: file, text } }),
    env: process.env,
    isRoot: process.getuid?.() === 0,
    home: homedir(),
  });
  if (parsed.config) return parsed.config;
  throw new HanseError('SETUP_FAILED', 'The configuration cannot be used.', { faults: parsed.faults, fix: 'Correct it and start again.' });
};

const configFile = (args: readonly string[]): string | undefined => {
  try {
    return parseArgs({ args: [...args], options: { config: { type: 'string' } } }).values.config;
  } catch (error) {
    throw new HanseError('SETUP_FAILED', error instanceof Error ? error.message : 'The arguments cannot be read.', { fix: 'Use: hanse serve [--config FILE]' });
  }
};

const readNamed = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new HanseError('SETUP_FAILED', `The configuration ${file} cannot be read (${code}).`, { fix: 'Check its path and who may read it.', cause: error });
  }
};

export const sentences = (error: HanseError): string[] => {
  const where = ({ place }: Fault): string => [place?.file, place?.line].filter((part) => part !== undefined).join(':');
  return [
    error.message,
    ...error.faults.map((fault) => `  ${where(fault)}${where(fault) === '' ? '' : ': '}${fault.message}${fault.fix === undefined ? '' : ` ${fault.fix}`}`),
    `  ${error.fix}`,
  ];
};

const nextSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });

const isProgram = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isProgram) process.exitCode = await main(process.argv.slice(2));

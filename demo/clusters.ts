// Members that stand elsewhere: npm start -- --clusters DIR reads their kubeconfigs. They are entered as anybody's clusters are; Gaia-X and the exchanges stay simulated.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { connectKube } from '../broker/src/clusters/io/index.ts';
import { readKubeconfig } from '../broker/src/clusters/kubeconfig.ts';
import { HanseError } from '../broker/src/errors.ts';
import type { Outside } from '../simulator/outside.ts';

export type Standing = Outside & {
  readonly kubeconfig: string;
  /** host:port */
  readonly address: string;
};

const homeNames = ['home', 'harbour'];
const bytesMax = 1 << 20;
const nameShape = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

const shape = z.looseObject({ clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })).max(1000) });

const failed = (message: string, fix: string): HanseError => new HanseError('SETUP_FAILED', message, { fix });

/** SETUP_FAILED in one sentence when the folder, one of the files or one of the clusters is not as it must be. */
export async function readClusters(dir: string): Promise<readonly Standing[]> {
  const files = kubeconfigsIn(dir);
  if (files.length === 0)
    throw failed(`There is no kubeconfig in ${dir}.`, 'It holds NAME/admin.kubeconfig or NAME.kubeconfig for each cluster; yours is named home (or harbour).');
  const homes = files.filter(({ name }) => homeNames.includes(name));
  if (homes.length !== 1)
    throw failed(
      `In ${dir} ${homes.length === 0 ? 'no cluster is' : 'two clusters are'} named home or harbour (there are ${files.map(({ name }) => name).join(', ')}).`,
      'Name the one that is yours so; the others are the providers.',
    );
  if (files.length === 1) throw failed(`In ${dir} there is no provider beside ${homes[0]?.name}.`, 'Add the kubeconfig of at least one.');
  return Promise.all(files.map(standing));
}

type Named = { readonly name: string; readonly file: string };

/** As the laboratory writes them (NAME/admin.kubeconfig), or one beside the other (NAME.kubeconfig). */
function kubeconfigsIn(dir: string): readonly Named[] {
  const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  const entries = tried(dir, () => readdirSync(dir)).toSorted();
  const all = entries.flatMap((entry): Named[] => {
    const inside = join(dir, entry, 'admin.kubeconfig');
    if (tried(inside, () => isFile(inside), ['ENOTDIR'], false)) return [{ name: entry, file: inside }];
    return entry.endsWith('.kubeconfig') ? [{ name: entry.slice(0, -'.kubeconfig'.length), file: join(dir, entry) }] : [];
  });
  for (const { name, file } of all) {
    if (!nameShape.test(name)) throw failed(`${file}: ${JSON.stringify(name)} cannot be the name of a cluster.`, 'Use small letters, digits and hyphens.');
    if (all.some((other) => other.name === name && other.file !== file)) throw failed(`In ${dir} there are two kubeconfigs of ${name}.`, 'Remove one.');
  }
  return all;
}

async function standing({ name, file }: Named): Promise<Standing> {
  const kubeconfig = tried(file, () => readFileSync(file, 'utf8'));
  if (kubeconfig.length > bytesMax) throw failed(`${file} is larger than a kubeconfig.`, 'Take it out of the folder.');
  const outcome = readKubeconfig(kubeconfig, { allowed: addressesIn(kubeconfig), now: Date.now() });
  if (outcome.kind === 'rejected') {
    const [first] = outcome.faults;
    throw failed(`${file} cannot be used: ${first?.message ?? 'it is not a kubeconfig'}.`, first?.fix ?? 'Correct it.');
  }
  const { server, ca, tlsServerName, credential } = outcome.access;
  const address = addressOf(server);
  const kube = connectKube({
    cluster: name,
    server,
    ca,
    ...(tlsServerName !== null && { tlsServerName }),
    credential: credential.kind === 'token' ? { kind: 'token', token: () => credential.token } : credential,
    allowedAddresses: [address],
    timeLimitMs: 10_000,
  });
  try {
    const map = await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'liqo', name: 'liqo-clusterid-configmap' });
    const data = map?.['data'];
    const liqoClusterId = typeof data === 'object' && data !== null && 'CLUSTER_ID' in data && typeof data.CLUSTER_ID === 'string' ? data.CLUSTER_ID : null;
    if (liqoClusterId === null) throw failed(`Liqo is not installed in ${name} (${file}).`, 'Install Liqo 1.2 there, or take the file out of the folder.');
    return { name, liqoClusterId, isHome: homeNames.includes(name), kubeconfig, address };
  } catch (error) {
    if (error instanceof HanseError && error.code === 'SETUP_FAILED') throw error;
    throw failed(
      `${name} (${file}) cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
      'Start it, or take the file out of the folder.',
    );
  } finally {
    await kube.close();
  }
}

const addressOf = (server: string): string => {
  const { host, port, hostname } = new URL(server);
  return port === '' ? `${hostname}:443` : host;
};

/** The folder is named by the operator, so every server in it is meant. What is no kubeconfig is told by whoever reads it next. */
function addressesIn(kubeconfig: string): readonly string[] {
  try {
    const { clusters } = shape.parse(parse(kubeconfig));
    return clusters.map(({ cluster: { server } }) => addressOf(server));
  } catch {
    return [];
  }
}

/** `otherwise`: for these codes of the system. */
function tried<T>(what: string, look: () => T, codes: readonly string[] = [], otherwise?: T): T {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    if (otherwise !== undefined && codes.includes(code)) return otherwise;
    const why = { ENOENT: 'there is no such file or folder', ENOTDIR: 'it is not a folder', EACCES: 'this account may not read it', EISDIR: 'it is a folder' }[
      code
    ];
    throw failed(`${what} cannot be read: ${why ?? code}.`, 'Name a folder with the kubeconfigs of the clusters.');
  }
}

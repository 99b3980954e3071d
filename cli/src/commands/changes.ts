// The verbs that change something: what was typed becomes the request that the verb's schema in the broker wants.
import { stat } from 'node:fs/promises';
import { policyDocument } from '../../../contract/src/declaration.ts';
import { usualResources } from '../../../contract/src/peering.ts';
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { quantityOf } from '../quantity.ts';
import { readManifests, readText } from '../files.ts';
import { wayIn } from '../wayIn.ts';
import type { WayOptions } from '../wayIn.ts';
import type { Terminal } from '../terminal.ts';
import { undertake } from '../undertake.ts';
import type { ChangeOptions } from '../undertake.ts';

export type Choice = { readonly where?: readonly string[]; readonly prefer?: readonly string[]; readonly policy?: string };
export type Size = { readonly cpu?: string; readonly memory?: string; readonly pods?: number; readonly gpus?: number };

export const clusterAdd = async (
  terminal: Terminal,
  name: string,
  options: ChangeOptions & WayOptions & { side: string; context?: string; home?: string },
): Promise<Exit> => {
  const way = await wayIn(terminal, options);
  return undertake(terminal, 'cluster-add', given({ name, side: options.side, ...way, context: options.context, home: options.home }), options);
};

export const clusterScale = (terminal: Terminal, name: string, options: ChangeOptions & { nodes: string; nodePool?: string }): Promise<Exit> => {
  const { nodes, nodePool } = options;
  if (!/^[+-]?\d{1,6}$/.test(nodes)) throw failWith('usage', '--nodes is not a number of nodes.', 'Give a number, or +1 or -1 for so many more or fewer.');
  const wish = /^[+-]/.test(nodes) ? { change: Number(nodes) } : { nodes: Number(nodes) };
  return undertake(terminal, 'cluster-scale', given({ name, nodePool, ...wish }), options);
};

export const clusterRemove = (terminal: Terminal, name: string, options: ChangeOptions & { force?: boolean }): Promise<Exit> =>
  undertake(terminal, 'cluster-remove', given({ name, force: options.force }), options);

export const federate = async (
  terminal: Terminal,
  providers: readonly string[],
  options: ChangeOptions & Pick<Choice, 'where'> & Size & { home?: string },
): Promise<Exit> => {
  if (providers.length === 0 && options.where === undefined)
    throw failWith('usage', 'Nothing says with whom to federate.', 'Name providers (hanse federate pa pb), or criteria (--where country=DE).');
  const resources = hasSize(options) ? { ...usualResources, ...resourcesOf(options) } : undefined;
  return undertake(terminal, 'federate', given({ providers, home: options.home, where: options.where, resources }), options);
};

export const leave = (terminal: Terminal, provider: string, options: ChangeOptions & { home?: string; evacuate?: boolean; force?: boolean }): Promise<Exit> =>
  undertake(terminal, 'leave', given({ provider, home: options.home, evacuate: options.evacuate, force: options.force }), options);

export const resize = async (terminal: Terminal, provider: string, options: ChangeOptions & Size): Promise<Exit> => {
  if (!hasSize(options))
    throw failWith('usage', 'Nothing says how much to borrow.', 'Give one or more of --cpu, --memory, --pods and --gpus; the others stay as they are.');
  const asked = resourcesOf(options);
  const { items } = await (await connect(terminal)).call(routes.listPeerings, {});
  const now = items.find((peering) => peering.provider === provider)?.resources ?? usualResources;
  return undertake(terminal, 'resize', { provider, resources: { ...now, ...asked } }, options);
};

export const deploy = async (
  terminal: Terminal,
  name: string,
  options: ChangeOptions & Choice & { filename: readonly string[]; home?: string; clusters?: readonly string[]; spread?: number },
): Promise<Exit> => {
  const urls = options.filename.filter(isUrl);
  const files = options.filename.filter((file) => !isUrl(file));
  if (urls.length > 1 || (urls.length === 1 && files.length > 0))
    throw failWith('usage', 'One URL is taken, and no files beside it.', 'Deploy files, or one URL.');
  const source = urls[0] === undefined ? { manifests: await readManifests(terminal, files) } : { url: urls[0] };
  return undertake(
    terminal,
    'deploy',
    given({ name, ...source, home: options.home, clusters: options.clusters, spread: options.spread, ...(await choiceOf(terminal, options)) }),
    options,
  );
};

export const remove = (terminal: Terminal, application: string, options: ChangeOptions & { data?: boolean; foreign?: boolean }): Promise<Exit> =>
  undertake(terminal, 'delete', given({ name: application, data: options.data, foreign: options.foreign }), options);

export type Pauses = { readonly connectionAge?: number; readonly ready?: number; readonly soak?: number };

export const migrate = (terminal: Terminal, application: string, options: ChangeOptions & Pauses & { from: string; to: string }): Promise<Exit> =>
  undertake(terminal, 'migrate', given({ application, from: options.from, to: options.to, ...pausesOf(options) }), options);

export const evacuate = (terminal: Terminal, provider: string, options: ChangeOptions & Pauses & { home?: string; pace?: number }): Promise<Exit> =>
  undertake(terminal, 'evacuate', given({ provider, home: options.home, paceSeconds: options.pace, ...pausesOf(options) }), options);

const pausesOf = ({ connectionAge, ready, soak }: Pauses): object => ({ connectionAgeSeconds: connectionAge, readySeconds: ready, soakSeconds: soak });

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

const choiceOf = async (terminal: Terminal, { where, prefer, policy }: Choice): Promise<object> => ({
  where,
  prefer,
  policy: policy === undefined ? undefined : await policyOf(terminal, policy),
});

/** A file; where there is none of that name, the stored policy that is called so. */
const policyOf = async (terminal: Terminal, named: string): Promise<{ readonly file: string; readonly text: string }> => {
  const isFile = named === '-' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(named) || (await stat(named).catch(() => null)) !== null;
  if (isFile) return { file: named, text: await readText(terminal, named) };
  const { items } = await (await connect(terminal)).call(routes.listDeclarations, { query: { kind: 'Policy' } });
  const found = items.find((item) => policyDocument.safeParse(item).data?.metadata.name === named);
  if (found === undefined)
    throw failWith('usage', `There is neither a file ${named} nor a stored policy of that name.`, 'hanse get policies shows those that are stored.');
  return { file: `policy ${named}`, text: JSON.stringify(found) };
};

const hasSize = ({ cpu, memory, pods, gpus }: Size): boolean => [cpu, memory, pods, gpus].some((each) => each !== undefined);

const resourcesOf = ({ cpu, memory, pods, gpus }: Size): Partial<typeof usualResources> => ({
  ...(cpu !== undefined && { cpuMillis: Math.round(quantityOf(cpu, '--cpu') * 1000) }),
  ...(memory !== undefined && { memoryBytes: Math.round(quantityOf(memory, '--memory')) }),
  ...(pods !== undefined && { pods }),
  ...(gpus !== undefined && { gpus }),
});

const given = (request: object): object => Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));

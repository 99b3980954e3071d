// How a cluster is entered, from the options of `cluster add`: which belong together, and the files that hold secrets. A secret is never an argument: everyone on the computer could read it.
import { failWith } from './failure.ts';
import { readText } from './files.ts';
import type { Terminal } from './terminal.ts';

export type WayOptions = {
  readonly kubeconfig?: string;
  readonly openshift?: string;
  readonly rancher?: string;
  readonly opennebula?: string;
  readonly oneks?: string;
  readonly cluster?: string;
  readonly tokenFile?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly authFile?: string;
  readonly caFile?: string;
};

type Name = keyof WayOptions;

const flag = (name: Name): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What goes with each way: first what it needs, then what it may have. */
const ways: Readonly<Record<'kubeconfig' | 'openshift' | 'rancher' | 'opennebula', readonly [needs: readonly Name[], may: readonly Name[]]>> = {
  kubeconfig: [[], []],
  openshift: [['caFile'], ['tokenFile', 'user', 'passwordFile']],
  rancher: [['tokenFile', 'cluster'], ['caFile']],
  opennebula: [
    ['authFile', 'cluster'],
    ['caFile', 'oneks'],
  ],
};
const wayNames = ['kubeconfig', 'openshift', 'rancher', 'opennebula'] as const;
const details: readonly Name[] = ['oneks', 'cluster', 'tokenFile', 'user', 'passwordFile', 'authFile', 'caFile'];

const chosenWay = (options: WayOptions): (typeof wayNames)[number] => {
  const [way, other] = wayNames.filter((name) => options[name] !== undefined);
  if (way === undefined || other !== undefined)
    throw failWith(
      'usage',
      `${way === undefined ? 'Nothing says' : 'It is not clear'} how to get into the cluster.`,
      `Give exactly one of ${wayNames.map(flag).join(', ')}.`,
    );
  const [needs, may] = ways[way];
  const missing = needs.filter((name) => options[name] === undefined);
  if (missing.length > 0) throw failWith('usage', `${flag(way)} needs ${missing.map(flag).join(' and ')} too.`);
  const foreign = details.filter((name) => options[name] !== undefined && !needs.includes(name) && !may.includes(name));
  if (foreign.length > 0) throw failWith('usage', `${foreign.map(flag).join(', ')} does not go with ${flag(way)}.`);
  if (way === 'openshift' && (options.tokenFile === undefined) === (options.user === undefined || options.passwordFile === undefined))
    throw failWith('usage', '--openshift needs either --token-file, or --user and --password-file.');
  return way;
};

/** The part of the request that says how to get in. */
export const wayIn = async (terminal: Terminal, options: WayOptions): Promise<object> => {
  const way = chosenWay(options);
  const read = async (file: string | undefined): Promise<string | undefined> =>
    file === undefined ? undefined : (await readText(terminal, file)).replace(/\r?\n$/, '');
  if (way === 'kubeconfig') return { kubeconfig: await readText(terminal, options.kubeconfig ?? '-') };
  const [token, password, auth, ca] = await Promise.all([options.tokenFile, options.passwordFile, options.authFile, options.caFile].map(read));
  const common = { url: options[way], ca };
  const parts = {
    openshift: { ...common, token, user: options.user, password },
    rancher: { ...common, token, cluster: options.cluster },
    opennebula: { ...common, auth, oneks: options.oneks, cluster: options.cluster },
  }[way];
  return { [way]: Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) };
};

// OpenNebula: who we are and what machines there are by XML-RPC; its Kubernetes clusters and their node groups by OneKS. The administrator's kubeconfig that OneKS
// hands out is used to make an account of our own, and dropped.
import { z } from 'zod';
import { HanseError } from '../../../errors.ts';
import type { Allowed } from '../../address.ts';
import type { Managed, ManagerRef, NodePool } from '../../entry.ts';
import { readKubeconfig } from '../../kubeconfig.ts';
import { listAt, methodCall, readBody, readResponse, textAt, type Tree, type Value } from '../../xmlRpc.ts';
import { type Base, failure, json, readBase, type Scope, succeed } from './http.ts';
import type { Session } from './rancher.ts';

export type OneLogin = Pick<ManagerRef, 'url' | 'ca' | 'oneks'> & { /** user:password or user:token. */ readonly auth: string };

const secretsOf = (auth: string): string[] => [auth, auth.slice(auth.indexOf(':') + 1), Buffer.from(auth).toString('base64')];

const rpcBase = ({ url, ca, auth }: OneLogin, allowed: Allowed): Base => ({
  who: `OpenNebula at ${url}`,
  url,
  ca,
  allowed,
  authorization: null,
  secrets: secretsOf(auth),
});

const authenticationCode = 0x0100;
const authorizationCode = 0x0200;
// in the wrong state, or locked by somebody: the same call may succeed later
const laterCodes: readonly number[] = [0x0800, 0x8000];

/** One call; the session is sent in front of the values. */
export const callOne = async (login: OneLogin, method: string, values: readonly Value[], allowed: Allowed, scope: Scope = {}): Promise<Value> => {
  const base = rpcBase(login, allowed);
  const path = new URL(login.url).pathname === '/' ? '/RPC2' : '';
  const { text } = await succeed(base, {
    ...scope,
    method: 'POST',
    path,
    headers: { 'content-type': 'text/xml', accept: 'text/xml' },
    body: methodCall(method, [login.auth, ...values]),
  });
  const outcome = readResponse(text);
  if (outcome.kind === 'value') return outcome.value;
  if (outcome.kind === 'malformed') throw failure(base, 'MANAGER_REJECTED', method, outcome.why);
  const code =
    outcome.code === authenticationCode || outcome.code === authorizationCode
      ? 'MANAGER_UNAUTHORIZED'
      : laterCodes.includes(outcome.code)
        ? 'MANAGER_UNREACHABLE'
        : 'MANAGER_REJECTED';
  throw failure(base, code, method, outcome.message);
};

const callForTree = async (
  login: OneLogin,
  method: string,
  values: readonly Value[],
  repeated: readonly string[],
  allowed: Allowed,
  scope?: Scope,
): Promise<Tree> => {
  const tree = readBody(String(await callOne(login, method, values, allowed, scope)), repeated);
  if (tree === null) throw failure(rpcBase(login, allowed), 'MANAGER_REJECTED', method, 'what it answered inside is not XML');
  return tree;
};

export type OneAccount = { readonly version: string; readonly user: string; readonly group: string };

/** PREFLIGHT_FAILED for the administrator: what is handed in should be no mightier than it must. */
export const probeOne = async (login: OneLogin, allowed: Allowed): Promise<OneAccount> => {
  const version = String(await callOne(login, 'one.system.version', [], allowed));
  const tree = await callForTree(login, 'one.user.info', [-1, false], [], allowed);
  const account = { version, user: textAt(tree, 'USER', 'NAME'), group: textAt(tree, 'USER', 'GNAME') };
  if (textAt(tree, 'USER', 'ID') === '0' || account.group === 'oneadmin') {
    throw new HanseError('PREFLIGHT_FAILED', `OpenNebula at ${login.url}: ${account.user} is an administrator of the whole cloud.`, {
      fix: 'Hand in a user of its own group that may use this cluster only: oneuser create, onegroup, onevdc.',
    });
  }
  return account;
};

const hostStates: Readonly<Record<string, string>> = { '1': 'monitored', '2': 'monitored' };

/** What the hosts that this user may see have left, in words; '' when it may see none. Never the names of hosts. */
export const hostsOf = async (login: OneLogin, allowed: Allowed): Promise<string> => {
  const tree = await callForTree(login, 'one.hostpool.info', [], ['HOST', 'PCI'], allowed).catch((error: unknown) => {
    if (error instanceof HanseError && error.code === 'MANAGER_UNAUTHORIZED') return null;
    throw error;
  });
  const hosts = (tree === null ? [] : listAt(tree, 'HOST_POOL', 'HOST')).filter((host) => hostStates[textAt(host, 'STATE')] !== undefined);
  if (hosts.length === 0) return '';
  const sum = (read: (host: Tree) => number): number => hosts.map(read).reduce((left, right) => left + (Number.isFinite(right) ? right : 0), 0);
  const share = (host: Tree, name: string): number => Number(textAt(host, 'HOST_SHARE', name));
  // CPU in hundredths of a core, memory in KiB
  const cores = Math.floor(sum((host) => share(host, 'MAX_CPU') - share(host, 'CPU_USAGE')) / 100);
  const gibibytes = Math.floor(sum((host) => share(host, 'MAX_MEM') - share(host, 'MEM_USAGE')) / 2 ** 20);
  return `${hosts.length === 1 ? '1 host' : `${hosts.length} hosts`} that it may use ${hosts.length === 1 ? 'has' : 'have'} ${cores} cores and ${gibibytes} GiB left`;
};

const tokenSeconds = 90 * 24 * 3600;

/** A token in place of the password: `user:token`, for 90 days. */
export const tradeOneAuth = async (login: OneLogin, allowed: Allowed, scope: Scope): Promise<string> => {
  const user = login.auth.slice(0, login.auth.indexOf(':'));
  const token = String(await callOne(login, 'one.user.login', [user, '', tokenSeconds, -1], allowed, scope));
  if (!/^[\x21-\x7e]{8,512}$/.test(token)) throw failure(rpcBase(login, allowed), 'MANAGER_REJECTED', 'one.user.login', 'what it answered is not a token');
  return `${user}:${token}`;
};

/** Ends a token that `tradeOneAuth` made. */
export const endOneToken = async (login: OneLogin, allowed: Allowed, scope: Scope): Promise<void> => {
  const at = login.auth.indexOf(':');
  await callOne(login, 'one.user.login', [login.auth.slice(0, at), login.auth.slice(at + 1), 0, -1], allowed, scope);
};

/** Where OneKS is when nothing else is said: beside oned, at its own port. */
export const oneKsBeside = (url: string, allowed: Allowed): string => {
  const { protocol, hostname } = readBase(url, 'OpenNebula', allowed);
  return `${protocol}//${hostname}:10780`;
};

const ksBase = ({ url, oneks, ca, auth }: OneLogin, allowed: Allowed): Base => ({
  who: `OneKS at ${oneks ?? url}`,
  url: oneks ?? url,
  ca,
  allowed,
  authorization: `Basic ${Buffer.from(auth).toString('base64')}`,
  secrets: secretsOf(auth),
});

const id = z.union([z.string().max(64), z.number()]).transform(String);
const text = z.string().max(1024);

/** A document as OpenNebula wraps it, or its body alone: OneKS answers the first for one, the second inside lists (src/oneks, 7.4). */
const unwrapped =
  (tag: 'CLUSTER_BODY' | 'GROUP_BODY') =>
  (value: unknown): unknown => {
    const at = (from: unknown, name: string): unknown => (typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined);
    const document = at(value, 'DOCUMENT') ?? value;
    const body = at(at(document, 'TEMPLATE'), tag);
    if (typeof body !== 'object' || body === null) return value;
    return { id: at(document, 'ID'), name: at(document, 'NAME'), ...body };
  };
const listOf = (value: unknown): unknown => {
  const pool = typeof value === 'object' && value !== null && 'DOCUMENT_POOL' in value ? value.DOCUMENT_POOL : value;
  const documents = typeof pool === 'object' && pool !== null && 'DOCUMENT' in pool ? pool.DOCUMENT : pool;
  return Array.isArray(documents) ? documents : documents == null ? [] : [documents];
};

const oneCluster = z.preprocess(unwrapped('CLUSTER_BODY'), z.object({ id, name: text, state: text.catch('') }));
const clusters = z.preprocess(listOf, z.array(oneCluster).max(5000));
const vm = z.union([z.number().transform((number) => ({ id: String(number), ready: true })), z.object({ id, ready: z.boolean().catch(true) })]);
const group = z.preprocess(
  unwrapped('GROUP_BODY'),
  z.object({
    id,
    name: text,
    state: text.catch(''),
    vms: z.array(vm).max(5000).catch([]),
    user_inputs_values: z.object({ count: z.coerce.number().int() }).catch({ count: -1 }),
  }),
);
const groups = z.preprocess(listOf, z.array(group).max(1000));
const kubeconfigAnswer = z.object({ kubeconfig: z.string().max(256 * 1024) });

const ks = (path: string): string => `/api/v1${path}`;

/** OneKS' number of the cluster with that name or number. */
export const findOneCluster = async (login: OneLogin, name: string, allowed: Allowed): Promise<string> => {
  const base = ksBase(login, allowed);
  const all = await json(base, { method: 'GET', path: ks('/clusters') }, clusters).catch((error: unknown) => {
    if (!(error instanceof HanseError) || error.code !== 'MANAGER_UNREACHABLE') throw error;
    throw new HanseError(error.code, error.message, {
      fix: 'OneKS comes with OpenNebula 7.2 and listens for its own computer only, unless a proxy is in front of it: give its address with --oneks.',
    });
  });
  const [only, second] = all.filter((cluster) => cluster.id === name || cluster.name === name);
  if (only !== undefined && second === undefined) return only.id;
  const names = all.slice(0, 20).map((cluster) => `${cluster.name} (${cluster.id}, ${cluster.state})`);
  throw new HanseError(
    'NOT_FOUND',
    `${base.who}: there ${only === undefined ? 'is no' : 'are several'} ${JSON.stringify(name)}; ${names.length === 0 ? 'this user sees none' : `there is ${names.join(', ')}`}.`,
    {
      fix: 'Name it with --cluster as OneKS does.',
    },
  );
};

/** With the administrator's kubeconfig of OneKS; nothing has to be taken back. */
export const openOneSession = async (
  login: OneLogin,
  cluster: string,
  rules: { readonly allowed: Allowed; readonly now: number; readonly server?: string } & Scope,
): Promise<Session> => {
  const base = ksBase(login, rules.allowed);
  const { kubeconfig } = await json(base, { method: 'GET', path: ks(`/clusters/${encodeURIComponent(cluster)}/kubeconfig`) }, kubeconfigAnswer);
  const outcome = readKubeconfig(kubeconfig, { allowed: rules.allowed, now: rules.now });
  if (outcome.kind === 'rejected') {
    const [first] = outcome.faults;
    throw new HanseError(
      'KUBECONFIG_REJECTED',
      `${base.who}: the kubeconfig of ${cluster} was rejected: ${outcome.faults.map(({ message }) => message).join('; ')}`,
      {
        faults: outcome.faults,
        ...(first?.fix === undefined ? {} : { fix: first.fix }),
      },
    );
  }
  const { access } = outcome;
  if (rules.server !== undefined && access.server !== rules.server)
    throw new HanseError('STALE_PLAN', `${base.who} now leads to ${access.server}, not to ${rules.server}.`);
  return { access, end: async () => {} };
};

const settled = new Set(['RUNNING', '']);

const poolOf = (one: z.infer<typeof group>): NodePool => ({
  name: one.name,
  key: one.id,
  wanted: one.user_inputs_values.count < 0 ? one.vms.length : one.user_inputs_values.count,
  fixed: settled.has(one.state) || one.state === 'SCALING' ? null : `it is ${one.state}`,
  // its node groups are MachineDeployments of the Cluster API, which drains a node before it deletes the machine
  drains: true,
});

const running = '3';

/** Groups, and their machines as XML-RPC shows them: a node's name is that of its machine (providerID one://…). */
export const readOne = async (login: OneLogin, cluster: string, allowed: Allowed, scope: Scope): Promise<Managed> => {
  const all = await json(ksBase(login, allowed), { ...scope, method: 'GET', path: ks(`/clusters/${encodeURIComponent(cluster)}/nodegroups`) }, groups);
  const nodes = await Promise.all(
    all
      .flatMap((one) => one.vms)
      .map(async (machine) => {
        const tree = await callForTree(login, 'one.vm.info', [Number(machine.id), false], [], allowed, scope);
        return { name: textAt(tree, 'VM', 'NAME') || `one-${machine.id}`, ready: machine.ready && textAt(tree, 'VM', 'LCM_STATE') === running };
      }),
  );
  return { pools: all.map(poolOf), nodes };
};

/** Idempotent. false: the group is still being scaled, and takes no other size before that is over. */
export const scaleOne = async (login: OneLogin, cluster: string, pool: string, to: number, allowed: Allowed, scope: Scope): Promise<boolean> => {
  const base = ksBase(login, allowed);
  const at = ks(`/clusters/${encodeURIComponent(cluster)}/nodegroups`);
  const found = (await json(base, { ...scope, method: 'GET', path: at }, groups)).find((one) => one.id === pool);
  if (found === undefined) throw new HanseError('NOT_FOUND', `${base.who}: the node group ${pool} is gone.`);
  if (poolOf(found).wanted === to) return true;
  if (found.state === 'SCALING') return false;
  await succeed(base, {
    ...scope,
    method: 'POST',
    path: `${at}/${encodeURIComponent(pool)}/scale`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: to }),
  });
  return true;
};

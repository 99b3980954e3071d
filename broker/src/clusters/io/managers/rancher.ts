// Rancher: finds a cluster, lets us in once at the cluster's own API server, and changes how many nodes a pool has. Nothing else ever goes through it.
import { z } from 'zod';
import { HanseError } from '../../../errors.ts';
import type { Allowed } from '../../address.ts';
import type { Managed, ManagerRef, NodePool } from '../../entry.ts';
import { type Access, readKubeconfig } from '../../kubeconfig.ts';
import { readDocument } from '../../kubeconfigDocument.ts';
import { type Base, json, type Scope, send, succeed } from './http.ts';

export type RancherLogin = Pick<ManagerRef, 'url' | 'ca'> & { readonly token: string };

const text = z.string().max(1024);
const clusterList = z.object({ data: z.array(z.object({ id: text, name: text.catch('') })).max(5000) });
const generated = z.object({ config: z.string().max(256 * 1024) });

const baseOf = ({ url, ca, token }: RancherLogin, allowed: Allowed): Base => ({
  who: `Rancher at ${url}`,
  url,
  ca,
  allowed,
  authorization: `Bearer ${token}`,
  secrets: [token, token.split(':').at(-1) ?? ''],
});

/** Rancher's identifier (c-m-abc12) of the cluster with that name or identifier. */
export const findRancherCluster = async (login: RancherLogin, name: string, allowed: Allowed): Promise<string> => {
  const base = baseOf(login, allowed);
  const { data } = await json(base, { method: 'GET', path: '/v3/clusters' }, clusterList);
  const found = data.filter((cluster) => cluster.id === name || cluster.name === name);
  const [only, second] = found;
  if (only?.id === 'local')
    throw new HanseError('REFUSED', `${base.who}: ${name} is the cluster on which Rancher itself runs.`, { fix: 'Name another cluster.' });
  if (only !== undefined && second === undefined) return only.id;
  const names = data.slice(0, 20).map((cluster) => `${cluster.name} (${cluster.id})`);
  const there = names.length === 0 ? 'this token sees none' : `there is ${names.join(', ')}`;
  throw new HanseError('NOT_FOUND', `${base.who}: there ${only === undefined ? 'is no' : 'are several'} ${JSON.stringify(name)}; ${there}.`, {
    fix: 'Name it with --cluster as Rancher does.',
  });
};

const contextList = z.object({
  contexts: z.array(z.object({ name: text, context: z.object({ cluster: text }) })).max(100),
  clusters: z.array(z.object({ name: text, cluster: z.object({ server: z.string().max(2048) }) })).max(100),
});

/** The contexts that lead to the cluster's own API server: those of the authorized cluster endpoint, not Rancher's proxy. */
const directContexts = (config: string, base: Base): string[] => {
  const read = readDocument(config);
  const parsed = read.kind === 'read' ? contextList.safeParse(read.read.value) : undefined;
  if (parsed?.success !== true) throw new HanseError('MANAGER_REJECTED', `${base.who}: what it generated is not a kubeconfig.`);
  const { contexts, clusters } = parsed.data;
  return contexts.flatMap(({ name, context }) => {
    const server = clusters.find((cluster) => cluster.name === context.cluster)?.cluster.server ?? '';
    return server === '' || /\/k8s\/clusters\//.test(server) ? [] : [name];
  });
};

/** Which of several: the one that was planned with, else the first in Rancher's order (its own name for the endpoint, else control plane nodes). */
const chooseAccess = (config: string, base: Base, rules: { readonly allowed: Allowed; readonly now: number; readonly server?: string }): Access => {
  const contexts = directContexts(config, base);
  if (contexts.length === 0) {
    throw new HanseError(
      'PREFLIGHT_FAILED',
      `${base.who} gives no way to the cluster's own API server, only its proxy, which takes none of Liqo's certificates.`,
      {
        fix: 'Enable the authorized cluster endpoint of the cluster in Rancher (Cluster Management, Edit Config, Networking); or add the cluster by its own kubeconfig.',
      },
    );
  }
  const outcomes = contexts.map((context) => readKubeconfig(config, { ...rules, context }));
  const ways = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.access] : []));
  const chosen = rules.server === undefined ? ways[0] : ways.find(({ server }) => server === rules.server);
  if (chosen !== undefined) return chosen;
  if (ways.length > 0)
    throw new HanseError('STALE_PLAN', `${base.who} no longer leads to ${rules.server ?? ''}, but to ${ways.map(({ server }) => server).join(', ')}.`);
  const faults = outcomes.flatMap((outcome) => (outcome.kind === 'rejected' ? outcome.faults : []));
  throw new HanseError(
    'KUBECONFIG_REJECTED',
    `${base.who}: the kubeconfig that it generated was rejected: ${faults.map(({ message }) => message).join('; ')}`,
    {
      faults,
      ...(faults[0]?.fix === undefined ? {} : { fix: faults[0].fix }),
    },
  );
};

export type Session = { readonly access: Access; end(): Promise<void> };

/** Asks for a kubeconfig; `end` takes the token in it back. */
export const openRancherSession = async (
  login: RancherLogin,
  cluster: string,
  rules: { readonly allowed: Allowed; readonly now: number; readonly server?: string } & Scope,
): Promise<Session> => {
  const base = baseOf(login, rules.allowed);
  const scope = { ...(rules.guard === undefined ? {} : { guard: rules.guard }), ...(rules.signal === undefined ? {} : { signal: rules.signal }) };
  const { config } = await json(
    base,
    {
      ...scope,
      method: 'POST',
      path: `/v3/clusters/${encodeURIComponent(cluster)}?action=generateKubeconfig`,
      body: '{}',
      headers: { 'content-type': 'application/json' },
    },
    generated,
  );
  // the name is no secret: kubeconfig-u-abc12:…
  const names = [...new Set([...config.matchAll(/token: "?(kubeconfig-[a-z0-9.-]{1,200}):/g)].flatMap(([, name]) => name ?? []))];
  const end = async (): Promise<void> => {
    for (const name of names) {
      const reply = await send(base, { method: 'DELETE', path: `/v3/tokens/${name}` });
      if (reply.status >= 300 && reply.status !== 404)
        throw new HanseError('MANAGER_REJECTED', `${base.who}: the token ${name} was not taken back (${reply.status}).`);
    }
  };
  try {
    return { access: chooseAccess(config, base, rules), end };
  } catch (error) {
    await end().catch(() => {});
    throw error;
  }
};

const machinePool = z.object({
  name: text,
  quantity: z.number().int().nullish(),
  workerRole: z.boolean().nullish(),
  controlPlaneRole: z.boolean().nullish(),
  etcdRole: z.boolean().nullish(),
  drainBeforeDelete: z.boolean().nullish(),
  autoscalingMinSize: z.number().nullish(),
  autoscalingMaxSize: z.number().nullish(),
});
const provisioningList = z.object({
  items: z
    .array(
      z.object({
        metadata: z.object({ name: text, namespace: text }),
        spec: z.object({ rkeConfig: z.object({ machinePools: z.array(machinePool).nullish() }).nullish() }),
        status: z.object({ clusterName: text.optional() }).optional(),
      }),
    )
    .max(5000),
});
const nodeList = z.object({
  items: z
    .array(
      z.object({
        metadata: z.object({ name: text, labels: z.record(z.string(), z.string()).catch({}) }),
        status: z.object({ conditions: z.array(z.object({ type: text, status: text })).catch([]) }).catch({ conditions: [] }),
      }),
    )
    .max(5000),
});

const provisioning = '/k8s/clusters/local/apis/provisioning.cattle.io/v1';

const poolOf = (pool: z.infer<typeof machinePool>): NodePool => ({
  name: pool.name,
  key: pool.name,
  wanted: pool.quantity ?? 0,
  fixed:
    pool.controlPlaneRole === true || pool.etcdRole === true
      ? 'it carries the control plane'
      : pool.autoscalingMinSize != null || pool.autoscalingMaxSize != null
        ? 'an autoscaler decides its size'
        : null,
  drains: pool.drainBeforeDelete === true,
});

const findProvisioning = async (base: Base, cluster: string, scope: Scope) => {
  const { items } = await json(base, { ...scope, method: 'GET', path: `${provisioning}/clusters` }, provisioningList);
  const found = items.find(({ status }) => status?.clusterName === cluster);
  if (found !== undefined) return found;
  throw new HanseError('REFUSED', `${base.who} did not provision ${cluster}: it was imported, or made with nodes of its own.`, {
    fix: 'Add nodes where the cluster was made.',
  });
};

/** Pools and the nodes of the cluster as Rancher's passthrough shows them. */
export const readRancher = async (login: RancherLogin, cluster: string, allowed: Allowed, scope: Scope): Promise<Managed> => {
  const base = baseOf(login, allowed);
  const [{ spec }, { items }] = await Promise.all([
    findProvisioning(base, cluster, scope),
    json(base, { ...scope, method: 'GET', path: `/k8s/clusters/${encodeURIComponent(cluster)}/api/v1/nodes` }, nodeList),
  ]);
  return {
    pools: (spec.rkeConfig?.machinePools ?? []).map(poolOf),
    nodes: items
      .filter(({ metadata }) => metadata.labels['liqo.io/type'] !== 'virtual-node')
      .map(({ metadata, status }) => ({
        name: metadata.name,
        ready: status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True'),
      })),
  };
};

/** Idempotent; always true. The pool is tested by name in the same patch: their order may have changed since it was read. */
export const scaleRancher = async (login: RancherLogin, cluster: string, pool: string, to: number, allowed: Allowed, scope: Scope): Promise<boolean> => {
  const base = baseOf(login, allowed);
  const { metadata, spec } = await findProvisioning(base, cluster, scope);
  const pools = spec.rkeConfig?.machinePools ?? [];
  const index = pools.findIndex(({ name }) => name === pool);
  if (index < 0) throw new HanseError('NOT_FOUND', `${base.who}: ${metadata.name} has no pool ${pool}; there is ${pools.map(({ name }) => name).join(', ')}.`);
  if (pools[index]?.quantity === to) return true;
  const at = `/spec/rkeConfig/machinePools/${index}`;
  await succeed(base, {
    ...scope,
    method: 'PATCH',
    path: `${provisioning}/namespaces/${metadata.namespace}/clusters/${metadata.name}`,
    headers: { 'content-type': 'application/json-patch+json' },
    body: JSON.stringify([
      { op: 'test', path: `${at}/name`, value: pool },
      { op: 'replace', path: `${at}/quantity`, value: to },
    ]),
  });
  return true;
};

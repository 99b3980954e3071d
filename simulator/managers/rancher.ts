// Rancher in front of one member: tokens, the list of clusters, a kubeconfig with its proxy and the cluster's own endpoint, machine pools, and the passthrough.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Member } from '../apiServer.ts';
import type { Disk } from '../disk.ts';
import { isPlain } from '../fields.ts';
import { kindOf } from '../kinds.ts';
import { newAuthority, type Authority } from '../pki.ts';
import { listenAt } from '../ports.ts';
import { startFront } from './front.ts';
import { type Machines, type MachinePace, startMachines } from './machines.ts';
import { bearerOf, bodyOf, closeServer, Fault, listener, sendJson } from './serve.ts';

export type RancherOptions = { readonly disk: Disk; readonly member: Member; now(): number; readonly pace: MachinePace };

export type Rancher = {
  readonly url: string;
  /** PEM, of Rancher itself. */
  readonly ca: string;
  readonly token: string;
  /** How Rancher calls the cluster. */
  readonly cluster: string;
  readonly machines: Machines;
  /** Where the authorized cluster endpoint listens. */
  readonly endpoint: string;
  /** Names of the kubeconfig tokens that are valid. */
  tokens(): readonly string[];
  /** Whether nodes of the pool are drained before they go. */
  setDrains(drains: boolean): Promise<void>;
  /** Whether the cluster has an authorized cluster endpoint. */
  setEndpoint(enabled: boolean): Promise<void>;
  close(): Promise<void>;
};

type State = {
  authority: Authority;
  token: string;
  kubeconfigTokens: { name: string; digest: string }[];
  endpoint: boolean;
  drains: boolean;
  generation: number;
};

const clusterId = 'c-m-7hq2x4kd';
const pool = 'worker';
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const nodeKind = kindOf('v1', 'Node');

export async function startRancher({ disk, member, now, pace }: RancherOptions): Promise<Rancher> {
  const part = `rancher-${member.name}`;
  const state: State = read(disk.read(part)) ?? {
    authority: await newAuthority('rancher'),
    token: `token-${randomBytes(3).toString('hex')}:${randomBytes(27).toString('hex')}`,
    kubeconfigTokens: [],
    endpoint: true,
    drains: true,
    generation: 1,
  };
  const save = (): Promise<void> => disk.write(part, state);
  await save();
  const machines = await startMachines({ disk, part: `${part}-machines`, member, now, pace, nodeOf: nodeOf(member.name) });
  const ownToken = (token: string): string | null => {
    const [name = '', secret = ''] = token.split(':');
    return state.kubeconfigTokens.some((one) => one.name === name && one.digest === digestOf(secret)) ? 'u-xm4kq' : null;
  };
  const front = await startFront({ member, disk, part: `${part}-endpoint`, whose: (token) => (state.endpoint ? ownToken(token) : null) });

  const provisioned = () => provisioningCluster(member.name, machines, state);
  const generate = async (): Promise<object> => {
    const name = `kubeconfig-u-xm4kq${randomBytes(3).toString('hex')}`;
    const secret = randomBytes(27).toString('hex');
    state.kubeconfigTokens.push({ name, digest: digestOf(secret) });
    await save();
    const endpoint = state.endpoint ? { server: front.url, ca: member.authority.caPem } : null;
    return {
      baseType: 'generateKubeConfigOutput',
      type: 'generateKubeconfigOutput',
      config: kubeconfigText(member.name, `${url}/k8s/clusters/${clusterId}`, state.authority.caPem, endpoint, `${name}:${secret}`),
    };
  };
  const answer = async (request: IncomingMessage, response: ServerResponse, { pathname, searchParams }: URL): Promise<void> => {
    const bearer = bearerOf(request);
    if (bearer !== state.token && ownToken(bearer) === null) throw new Fault(401, 'must authenticate');
    const { method } = request;
    if (pathname === '/v3/clusters' && method === 'GET')
      return sendJson(response, 200, { type: 'collection', resourceType: 'cluster', data: [described(member.name, state, machines)] });
    if (pathname === `/v3/clusters/${clusterId}` && method === 'POST' && searchParams.get('action') === 'generateKubeconfig')
      return sendJson(response, 200, await generate());
    const [, token] = /^\/v3\/tokens\/([a-z0-9-]+)$/.exec(pathname) ?? [];
    if (token !== undefined && method === 'DELETE') {
      if (!state.kubeconfigTokens.some(({ name }) => name === token)) throw new Fault(404, 'tokens.management.cattle.io not found');
      state.kubeconfigTokens = state.kubeconfigTokens.filter(({ name }) => name !== token);
      await save();
      return sendJson(response, 200, { type: 'token', id: token });
    }
    const local = '/k8s/clusters/local/apis/provisioning.cattle.io/v1';
    if (pathname === `${local}/clusters` && method === 'GET')
      return sendJson(response, 200, {
        apiVersion: 'provisioning.cattle.io/v1',
        kind: 'ClusterList',
        metadata: { resourceVersion: String(state.generation) },
        items: [provisioned()],
      });
    if (pathname === `${local}/namespaces/fleet-default/clusters/${member.name}` && method === 'PATCH') {
      state.generation += 1;
      await machines.scale(quantityIn(JSON.parse(await bodyOf(request))));
      await save();
      return sendJson(response, 200, provisioned());
    }
    if (pathname === `/k8s/clusters/${clusterId}/api/v1/nodes` && method === 'GET' && nodeKind)
      return sendJson(response, 200, { apiVersion: 'v1', kind: 'NodeList', metadata: {}, items: member.objects.list(nodeKind) });
    throw new Fault(404, `${pathname} not found`);
  };
  const server = createServer(
    { cert: state.authority.certPem, key: state.authority.keyPem },
    listener(answer, ({ status, message }) => ({ type: 'error', status, code: 'Error', message })),
  );
  const url = `https://127.0.0.1:${await listenAt(server, disk, part)}`;
  return {
    url,
    ca: state.authority.caPem,
    token: state.token,
    cluster: member.name,
    machines,
    endpoint: front.url,
    tokens: () => state.kubeconfigTokens.map(({ name }) => name),
    async setDrains(drains) {
      state.drains = drains;
      await save();
    },
    async setEndpoint(enabled) {
      state.endpoint = enabled;
      await save();
    },
    async close() {
      machines.close();
      await Promise.all([front.close(), closeServer(server)]);
    },
  };
}

const pools = ['control', pool];

/** JSON patch (RFC 6902), as far as a machine pool is scaled by it. Answers how many workers there shall be. */
function quantityIn(operations: unknown): number {
  const [test, replace] = Array.isArray(operations) ? operations.filter(isPlain) : [];
  const index = /^\/spec\/rkeConfig\/machinePools\/(\d+)\/name$/.exec(String(test?.['path']))?.[1];
  if (index === undefined || test?.['op'] !== 'test' || pools[Number(index)] !== test['value']) throw new Fault(422, 'testing value failed');
  const quantity = replace?.['value'];
  const isQuantity = replace?.['op'] === 'replace' && replace['path'] === `/spec/rkeConfig/machinePools/${index}/quantity` && pools[Number(index)] === pool;
  if (!isQuantity || typeof quantity !== 'number') throw new Fault(422, 'only the quantity of workers can be changed');
  return quantity;
}

const nodeOf = (member: string) => (number: number) => {
  const name = `${member}-${pool}-${(number * 7919).toString(36)}`;
  return { name, cpu: '64', memory: '256Gi', providerId: `rke2://${name}`, labels: { 'node-role.kubernetes.io/worker': 'true' } };
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** As Rancher writes it (pkg/kubeconfig): its proxy first, then the authorized cluster endpoint, one user for both. */
const kubeconfigText = (name: string, proxy: string, proxyCa: string, endpoint: { server: string; ca: string } | null, token: string): string => {
  const ways = [{ name, server: proxy, ca: proxyCa }, ...(endpoint === null ? [] : [{ name: `${name}-fqdn`, ...endpoint }])];
  return `apiVersion: v1
kind: Config
clusters:
${ways.map((way) => `- name: "${way.name}"\n  cluster:\n    server: "${way.server}"\n    certificate-authority-data: "${base64(way.ca)}"`).join('\n')}

users:
- name: "${name}"
  user:
    token: "${token}"

contexts:
${ways.map((way) => `- name: "${way.name}"\n  context:\n    user: "${name}"\n    cluster: "${way.name}"`).join('\n')}

current-context: "${name}"
`;
};

const described = (name: string, state: State, machines: Machines): object => ({
  id: clusterId,
  type: 'cluster',
  name,
  state: machines.settled() ? 'active' : 'updating',
  driver: 'rke2',
  provider: 'rke2',
  nodeCount: machines.list().length,
  localClusterAuthEndpoint: { enabled: state.endpoint },
  actions: { generateKubeconfig: `/v3/clusters/${clusterId}?action=generateKubeconfig` },
});

const machinePool = (cluster: string, name: string, quantity: number, drainBeforeDelete: boolean) => ({
  name,
  quantity,
  drainBeforeDelete,
  machineConfigRef: { kind: 'HarvesterConfig', name: `nc-${cluster}-${name}-5xk2w` },
});

const provisioningCluster = (name: string, machines: Machines, { generation, drains }: State): object => ({
  apiVersion: 'provisioning.cattle.io/v1',
  kind: 'Cluster',
  metadata: { name, namespace: 'fleet-default', generation, resourceVersion: String(generation) },
  spec: {
    kubernetesVersion: 'v1.34.6+rke2r1',
    rkeConfig: {
      machinePools: [
        { ...machinePool(name, 'control', 3, drains), controlPlaneRole: true, etcdRole: true, workerRole: false },
        { ...machinePool(name, pool, machines.wanted, drains), controlPlaneRole: false, etcdRole: false, workerRole: true },
      ],
    },
  },
  status: {
    ready: machines.settled(),
    clusterName: clusterId,
    clientSecretName: `${name}-kubeconfig`,
    conditions: [{ type: 'Ready', status: machines.settled() ? 'True' : 'False' }],
  },
});

function read(found: unknown): State | undefined {
  if (!isPlain(found) || typeof found['token'] !== 'string' || !isPlain(found['authority']) || !Array.isArray(found['kubeconfigTokens'])) return undefined;
  return found as unknown as State; // this file alone writes it
}

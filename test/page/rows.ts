// The demo federation as rows of the tables, as its members' adapters would have written them.
import { appendAudit } from '../../broker/src/audit/io/index.ts';
import { createPeerings } from '../../broker/src/federation/io/index.ts';
import type { Peering } from '../../broker/src/federation/peering.ts';
import { members } from '../../simulator/federation.ts';
import type { MemberData } from '../../simulator/federation.ts';
import type { ApplicationStatus, Reaction } from '../../contract/src/index.ts';
import type { Store } from '../../broker/src/store/io/store.ts';

const owner = 'default';
export const replicas = 6;

export type Rows = {
  cluster(name: string): Promise<void>;
  peer(provider: string, state?: Peering['state']): Promise<void>;
  part(provider: string): Promise<void>;
  place(application: string, cluster: string, state?: string): Promise<void>;
  joined(): Promise<string[]>;
  at(cluster: string): Promise<string[]>;
  status(application: string): Promise<ApplicationStatus>;
  /** Something of this kind was told by nobody's operation. */
  tell(kind: string): Promise<void>;
  /** Something calls for a decision. */
  react(reaction: Reaction): Promise<void>;
  /** A credential comes to be in another state. */
  turn(digest: string, turn: { readonly from: string; readonly state: string; readonly why: string }): Promise<void>;
  /** Its newest picture says so. */
  picture(name: string, health?: string): Promise<void>;
};

const platforms: Readonly<Record<MemberData['platform'], { distribution: string; manager: string; platform: string }>> = {
  k3s: { distribution: 'k3s', manager: 'none', platform: 'none' },
  openshift: { distribution: 'openshift', manager: 'none', platform: 'openshift' },
  rke2: { distribution: 'rke2', manager: 'rancher', platform: 'none' },
  opennebula: { distribution: 'rke2', manager: 'none', platform: 'opennebula' },
  kubeadm: { distribution: 'kubeadm', manager: 'none', platform: 'none' },
};

export const demoRows = ({ db }: Store): Rows => {
  const peerings = createPeerings({ store: { db } });
  const memberOf = (name: string): MemberData => {
    const member = members.find((one) => one.name === name);
    if (!member) throw new Error(`There is no ${name} in the demo federation.`);
    return member;
  };
  const peeringOf = (provider: string, state: Peering['state']): Peering => ({
    home: 'harbour',
    provider,
    homeClusterId: 'harbour',
    providerClusterId: provider,
    homeNamespace: `liqo-tenant-${provider}`,
    providerNamespace: 'liqo-tenant-harbour',
    authentication: 'handshake',
    dataPlane: 'native',
    virtualNode: provider,
    resources: { cpuMillis: 16_000, memoryBytes: 64 * 2 ** 30, pods: 110, gpus: 0 },
    state,
  });
  const applications = async (): Promise<{ name: string; clusters: string[]; state: string }[]> => {
    const rows = await db.selectFrom('application').select(['name', 'record', 'state']).where('owner', '=', owner).orderBy('name').execute();
    return rows.map(({ name, record, state }) => ({ name, state, clusters: (record as unknown as { clusters: string[] }).clusters }));
  };
  return {
    async cluster(name) {
      const { platform, podCidr, serviceCidr, kubernetesVersion } = memberOf(name);
      const side = name === 'harbour' ? 'consumer' : 'provider';
      const cluster = {
        name,
        owner,
        side,
        server: `https://${name}.example:6443`,
        uid: `uid-${name}`,
        liqoClusterId: name,
        liqoVersion: '1.2.0',
        accountNamespace: 'hanse-system',
        kubernetesVersion,
        podCidrs: [podCidr],
        serviceCidrs: [serviceCidr],
        liqoNetworking: false,
        platform: { ...platforms[platform], evidence: [] },
        state: 'ready',
      };
      const standing = { ca: '', tlsServerName: null, operation: 'op-0', accountUid: null, tenantUid: null, tokenEndsAt: null, renewAt: null };
      await db
        .insertInto('cluster')
        .values({ owner, name, uid: cluster.uid, side, state: 'ready', record: JSON.stringify({ cluster, standing }), secret: null })
        .execute();
      await this.picture(name);
    },
    peer: (provider, state = 'ready') => peerings.put(owner, peeringOf(provider, state)),
    part: (provider) => peerings.forget(owner, { home: 'harbour', provider }),
    async place(name, cluster, state = 'running') {
      const candidates = [
        {
          cluster,
          offering: null,
          total: 0.9,
          opinions: [
            { criterion: 'capacity', verdict: 'satisfied', asked: '24 CPU', found: '212 CPU free', source: 'observed' },
            { criterion: 'price', verdict: 'scored', score: 0.62, asked: 'lowest', found: '0.041 EUR per vCPU and hour', source: 'none' },
          ],
        },
      ];
      const record = {
        name,
        namespace: name,
        home: 'harbour',
        accepted: [],
        manifests: [],
        secrets: [],
        clusters: [cluster],
        state,
        request: {
          subject: name,
          replicas,
          each: { cpuMillis: 500, memoryBytes: 2 ** 29, pods: 1, gpus: 0 },
          criteria: [],
          preferences: [],
          providersMin: 1,
          exclude: [],
        },
        placement: { chosen: [{ cluster, replicas }], candidates, snapshotVersion: 1, decisionVersion: 1 },
      };
      await db
        .insertInto('application')
        .values({ owner, name, namespace: name, home: 'harbour', state, operation: null, record: JSON.stringify(record) })
        .onConflict((conflict) => conflict.columns(['owner', 'name']).doUpdateSet({ record: JSON.stringify(record), state }))
        .execute();
    },
    joined: async () => (await peerings.list(owner)).filter(({ state }) => state === 'ready').map(({ provider }) => provider),
    at: async (cluster) => (await applications()).filter(({ clusters }) => clusters.includes(cluster)).map(({ name }) => name),
    async status(name) {
      const found = (await applications()).find((one) => one.name === name);
      const cluster = found?.clusters[0] ?? '';
      const state = found?.state === 'migrating' ? ('migrating' as const) : ('running' as const);
      const pod = (index: number) => ({
        name: `${name}-7d9f-${index}`,
        uid: `${name}-${index}`,
        cluster,
        phase: 'Running',
        isReady: true,
        isEnding: false,
        restarts: 0,
        waitsFor: null,
      });
      return {
        name,
        state,
        home: 'harbour',
        namespace: name,
        drift: [],
        placement: [{ cluster, planned: replicas, pods: replicas, ready: replicas }],
        workloads: [{ kind: 'Deployment', name, wanted: replicas, ready: replicas, updated: replicas }],
        endpoints: [{ service: name, ready: replicas, addresses: [] }],
        pods: Array.from({ length: replicas }, (_, index) => pod(index)),
      };
    },
    async tell(kind) {
      await db.insertInto('event').values({ owner, operation: null, kind, data: '{}' }).execute();
    },
    async react(reaction) {
      const { id, state, operation } = reaction;
      const record = JSON.stringify(reaction);
      await db
        .insertInto('reaction')
        .values({ owner, id, about: id, open: state !== 'over', operation, record })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ open: state !== 'over', record }))
        .execute();
      await db
        .insertInto('event')
        .values({ owner, operation: null, kind: 'reaction', data: JSON.stringify({ id }) })
        .execute();
    },
    async turn(digest, { from, state, why }) {
      await db.transaction().execute(async (tx) => {
        await tx
          .insertInto('event')
          .values({ owner, operation: null, kind: 'credential', data: JSON.stringify({ digest, from, state, why }) })
          .execute();
        await appendAudit(tx, [{ owner, actor: 'broker', action: `credential.${state}`, subject: digest, detail: { from, why } }]);
      });
    },
    async picture(name, health = 'connected') {
      const { nodes, region, podCidr, serviceCidr, kubernetesVersion } = memberOf(name);
      const amount = (cpuMillis: number, memoryBytes: number) => ({ cpuMillis, memoryBytes, pods: 110, gpus: 0 });
      const total = nodes.reduce((sum, { cpu }) => sum + Number(cpu) * 1000, 0);
      const own = { allocatable: amount(total, total * 4 * 2 ** 20), free: amount(total * 0.55, total * 2.2 * 2 ** 20) };
      const node = { name: `${name}-0`, providerClusterId: null, ready: true, open: true, architecture: 'amd64', region, allocatable: own.allocatable };
      const lent = (used: number) => ({ allocatable: amount(16_000, 64 * 2 ** 30), free: amount(16_000 * (1 - used), 40 * 2 ** 30) });
      const isHome = name === 'harbour';
      const data = {
        cluster: name,
        side: isHome ? 'consumer' : 'provider',
        health: { state: health, detail: health === 'connected' ? 'it answers' : `${name} does not answer within 10 s` },
        kubernetesVersion,
        liqoVersion: '1.2.0',
        podCidrs: [podCidr],
        serviceCidrs: [serviceCidr],
        nodes: isHome ? [node] : null,
        own: isHome ? own : null,
        providers: isHome ? { amstel: lent(0.35), main: lent(0.3), po: lent(0.1) } : {},
      };
      await db
        .insertInto('snapshot')
        .values({ owner, cluster: name, data: JSON.stringify(data) })
        .execute();
    },
  };
};

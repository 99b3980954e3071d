// One side of a tunnel through whichever account we have there: create, replace, get, list and delete in the tenant namespace, waiting by asking (Liqo's peering role has no patch and no watch).
import { HanseError } from '../../../errors.ts';
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { parseAs, seenAddresses, thing } from '../../liqoObjects.ts';
import { ipam, label, liqoNamespace, networking } from '../../names.ts';
import type { TunnelSide } from '../../sides.ts';
import type { Cidrs } from '../../tunnel.ts';
import { configuration, gatewayClient, gatewayServer, publicKey, type Endpoint, type TunnelPlace } from '../../tunnelObjects.ts';
import { noTunnel, type TunnelEnd } from '../../tunnelObserved.ts';
import { end, ensure, forbidden, listIfAllowed, madeBy, poll } from './objects.ts';

const answersInSeconds = 60;
/** A gateway is a pod whose image may have to be pulled, behind a Service that may have to be given an address. */
const gatewayInSeconds = 240;

const readers = (kube: Kube, { namespace, peerClusterId }: TunnelPlace) => {
  const of = async (kind: string): Promise<readonly KubeObject[]> =>
    (await listIfAllowed(kube, { apiVersion: networking, kind, namespace, labelSelector: `${label.remoteCluster}=${peerClusterId}` })) ?? [];
  return {
    configurations: () => of('Configuration'),
    servers: () => of('GatewayServer'),
    clients: () => of('GatewayClient'),
    peerKeys: () => of('PublicKey'),
    connections: () => of('Connection'),
    /** The public half alone is read; null: Liqo has not made the pair yet. */
    async keyIn(name: string | undefined): Promise<string | null> {
      const secret = name === undefined || name === '' ? null : await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name });
      return secret === null ? null : (parseAs('secret', secret).data['publicKey'] ?? null);
    },
  };
};

type Readers = ReturnType<typeof readers>;

const endpointOf = (found: { readonly addresses: readonly string[]; readonly port: number } | null | undefined): Endpoint | null =>
  found == null || found.addresses.length === 0 || found.port === 0 ? null : found;

const observe = async (read: Readers): Promise<TunnelEnd> => {
  const [configurations, servers, clients] = await Promise.all([read.configurations(), read.servers(), read.clients()]);
  if (configurations.length + servers.length + clients.length === 0) return noTunnel;
  const [peerKeys, connections] = await Promise.all([read.peerKeys(), read.connections()]);
  return {
    configurations: configurations.map((object) => {
      const parsed = parseAs('configuration', object);
      return { ...thing(object), remote: parsed.spec.remote.cidr, seenAs: seenAddresses(parsed) };
    }),
    servers: await Promise.all(
      servers.map(async (object) => {
        const { spec, status } = parseAs('gatewayServer', object);
        const key = await read.keyIn(status.secretRef?.name);
        return { ...thing(object), mtuBytes: spec.mtu, service: spec.endpoint.serviceType, endpoint: endpointOf(status.endpoint), key };
      }),
    ),
    clients: await Promise.all(
      clients.map(async (object) => {
        const { spec, status } = parseAs('gatewayClient', object);
        return { ...thing(object), mtuBytes: spec.mtu, endpoint: spec.endpoint, key: await read.keyIn(status.secretRef?.name) };
      }),
    ),
    peerKeys: peerKeys.map((object) => ({ ...thing(object), key: parseAs('publicKey', object).spec.publicKey })),
    connections: connections.map((object) => {
      const { value } = parseAs('connection', object).status;
      return { ...thing(object), connected: value === 'Connected', told: value };
    }),
  };
};

/** As Liqo's chart starts its controller manager. */
const moduleRuns = async (kube: Kube): Promise<boolean | null> => {
  const found = await kube
    .list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: liqoNamespace, fieldSelector: 'metadata.name=liqo-controller-manager' })
    .catch((error: unknown) => {
      if (forbidden(error)) return [];
      throw error;
    });
  const flags = found.flatMap((object) => parseAs('deployment', object).spec.template.spec.containers.flatMap(({ args }) => args));
  const flag = flags.find((one) => one.startsWith('--networking-enabled'));
  return flag === undefined ? null : flag !== '--networking-enabled=false';
};

/** The ranges that Liqo names for this cluster, as liqoctl reads them. */
const ranges = async (kube: Kube): Promise<Cidrs> => {
  const ofType = async (type: string): Promise<readonly string[]> => {
    const found = await kube.list({ apiVersion: ipam, kind: 'Network', namespace: liqoNamespace, labelSelector: `ipam.liqo.io/network-type=${type}` });
    return found.map((object) => parseAs('network', object)).map(({ spec, status }) => (status.cidr === '' ? spec.cidr : status.cidr));
  };
  const [pod, external] = await Promise.all([ofType('pod-cidr'), ofType('external-cidr')]);
  if (pod.length > 0 && external.length === 1) return { pod, external };
  throw new HanseError(
    'PREFLIGHT_FAILED',
    `${kube.cluster}: Liqo's network module has not named its pod range and its external range (Networks in the namespace ${liqoNamespace})`,
    {
      fix: 'See that liqo-ipam and liqo-controller-manager run there, and that Liqo was installed with networking.enabled=true.',
    },
  );
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** As it is to be: what stands with other values is changed in place. `standing`: found by its label, since liqoctl may have named it otherwise. */
const settle = async (
  kube: Kube,
  wanted: ReturnType<typeof configuration>,
  standing: KubeObject | undefined,
  isRight: (found: KubeObject) => boolean,
): Promise<KubeObject> => {
  const found = standing !== undefined && standing.metadata.deletionTimestamp === undefined ? standing : await ensure(kube, wanted);
  return isRight(found) ? found : kube.replace({ ...found, spec: wanted['spec'] });
};

export const liqoTunnelSide = (kube: Kube, place: TunnelPlace, operation: string): TunnelSide => {
  const read = readers(kube, place);
  const made = (object: KubeObject) => madeBy(kube.cluster, object, operation);
  /** Waits for what Liqo's controllers fill in. */
  const awaited = <Value>(what: string, look: () => Promise<Value | null>, seconds: number): Promise<Value> => poll(what, kube.cluster, look, seconds);
  const gateway = async (): Promise<KubeObject | undefined> => [...(await read.servers()), ...(await read.clients())][0];
  const keyOf = async (): Promise<string | null> => {
    const { servers, clients } = await observe(read);
    return (servers[0] ?? clients[0])?.key ?? null;
  };
  return {
    module: () => moduleRuns(kube),
    ranges: () => ranges(kube),
    observe: () => observe(read),
    async ensureRanges(remote) {
      const wanted = configuration(place, remote, operation);
      const isRight = (found: KubeObject): boolean => same(parseAs('configuration', found).spec.remote.cidr, { pod: remote.pod, external: remote.external });
      const object = await settle(kube, wanted, (await read.configurations())[0], isRight);
      const seenAs = await awaited(
        `the addresses of ${place.peerClusterId} to be settled`,
        async () => (await observe(read)).configurations.find(({ uid }) => uid === object.metadata.uid)?.seenAs ?? null,
        answersInSeconds,
      );
      return { made: made(object), seenAs };
    },
    async ensureServer(tunnel) {
      // one that stands is used as it is: its MTU and Service are part of the plan then
      const object = await settle(kube, gatewayServer(place, tunnel, operation), (await read.servers())[0], () => true);
      await this.endpoint();
      return made(object);
    },
    async endpoint() {
      const what = 'the gateway to run and to say where it is reached';
      return awaited(what, async () => (await observe(read)).servers[0]?.endpoint ?? null, gatewayInSeconds);
    },
    async ensureClient(tunnel, endpoint) {
      const wanted = gatewayClient(place, tunnel, endpoint, operation);
      const isRight = (found: KubeObject): boolean => {
        const { spec } = parseAs('gatewayClient', found);
        return spec.mtu === tunnel.mtuBytes && spec.endpoint.port === endpoint.port && spec.endpoint.addresses[0] === endpoint.addresses[0];
      };
      return made(await settle(kube, wanted, (await read.clients())[0], isRight));
    },
    key: () => awaited("the gateway's key", keyOf, gatewayInSeconds),
    async ensurePeerKey(key) {
      const owner = await gateway();
      if (owner === undefined) throw new HanseError('STALE_PLAN', `${kube.cluster}: the gateway of the tunnel with ${place.peerClusterId} is gone`);
      const { kind, metadata } = owner;
      const wanted = publicKey(place, key, { kind, name: metadata.name, uid: metadata.uid ?? '' }, operation);
      return made(await settle(kube, wanted, (await read.peerKeys())[0], (found) => parseAs('publicKey', found).spec.publicKey === key));
    },
    async connected() {
      await awaited(
        `the gateway to be connected with ${place.peerClusterId}`,
        async () => ((await observe(read)).connections.some(({ connected }) => connected) ? true : null),
        gatewayInSeconds,
      );
    },
    async end(kinds, only) {
      // in the order of liqoctl: a gateway's own objects go with it, and the addresses are given back last
      for (const kind of (['peerKeys', 'clients', 'servers', 'configurations'] as const).filter((one) => kinds === 'all' || kinds.includes(one))) {
        try {
          await end(kube, await read[kind](), only);
        } catch (error) {
          // an account that may not has made none of it
          if (!forbidden(error)) throw error;
        }
      }
    },
  };
};

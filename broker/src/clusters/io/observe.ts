// Reads from a cluster what is judged before it is added. What may not be read is null; what does not answer throws.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { ClusterFacts, LiqoFacts, NodeFacts, Right } from '../facts.ts';
import type { Kube, KubeObject, Query, Ref } from './kubernetes/kube.ts';
import { observeOpenshift } from './platforms/openshift.ts';

const liqoNamespace = 'liqo';
const neededKinds = [
  ['authentication.liqo.io/v1beta1', 'Tenant'],
  ['authentication.liqo.io/v1beta1', 'Identity'],
  ['authentication.liqo.io/v1beta1', 'ResourceSlice'],
  ['offloading.liqo.io/v1beta1', 'VirtualNode'],
  ['offloading.liqo.io/v1beta1', 'NamespaceOffloading'],
  ['core.liqo.io/v1beta1', 'ForeignCluster'],
] as const;

/** null: our account may not look. */
export const permitted = async <Value>(promise: Promise<Value>): Promise<Value | null> => {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof HanseError && error.code === 'CLUSTER_FORBIDDEN') return null;
    throw error;
  }
};

const text = z.string().max(4096);
const versionShape = z.object({ gitVersion: text });
const groupsShape = z.object({ groups: z.array(z.object({ name: text })).max(2000) });
const nodeShape = z.object({
  spec: z.object({ providerID: text.default(''), podCIDRs: z.array(text).default([]) }).default({ providerID: '', podCIDRs: [] }),
  status: z.object({ nodeInfo: z.object({ osImage: text.default('') }).optional() }).optional(),
});
const configMapShape = z.object({ data: z.record(z.string(), text).default({}) });
const networkShape = z.object({ spec: z.object({ cidr: text }) });
const serviceCidrShape = z.object({ spec: z.object({ cidrs: z.array(text).default([]) }) });

/** Malformed: CLUSTER_REJECTED with the place, never the content. */
const parse = <Value>(shape: z.ZodType<Value>, value: unknown, what: string): Value => {
  const outcome = shape.safeParse(value);
  if (outcome.success) return outcome.data;
  throw new HanseError('CLUSTER_REJECTED', `${what}: unexpected answer at ${outcome.error.issues[0]?.path.join('.') ?? 'its root'}`);
};

const nodeFacts = (node: KubeObject): NodeFacts => {
  const { spec, status } = parse(nodeShape, node, `Node ${node.metadata.name}`);
  return {
    name: node.metadata.name,
    providerId: spec.providerID,
    labels: node.metadata.labels ?? {},
    osImage: status?.nodeInfo?.osImage ?? '',
    podCidrs: spec.podCIDRs,
  };
};

const isVirtual = (node: KubeObject): boolean => node.metadata.labels?.['liqo.io/type'] === 'virtual-node';

const versionLabel = (object: KubeObject | null): string | null => object?.metadata.labels?.['app.kubernetes.io/version'] ?? null;

const liqoVersion = async (kube: Kube): Promise<{ version: string | null; source: string | null }> => {
  for (const [apiVersion, kind] of [
    ['apps/v1', 'Deployment'],
    ['v1', 'ServiceAccount'],
  ] as const) {
    const version = versionLabel(await permitted(kube.get({ apiVersion, kind, namespace: liqoNamespace, name: 'liqo-controller-manager' })));
    if (version !== null) return { version, source: `label of ${kind} liqo/liqo-controller-manager` };
  }
  return { version: null, source: null };
};

const liqoFacts = async (kube: Kube): Promise<LiqoFacts> => {
  const configMap = await permitted(kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: liqoNamespace, name: 'liqo-clusterid-configmap' }));
  const clusterId = configMap === null ? null : (parse(configMapShape, configMap, 'ConfigMap liqo-clusterid-configmap').data['CLUSTER_ID'] ?? null);
  const { version, source } = await liqoVersion(kube);
  const workload = (kind: string, name: string) =>
    permitted(kube.list({ apiVersion: 'apps/v1', kind, namespace: liqoNamespace, fieldSelector: `metadata.name=${name}` }));
  const [fabric, ipam, resources] = await Promise.all([workload('DaemonSet', 'liqo-fabric'), workload('Deployment', 'liqo-ipam'), kube.resources()]);
  const seen = fabric !== null || ipam !== null;
  return {
    clusterId,
    version,
    versionSource: source,
    networking: seen ? [...(fabric ?? []), ...(ipam ?? [])].length > 0 : null,
    missingKinds: neededKinds.flatMap(([apiVersion, kind]) =>
      resources.some((resource) => resource.kind === kind && resource.apiVersion === apiVersion) ? [] : [kind],
    ),
  };
};

const cidrs = async (kube: Kube, nodes: readonly NodeFacts[] | null): Promise<{ pods: readonly string[] | null; services: readonly string[] | null }> => {
  const networks = (await permitted(kube.list({ apiVersion: 'ipam.liqo.io/v1alpha1', kind: 'Network', namespace: liqoNamespace }))) ?? [];
  const ofType = (type: string): string[] =>
    networks
      .filter(({ metadata }) => metadata.labels?.['ipam.liqo.io/network-type'] === type)
      .map((network) => parse(networkShape, network, `Network ${network.metadata.name}`).spec.cidr);
  const pods = ofType('pod-cidr');
  const services = ofType('service-cidr');
  const declared = services.length > 0 ? [] : ((await permitted(kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR' }))) ?? []);
  const ofNodes = [...new Set((nodes ?? []).flatMap(({ podCidrs }) => podCidrs))];
  const ofCluster = declared.flatMap((one) => parse(serviceCidrShape, one, `ServiceCIDR ${one.metadata.name}`).spec.cidrs);
  const known = (first: readonly string[], otherwise: readonly string[]): readonly string[] | null =>
    first.length > 0 ? first : otherwise.length > 0 ? otherwise : null;
  return { pods: known(pods, ofNodes), services: known(services, ofCluster) };
};

const tellingObjects: readonly (readonly [string, Ref])[] = [
  ['Deployment cattle-system/cattle-cluster-agent', { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cattle-system', name: 'cattle-cluster-agent' }],
  ['ConfigMap kube-system/kubeadm-config', { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'kubeadm-config' }],
];

export type Wanted = Omit<Right, 'allowed'>;

const reviewShape = z.object({ status: z.object({ allowed: z.boolean() }) });

/** SelfSubjectAccessReviews: what the account of this connection may do. */
export const askRights = (kube: Kube, wanted: readonly Wanted[]): Promise<Right[]> =>
  Promise.all(
    wanted.map(async (right) => {
      const { verb, group, namespace } = right;
      const [resource = '', subresource] = right.resource.split('/');
      const review = await kube.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: { verb, group, resource, ...(subresource === undefined ? {} : { subresource }), ...(namespace === null ? {} : { namespace }) },
        },
      });
      return { ...right, allowed: parse(reviewShape, review, 'SelfSubjectAccessReview').status.allowed };
    }),
  );

export type ObserveOptions = { readonly wanted: readonly Wanted[]; readonly credentialEndsAt: string | null };

export const observe = async (kube: Kube, { wanted, credentialEndsAt }: ObserveOptions): Promise<ClusterFacts> => {
  const { gitVersion } = parse(versionShape, await kube.getPath('/version'), '/version');
  const { groups } = parse(groupsShape, await kube.getPath('/apis'), '/apis');
  const system = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
  if (system?.metadata.uid === undefined)
    throw new HanseError('CLUSTER_REJECTED', `${kube.cluster}: there is no namespace kube-system, by whose uid a cluster is recognised`);
  const every: Query = { apiVersion: 'v1', kind: 'Node' };
  const nodes = (await permitted(kube.list(every)))?.filter((node) => !isVirtual(node)).map(nodeFacts) ?? null;
  const names = groups.map(({ name }) => name);
  const [liqo, { pods, services }, rights, clockSkewMs, resources, openshift] = await Promise.all([
    liqoFacts(kube),
    cidrs(kube, nodes),
    askRights(kube, wanted),
    kube.clockSkewMs(),
    kube.resources(),
    observeOpenshift(kube, names),
  ]);
  const declared = (cidrs: readonly string[] | undefined): readonly string[] | null => (cidrs === undefined || cidrs.length === 0 ? null : cidrs);
  const found = await Promise.all(tellingObjects.map(async ([name, ref]) => ((await permitted(kube.get(ref))) === null ? [] : [name])));
  return {
    server: kube.server,
    uid: system.metadata.uid,
    gitVersion,
    groups: names,
    objects: found.flat(),
    nodes,
    liqo,
    podCidrs: pods ?? declared(openshift?.podCidrs),
    serviceCidrs: services ?? declared(openshift?.serviceCidrs),
    clockSkewMs,
    credentialEndsAt,
    rights,
    openshift,
    policies: resources.some(({ apiVersion, kind }) => kind === 'ValidatingAdmissionPolicy' && apiVersion === 'admissionregistration.k8s.io/v1'),
  };
};

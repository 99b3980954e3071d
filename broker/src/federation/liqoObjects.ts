// The border: what Hanse reads of Liqo's and Kubernetes' objects, parsed. Anything not named here is not looked at; a status that is not there yet is absent, not an error.
import { z } from 'zod';
import { HanseError } from '../errors.ts';
import { label } from './names.ts';
import { readAmount } from '../clusters/quantity.ts';

const shortText = z.string().max(4096);
const text = z.string().max(65_536);

const metadata = z.object({
  name: z.string().max(253),
  namespace: z.string().max(253).optional(),
  uid: z.string().max(64).default(''),
  resourceVersion: z.string().max(64).optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
});

const reference = z.object({ name: z.string().max(253).default('') });
const condition = z.object({ type: shortText, status: shortText, message: shortText.optional() });
const quantities = z.record(z.string(), z.union([z.string().max(64), z.number()]));
const authParams = z.object({ ca: text.optional(), signedCRT: text.optional(), apiServer: shortText.optional(), proxyURL: shortText.optional() });
const data = z.record(z.string(), z.string().max(1_048_576)).default({});

const cidrList = z.array(z.string().max(64)).max(100).default([]);
const cidrs = z.object({ pod: cidrList, external: cidrList }).default({ pod: [], external: [] });
const clusterCidrs = z.object({ cidr: cidrs }).default({ cidr: { pod: [], external: [] } });
const endpoint = z.object({ addresses: z.array(shortText).max(50).default([]), port: z.number().int().default(0) });
const keysSecret = reference.optional();

const schemas = {
  configuration: z.object({
    metadata: metadata.extend({ generation: z.number().optional() }),
    spec: z.object({ remote: clusterCidrs }),
    status: z
      .object({
        remote: z.object({ cidr: cidrs }).optional(),
        conditions: z
          .array(condition.extend({ observedGeneration: z.number().optional() }))
          .max(50)
          .default([]),
      })
      .default({ conditions: [] }),
  }),
  gatewayServer: z.object({
    metadata,
    spec: z.object({ mtu: z.number().int().default(0), endpoint: z.object({ serviceType: shortText.default('') }).default({ serviceType: '' }) }),
    status: z.object({ endpoint: endpoint.nullish(), secretRef: keysSecret }).default({}),
  }),
  gatewayClient: z.object({
    metadata,
    spec: z.object({ mtu: z.number().int().default(0), endpoint: endpoint.default({ addresses: [], port: 0 }) }),
    status: z.object({ secretRef: keysSecret }).default({}),
  }),
  publicKey: z.object({ metadata, spec: z.object({ publicKey: shortText.default('') }) }),
  connection: z.object({ metadata, status: z.object({ value: shortText.default('') }).default({ value: '' }) }),
  network: z.object({
    metadata,
    spec: z.object({ cidr: shortText.default('') }),
    status: z.object({ cidr: shortText.default('') }).default({ cidr: '' }),
  }),
  deployment: z.object({
    metadata,
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: z
            .array(z.object({ args: z.array(text).max(1000).default([]) }))
            .max(50)
            .default([]),
        }),
      }),
    }),
  }),
  plain: z.object({ metadata }),
  secret: z.object({ metadata, data }),
  configMap: z.object({ metadata, data }),
  tenant: z.object({
    metadata,
    spec: z.object({
      clusterID: shortText.default(''),
      authzPolicy: shortText.default('KeysExchange'),
      publicKey: text.default(''),
      csr: text.default(''),
      signature: text.default(''),
      tenantCondition: shortText.default('Active'),
    }),
    status: z.object({ tenantNamespace: shortText.default(''), authParams: authParams.optional() }).default({ tenantNamespace: '' }),
  }),
  identity: z.object({
    metadata,
    spec: z.object({ clusterID: shortText.default(''), type: shortText.default(''), namespace: shortText.default(''), authParams: authParams.default({}) }),
    status: z.object({ kubeconfigSecretRef: reference.optional() }).default({}),
  }),
  slice: z.object({
    metadata: metadata.extend({ annotations: z.record(z.string(), z.string()).default({}) }),
    spec: z.object({ providerClusterID: shortText.default(''), resources: quantities.default({}), csr: text.default('') }),
    status: z.object({ conditions: z.array(condition).max(50).default([]), resources: quantities.default({}) }).default({ conditions: [], resources: {} }),
  }),
  virtualNode: z.object({
    metadata,
    spec: z.object({ clusterID: shortText.default(''), resourceQuota: z.object({ hard: quantities.default({}) }).default({ hard: {} }) }),
    status: z.object({ conditions: z.array(condition).max(50).default([]) }).default({ conditions: [] }),
  }),
  node: z.object({
    metadata,
    status: z.object({ conditions: z.array(condition).max(100).default([]), allocatable: quantities.default({}) }).default({ conditions: [], allocatable: {} }),
  }),
  foreignCluster: z.object({
    metadata,
    status: z
      .object({
        role: shortText.default(''),
        apiServerUrl: shortText.default(''),
        foreignProxyUrl: shortText.default(''),
        conditions: z.array(condition).max(50).default([]),
      })
      .default({ role: '', apiServerUrl: '', foreignProxyUrl: '', conditions: [] }),
  }),
  namespaceMap: z.object({
    metadata,
    status: z
      .object({ currentMapping: z.record(z.string(), z.object({ remoteNamespace: shortText.default('') })).default({}) })
      .default({ currentMapping: {} }),
  }),
  certificateRequest: z.object({ metadata, spec: z.object({ request: text.default('') }) }),
  pod: z.object({
    metadata,
    spec: z.object({
      nodeName: shortText.default(''),
      containers: z
        .array(z.object({ resources: z.object({ requests: quantities.default({}) }).default({ requests: {} }) }))
        .max(200)
        .default([]),
    }),
    status: z.object({ phase: shortText.default('') }).default({ phase: '' }),
  }),
  claim: z.object({
    metadata: metadata.extend({ annotations: z.record(z.string(), z.string()).default({}) }),
    spec: z.object({ resources: z.object({ requests: quantities.default({}) }).default({ requests: {} }) }).default({ resources: { requests: {} } }),
  }),
};

export type Parsed<Name extends keyof typeof schemas> = z.output<(typeof schemas)[Name]>;

const who = z.object({ kind: z.string(), metadata: z.object({ name: z.string(), namespace: z.string().optional() }) });

/** CLUSTER_REJECTED where the object is not what its kind promises: names the object and the field, never what stands in it. */
export const parseAs = <Name extends keyof typeof schemas>(name: Name, object: unknown): Parsed<Name> => {
  const parsed = schemas[name].safeParse(object);
  if (parsed.success) return parsed.data as Parsed<Name>;
  const { data } = who.safeParse(object);
  const told =
    data === undefined ? 'An object' : `${data.kind} ${[data.metadata.namespace, data.metadata.name].filter((part) => part !== undefined).join('/')}`;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new HanseError('CLUSTER_REJECTED', `${told.slice(0, 200)} is not what its kind promises${path === '' ? '' : ` at ${path}`}.`, { place: { path } });
};

/** How this side sees the other's addresses, once Liqo has decided about what it was told now (NetworkCIDRsConfigured since 1.2); null: not yet. */
export const seenAddresses = ({
  metadata: { generation },
  spec,
  status,
}: Parsed<'configuration'>): { readonly pod: readonly string[]; readonly external: readonly string[] } | null => {
  const decided = status.conditions.some(
    ({ type, status: is, observedGeneration }) =>
      type === 'NetworkCIDRsConfigured' && is === 'True' && (observedGeneration === undefined || generation === undefined || observedGeneration >= generation),
  );
  const seen = status.remote?.cidr;
  if (!decided || seen === undefined) return null;
  return seen.pod.length === spec.remote.cidr.pod.length && ![...seen.pod, ...seen.external].includes('') ? seen : null;
};

/** Of anything: who it is and whether it is ours. */
export type Thing = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly deleting: boolean;
  readonly operation: string | null;
  readonly labels: Readonly<Record<string, string>>;
};

export const thing = (object: unknown): Thing => {
  const { metadata: of } = parseAs('plain', object);
  return {
    name: of.name,
    ...(of.namespace === undefined ? {} : { namespace: of.namespace }),
    uid: of.uid,
    deleting: of.deletionTimestamp !== undefined,
    operation: of.labels[label.managedBy] === 'hanse' ? (of.labels[label.operation] ?? '') : null,
    labels: of.labels,
  };
};

export type Verdict = 'accepted' | 'denied' | 'pending';

const verdictOf = (conditions: readonly { type: string; status: string }[], type: string): Verdict => {
  const found = conditions.find((one) => one.type === type)?.status;
  return found === 'Accepted' ? 'accepted' : found === 'Denied' ? 'denied' : 'pending';
};

export const sliceVerdict = (slice: Parsed<'slice'>): { verdict: Verdict; message: string } => {
  const { conditions } = slice.status;
  const verdicts = ['Authentication', 'Resources'].map((type) => verdictOf(conditions, type));
  const message = conditions
    .filter((one) => one.status === 'Denied')
    .map((one) => `${one.type}: ${one.message ?? 'denied'}`)
    .join('; ');
  if (verdicts.includes('denied')) return { verdict: 'denied', message };
  return { verdict: verdicts.every((verdict) => verdict === 'accepted') ? 'accepted' : 'pending', message };
};

/** Liqo writes each condition type twice: all of them have to be Running, whatever their number. */
export const isRunning = (virtualNode: Parsed<'virtualNode'>): boolean =>
  virtualNode.status.conditions.length > 0 && virtualNode.status.conditions.every((one) => one.status === 'Running');
export const isReady = (node: Parsed<'node'>): boolean => node.status.conditions.some((one) => one.type === 'Ready' && one.status === 'True');
const looksOfLiqo = ({ status: { conditions } }: Parsed<'foreignCluster'>) => conditions.filter((one) => one.type === 'APIServerStatus');
/**
 * Liqo takes a provider that was declared gone for dead unless its own look found it answering (pkg/utils/foreigncluster/conditions.go). Where it knows an address of the provider a look comes;
 * until then it would take the provider for dead and a moment later for alive, and what it forgot in between it never clears.
 */
export const isLookedAt = (foreignCluster: Parsed<'foreignCluster'>): boolean => {
  const { apiServerUrl, foreignProxyUrl } = foreignCluster.status;
  return looksOfLiqo(foreignCluster).length > 0 || (apiServerUrl === '' && foreignProxyUrl === '');
};
/** Declared gone, it is dead to Liqo, and stays so. */
export const isSilent = (foreignCluster: Parsed<'foreignCluster'>): boolean =>
  isLookedAt(foreignCluster) && looksOfLiqo(foreignCluster).every(({ status }) => status !== 'Established');
export const granted = (slice: Parsed<'slice'>) => readAmount(slice.status.resources);
export const asked = (slice: Parsed<'slice'>) => readAmount(slice.spec.resources);

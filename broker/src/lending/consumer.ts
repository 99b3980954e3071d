// Who may use a cluster of ours, as its provider sees it: a consumer's tenant namespace, the word given to it, and what it asks for.
import { z } from 'zod';

const words = z.record(z.string(), z.string().max(4096)).catch({});
const grantShape = z.object({ data: words });
const sliceShape = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).catch({}) }),
  spec: z.object({ resources: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).catch({}) }).catch({ resources: {} }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).catch([]) }).catch({ conditions: [] }),
});

const tenantShape = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string().optional(), labels: z.record(z.string(), z.string()).catch({}) }),
  spec: z.object({ tenantCondition: z.enum(['Active', 'Cordoned', 'Drained']).catch('Active') }).catch({ tenantCondition: 'Active' }),
});

export type Grant = Readonly<Record<string, string>>;

/** open; nothing new is lent; it is asked to move away; it was ended. */
export const standings = ['open', 'cordoned', 'draining', 'ended'] as const;
export type Standing = (typeof standings)[number];

/** Liqo's own word for a consumer's Tenant (liqo 1.2, apis/authentication/v1beta1/tenant_types.go). Drained cuts what runs, so that draining only cordons. */
export type TenantCondition = 'Active' | 'Cordoned' | 'Drained';
export const conditionOf: Readonly<Record<Standing, TenantCondition>> = { open: 'Active', cordoned: 'Cordoned', draining: 'Cordoned', ended: 'Drained' };

export type Tenant = {
  readonly name: string;
  readonly condition: TenantCondition;
  /** RFC 3339. */
  readonly since: string | null;
  /** The consumer's operation that made it. */
  readonly operation: string | null;
};

/** What of the consumer runs here. */
export type Running = { readonly pods: number; readonly cpuMillis: number; readonly memoryBytes: number };

export type Wish = { readonly name: string; readonly resources: Readonly<Record<string, string>>; readonly state: 'lent' | 'denied' | 'asked' };

export type Consumer = {
  /** Our cluster. */
  readonly cluster: string;
  /** Its Liqo cluster id. */
  readonly consumer: string;
  readonly namespace: string;
  /** RFC 3339; since when its tenant namespace has been there. */
  readonly since: string | null;
  readonly answer: 'yes' | 'ask' | 'no';
  readonly reason: string | null;
  readonly maxCpu: string | null;
  readonly maxMemory: string | null;
  readonly maxPods: string | null;
  readonly standing: Standing;
  /** RFC 3339; since when it has been federated; null: it is not. */
  readonly federatedSince: string | null;
  /** The operation of the consumer's Hanse under which it was admitted. */
  readonly plan: string | null;
  readonly wishes: readonly Wish[];
  /** Namespaces of ours in which its pods run. */
  readonly namespaces: readonly string[];
  readonly running: Running;
};

export const tenantPrefix = 'liqo-tenant-';

const stateOf = ({ status }: z.infer<typeof sliceShape>): Wish['state'] => {
  const resources = status.conditions.find(({ type }) => type === 'Resources')?.status;
  return resources === 'Accepted' ? 'lent' : resources === 'Denied' ? 'denied' : 'asked';
};

/** null: not a consumer's slice but one of our own, in the namespace of a provider that we use ourselves. */
export const wishOf = (object: unknown): Wish | null => {
  const slice = sliceShape.safeParse(object).data;
  if (slice === undefined || slice.metadata.labels['liqo.io/replicated'] !== 'true') return null;
  return { name: slice.metadata.name, resources: slice.spec.resources, state: stateOf(slice) };
};

/** The data of the grant; null: there is none. */
export const grantData = (object: unknown): Grant | null => grantShape.safeParse(object).data?.data ?? null;

/** As the consumer's Hanse reads it: no grant is a yes, a word that is none asks. */
const answerIn = (grant: Grant | null): Consumer['answer'] => {
  const word = (grant?.['accept'] ?? (grant === null ? 'yes' : '')).trim().toLowerCase();
  return word === 'yes' || word === 'no' ? word : 'ask';
};

/** null: not a Tenant. */
export const tenantOf = (object: unknown): Tenant | null => {
  const tenant = tenantShape.safeParse(object).data;
  if (tenant === undefined) return null;
  const { name, creationTimestamp, labels } = tenant.metadata;
  return { name, condition: tenant.spec.tenantCondition, since: creationTimestamp ?? null, operation: labels['hanse.dev/operation'] ?? null };
};

/** What the grant says; where it says nothing, what Liqo's own commands (liqoctl cordon, drain) left in the Tenant. */
export const standingOf = (grant: Grant | null, tenant: Tenant | null): Standing => {
  const said = standings.find((word) => word === grant?.['standing']);
  if (said !== undefined) return said;
  return tenant?.condition === 'Cordoned' ? 'cordoned' : tenant?.condition === 'Drained' ? 'ended' : 'open';
};

export type ConsumerParts = {
  readonly cluster: string;
  readonly consumer: string;
  readonly namespace: string;
  readonly since: string | undefined;
  readonly grant: Grant | null;
  readonly slices: readonly unknown[];
  readonly tenant: Tenant | null;
  readonly namespaces: readonly string[];
  readonly running: Running;
};

export const consumerOf = ({ grant, slices, since, tenant, ...rest }: ConsumerParts): Consumer => ({
  ...rest,
  since: since ?? null,
  answer: answerIn(grant),
  reason: grant?.['reason'] ?? null,
  maxCpu: grant?.['maxCpu'] ?? null,
  maxMemory: grant?.['maxMemory'] ?? null,
  maxPods: grant?.['maxPods'] ?? null,
  standing: standingOf(grant, tenant),
  federatedSince: tenant?.since ?? null,
  plan: tenant?.operation ?? null,
  wishes: slices.flatMap((slice) => wishOf(slice) ?? []),
});

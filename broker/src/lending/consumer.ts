// Who may use a cluster of ours, as its provider sees it: a consumer's tenant namespace, the word given to it, and what it asks for.
import { z } from 'zod';

const words = z.record(z.string(), z.string().max(4096)).catch({});
const grantShape = z.object({ data: words });
const sliceShape = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).catch({}) }),
  spec: z.object({ resources: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).catch({}) }).catch({ resources: {} }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).catch([]) }).catch({ conditions: [] }),
});

export type Grant = Readonly<Record<string, string>>;

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
  readonly wishes: readonly Wish[];
};

export const tenantPrefix = 'liqo-tenant-';

const stateOf = ({ status }: z.infer<typeof sliceShape>): Wish['state'] => {
  const resources = status.conditions.find(({ type }) => type === 'Resources')?.status;
  return resources === 'Accepted' ? 'lent' : resources === 'Denied' ? 'denied' : 'asked';
};

/** null: not a consumer's slice but one of our own, in the namespace of a provider that we use ourselves. */
const wishOf = (object: unknown): Wish | null => {
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

export type ConsumerParts = {
  readonly cluster: string;
  readonly consumer: string;
  readonly namespace: string;
  readonly since: string | undefined;
  readonly grant: Grant | null;
  readonly slices: readonly unknown[];
};

export const consumerOf = ({ grant, slices, since, ...rest }: ConsumerParts): Consumer => ({
  ...rest,
  since: since ?? null,
  answer: answerIn(grant),
  reason: grant?.['reason'] ?? null,
  maxCpu: grant?.['maxCpu'] ?? null,
  maxMemory: grant?.['maxMemory'] ?? null,
  maxPods: grant?.['maxPods'] ?? null,
  wishes: slices.flatMap((slice) => wishOf(slice) ?? []),
});

// How a cluster is entered: by a kubeconfig, or by the system that stands in front of it. What is handed in is used once and traded for an account of our own.
import { z } from 'zod';

const address = z.string().min(8).max(2048);
/** PEM; absent: the authorities that this computer trusts. */
const ca = z
  .string()
  .max(256 * 1024)
  .optional();
const secret = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** OpenShift: its API server, with a token of a person, or with a name and a password that its OAuth server turns into one. */
export const openshiftEntry = z
  .strictObject({
    url: address,
    ca: z
      .string()
      .min(1)
      .max(256 * 1024),
    token: secret.optional(),
    user: z.string().min(1).max(253).optional(),
    password: z.string().min(1).max(1024).optional(),
  })
  .refine(
    ({ token, user, password }) => (token === undefined ? user !== undefined && password !== undefined : user === undefined && password === undefined),
    'needs either a token, or a user and a password',
  );

/** Rancher: a token of its API, and the cluster as Rancher names it. */
export const rancherEntry = z.strictObject({ url: address, ca, token: secret, cluster: z.string().min(1).max(253) });

/** OpenNebula: `user:password` (or `user:token`) for XML-RPC and OneKS, and the cluster as OneKS names or numbers it. */
export const opennebulaEntry = z.strictObject({
  url: address,
  ca,
  /** Of OneKS; absent: the same host, port 10780. */
  oneks: address.optional(),
  auth: z
    .string()
    .max(2048)
    .regex(/^[^:\s]{1,253}:[^\r\n]{1,1700}$/, 'must be user:password'),
  cluster: z.string().min(1).max(253),
});

export type OpenshiftEntry = z.infer<typeof openshiftEntry>;
export type RancherEntry = z.infer<typeof rancherEntry>;
export type OpennebulaEntry = z.infer<typeof opennebulaEntry>;

/** Who made a cluster's machines and can make more. `cluster` is its own identifier: c-m-abc12, 7. */
export const managerRef = z.object({
  kind: z.enum(['rancher', 'opennebula']),
  url: z.string(),
  ca: z.string().nullable(),
  /** Of OneKS; null: not OpenNebula. */
  oneks: z.string().nullable(),
  cluster: z.string(),
});
export type ManagerRef = z.infer<typeof managerRef>;

export const managerTitles = { rancher: 'Rancher', opennebula: 'OpenNebula' } as const;

/** A group of equal worker nodes that its manager makes and takes away. */
export type NodePool = {
  readonly name: string;
  /** How the manager finds it again. */
  readonly key: string;
  readonly wanted: number;
  /** A reason why it cannot be scaled; null: it can. */
  readonly fixed: string | null;
  /** Whether the manager drains a node before it takes it away. */
  readonly drains: boolean;
};

export type ManagedNode = { readonly name: string; readonly ready: boolean };
export type Managed = { readonly pools: readonly NodePool[]; readonly nodes: readonly ManagedNode[] };

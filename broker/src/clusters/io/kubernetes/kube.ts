// The Kubernetes API as the rest of the house sees it: one cluster, one account. The implementation is in client.ts.
import type { EffectGuard } from '../../../operations/io/performer.ts';

export type Metadata = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  generateName?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
  finalizers?: string[];
};

/** Any object, unparsed beyond its metadata. What is read of spec, status and data is parsed by the reader (zod). */
export type KubeObject = { apiVersion: string; kind: string; metadata: Metadata; [field: string]: unknown };

export type Ref = { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly name: string };

export type Query = {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: all namespaces, or a cluster-scoped kind. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
};

export type WatchEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject };

export type Until = {
  /** Said in progress and in the error: "Tenant home to be admitted". */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Watch by default; poll where the account has no right to watch (Liqo's peering role). */
  readonly by?: 'watch' | 'poll';
};

export type DeleteOptions = {
  /** Preconditions: an object with another identity or version is left alone. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
};

export type ApiResource = {
  readonly name: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
};

/**
 * Every method throws HanseError (CLUSTER_UNREACHABLE, CLUSTER_BUSY, CLUSTER_UNAUTHORIZED, CLUSTER_FORBIDDEN, CLUSTER_REJECTED, OBJECT_CONFLICT, TIMED_OUT, LEASE_LOST) and
 * names the cluster, the verb and the object. 429 with Retry-After is honoured inside, within the time limit.
 */
export type Kube = {
  /** Our name of the cluster, for messages. */
  readonly cluster: string;
  /** https://host:port */
  readonly server: string;
  /** The cluster's CA in PEM, as we verify it. */
  readonly ca: string;
  /** The same connections; changing requests are held against the guard, all are ended by the signal. */
  with(options: { guard?: EffectGuard; signal?: AbortSignal }): Kube;

  /** null: there is none (404 of the object or of its kind). */
  get(ref: Ref): Promise<KubeObject | null>;
  /** All pages. An absent kind is an empty list. */
  list(query: Query): Promise<KubeObject[]>;
  /** Server-side apply with field manager `hanse`. Without force a field owned by another manager is OBJECT_CONFLICT with the owner's name. */
  apply(object: KubeObject, options?: { force?: boolean; dryRun?: boolean }): Promise<KubeObject>;
  /** OBJECT_CONFLICT if it exists. */
  create(object: KubeObject, options?: { dryRun?: boolean }): Promise<KubeObject>;
  /** PUT; carries the resourceVersion of the object given. */
  replace(object: KubeObject): Promise<KubeObject>;
  /** Merge patch (RFC 7396). With `resourceVersion` in the patch's metadata it is a precondition. `subresource`: status, scale. */
  patch(ref: Ref, patch: object, options?: { subresource?: string }): Promise<KubeObject>;
  /** JSON patch (RFC 6902), where a list or a key has to be removed with a test first. */
  jsonPatch(ref: Ref, operations: readonly object[]): Promise<KubeObject>;
  /** false: it was not there. A failed precondition is OBJECT_CONFLICT. Returns when the server has accepted; see `until` for gone. */
  delete(ref: Ref, options?: DeleteOptions): Promise<boolean>;
  /** POST to a subresource or a review: token requests, SelfSubjectAccessReview, eviction. */
  post(path: string, body: object): Promise<KubeObject>;
  /** GET of any path: /version, /readyz, /api. */
  getPath(path: string): Promise<unknown>;
  /** Waits until the object (null when absent) satisfies the predicate; TIMED_OUT tells the state that was seen last. */
  until(ref: Ref, satisfied: (object: KubeObject | null) => boolean, options: Until): Promise<KubeObject | null>;
  /** One watch from the given version, or from a fresh list (whose objects come as ADDED). Ends with the signal; resumes by itself; relists after 410 with DELETED for what vanished. */
  watch(query: Query, options: { signal: AbortSignal; onSynced?: () => void }): AsyncIterable<WatchEvent>;
  /** Every kind the server has, preferred versions, without subresources. */
  resources(): Promise<ApiResource[]>;
  /** Clock of the API server minus ours, in milliseconds (from the Date header; ±1 s). */
  clockSkewMs(): Promise<number>;
};

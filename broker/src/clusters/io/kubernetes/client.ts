// The Kubernetes API of one cluster with one account: the methods of kube.ts over the requests of requests.ts.
import type { EffectGuard } from '../../../operations/io/performer.ts';
import { HanseError } from '../../../errors.ts';
import { createDiscovery } from './discovery.ts';
import type { What } from './failure.ts';
import type { Kube, KubeObject, Query, Ref } from './kube.ts';
import { collectionPath, discover, listAll, noSuchKind, objectPath, type Session, whatOf } from './lists.ts';
import { parseObject } from './objects.ts';
import { type Call, request, success, successOrNull } from './requests.ts';
import { openTransport, type Target } from './transport.ts';
import { until } from './until.ts';
import { watch } from './watch.ts';

export type KubeConnection = Kube & {
  /** Ends every request and watch. */
  close(): Promise<void>;
};

export type ConnectOptions = Target & {
  /** Our name of the cluster. */
  readonly cluster: string;
  /** For one request, retries after 429 included. */
  readonly timeLimitMs?: number;
  /** A watch without a byte for so long is taken for dead; servers send a bookmark about once a minute. */
  readonly idleLimitMs?: number;
};

type Inside = { readonly session: Session; readonly target: Target; readonly idleLimitMs: number };

const fieldManager = 'hanse';
const dryRunOf = (dryRun: boolean | undefined): string | undefined => (dryRun === true ? 'All' : undefined);

const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): Ref => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

const change = async (session: Session, verb: string, ref: Ref, call: Omit<Call, 'path' | 'what'>, subresource?: string): Promise<KubeObject> => {
  const path = await objectPath(session, ref);
  if (path === null) throw noSuchKind(session, verb, ref);
  const what = whatOf(session, verb, ref);
  const { body } = await success(session.transport, session.scope, { ...call, path: subresource === undefined ? path : `${path}/${subresource}`, what });
  return parseObject(body, ref.apiVersion, ref.kind, `${what.cluster}: ${what.object}`);
};

const both = (outer: EffectGuard | undefined, inner: EffectGuard | undefined): EffectGuard | undefined => {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return (timeLimitMs) => {
    outer(timeLimitMs);
    inner(timeLimitMs);
  };
};

const narrowed = (session: Session, guard: EffectGuard | undefined, signal: AbortSignal | undefined): Session => {
  const { scope } = session;
  return { ...session, scope: { ...scope, guard: both(scope.guard, guard), signals: signal === undefined ? scope.signals : [...scope.signals, signal] } };
};

const readers = ({ session, idleLimitMs }: Inside): Pick<Kube, 'get' | 'list' | 'getPath' | 'watch' | 'until' | 'resources' | 'clockSkewMs'> => {
  const { cluster, transport, scope } = session;
  const at = (verb: string, path: string): What => ({ cluster, verb, object: path, secret: false });
  const get: Kube['get'] = async (ref) => {
    const path = await objectPath(session, ref);
    if (path === null) return null;
    const what = whatOf(session, 'get', ref);
    const reply = await successOrNull(transport, scope, { method: 'GET', path, what });
    return reply === null ? null : parseObject(reply.body, ref.apiVersion, ref.kind, `${cluster}: ${what.object}`);
  };
  const watching: Kube['watch'] = (query, { signal, onSynced }) => {
    const own = narrowed(session, undefined, signal);
    const what = whatOf(session, 'watch', query);
    return watch({ transport, scope: own.scope, query, what, idleLimitMs, path: () => collectionPath(own, query), list: () => listAll(own, query) }, onSynced);
  };
  return {
    get,
    list: async (query) => [...(await listAll(session, query)).items],
    getPath: async (path) => (await success(transport, scope, { method: 'GET', path, what: at('get', path) })).body,
    watch: watching,
    until(ref, satisfied, options) {
      const { apiVersion, kind, namespace, name } = ref;
      const query: Query = { apiVersion, kind, fieldSelector: `metadata.name=${name}`, ...(namespace === undefined ? {} : { namespace }) };
      const events = (signal: AbortSignal, onSynced: () => void) => watching(query, { signal, onSynced });
      return until({ cluster, ref, signals: scope.signals, get: () => get(ref), watch: events }, satisfied, options);
    },
    resources: async () => (await session.discovery.all(discover(session))).map(({ plural: _, ...resource }) => resource),
    async clockSkewMs() {
      const { headers, sentAtMs, receivedAtMs } = await request(transport, scope, { method: 'GET', path: '/version', what: at('get', '/version') });
      const date = Date.parse(String(headers['date']));
      if (Number.isNaN(date)) throw new HanseError('CLUSTER_REJECTED', `${cluster}: the API server sent no date`);
      // the header has whole seconds, cut off: on average half a second less than the clock
      return Math.round(date + 500 - (sentAtMs + receivedAtMs) / 2);
    },
  };
};

const writers = (session: Session): Pick<Kube, 'apply' | 'create' | 'replace' | 'patch' | 'jsonPatch' | 'delete' | 'post'> => {
  const { cluster, transport, scope } = session;
  const patching = (contentType: string, body: object, query: Call['query'] = {}) =>
    ({ method: 'PATCH', query: { fieldManager, ...query }, contentType: `application/${contentType}`, body }) as const;
  return {
    apply: (object, { force = false, dryRun } = {}) =>
      change(session, 'apply', refOf(object), patching('apply-patch+yaml', object, { force: String(force), dryRun: dryRunOf(dryRun) })),
    async create(object, { dryRun } = {}) {
      const ref = refOf(object);
      const path = await collectionPath(session, ref);
      if (path === null) throw noSuchKind(session, 'create', ref);
      const what = whatOf(session, 'create', ref);
      const { body } = await success(transport, scope, { method: 'POST', path, query: { fieldManager, dryRun: dryRunOf(dryRun) }, body: object, what });
      return parseObject(body, ref.apiVersion, ref.kind, `${cluster}: ${what.object}`);
    },
    replace: (object) => change(session, 'replace', refOf(object), { method: 'PUT', query: { fieldManager }, body: object }),
    patch: (ref, patch, { subresource } = {}) => change(session, 'patch', ref, patching('merge-patch+json', patch), subresource),
    jsonPatch: (ref, operations) => change(session, 'patch', ref, patching('json-patch+json', operations)),
    async delete(ref, { uid, resourceVersion, propagation, gracePeriodSeconds } = {}) {
      const path = await objectPath(session, ref);
      if (path === null) return false;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        // left out where undefined, also by JSON
        preconditions: uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion },
        propagationPolicy: propagation,
        gracePeriodSeconds,
      };
      return (await successOrNull(transport, scope, { method: 'DELETE', path, body, what: whatOf(session, 'delete', ref) })) !== null;
    },
    async post(path, body) {
      const what: What = { cluster, verb: 'post', object: path, secret: path.endsWith('/token') };
      return parseObject((await success(transport, scope, { method: 'POST', path, body, what })).body, 'v1', 'Status', `${cluster}: ${path}`);
    },
  };
};

const kubeOf = (inside: Inside): Kube => ({
  cluster: inside.session.cluster,
  server: inside.target.server,
  ca: inside.target.ca,
  with: ({ guard, signal }) => kubeOf({ ...inside, session: narrowed(inside.session, guard, signal) }),
  ...readers(inside),
  ...writers(inside.session),
});

/** REFUSED if the address is not one that the configuration allows. Nothing is sent before the first method is called. */
export const connectKube = (options: ConnectOptions): KubeConnection => {
  const transport = openTransport(options);
  const scope = { guard: undefined, signals: [], timeLimitMs: options.timeLimitMs ?? 15_000 };
  const session: Session = { cluster: options.cluster, transport, discovery: createDiscovery(), scope };
  const kube = kubeOf({ session, target: options, idleLimitMs: options.idleLimitMs ?? 90_000 });
  return { ...kube, close: () => transport.close() };
};

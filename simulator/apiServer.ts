// The Kubernetes API of one member over TLS: discovery, list, watch, apply, patch, delete, reviews, token requests.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { readBody } from './body.ts';
import { Access, type Attributes, type User } from './access.ts';
import { text } from './controllers/read.ts';
import { isPlain, mergePatch, type JsonPatchOperation, type Plain } from './fields.ts';
import { apiVersionOf } from './kinds.ts';
import { openapi } from './openapi.ts';
import { discovery, resolve, type Target } from './paths.ts';
import { Refused, type Stored } from './object.ts';
import { Objects, type Deletion, type Where, type Write } from './objects.ts';
import type { ObjectLog } from './objectLog.ts';
import { newAuthority, type Authority } from './pki.ts';
import { strategicMerge } from './strategic.ts';
import { asTable, wantsTable } from './table.ts';
import { matcher, watch } from './watch.ts';

export type Faults = {
  /** Answers nothing at all, as a frozen API server. */
  frozen: boolean;
  /** The next so many requests are answered 429 with Retry-After. */
  busy: number;
  /** Every answer comes so much later. */
  delayMs: number;
};

export type Member = {
  readonly name: string;
  readonly objects: Objects;
  readonly access: Access;
  readonly authority: Authority;
  readonly server: string;
  readonly adminToken: string;
  readonly faults: Faults;
  /** Every open watch breaks, and is told 410 when it resumes. */
  cutWatches(): void;
  /** A kubeconfig of the administrator, as JSON. */
  kubeconfig(): string;
  close(): Promise<void>;
};

/** What a member keeps over its restarts: its authority and the key that seals its tokens. */
export type Identity = { readonly authority: Authority; readonly tokenKey: string };

/** Where a member stands. Without: a free port, a new identity, objects in memory, Kubernetes 1.35. */
export type Ground = {
  readonly identity?: Identity;
  readonly log?: ObjectLog;
  readonly gitVersion?: string;
  /** Answers the port of 127.0.0.1 on which the server listens from then on. */
  listen?(server: Server): Promise<number>;
};

export const newIdentity = async (name: string): Promise<Identity> => ({ authority: await newAuthority(name), tokenKey: randomBytes(32).toString('hex') });

export async function startMember(name: string, ground: Ground = {}): Promise<Member> {
  const { authority, tokenKey } = ground.identity ?? (await newIdentity(name));
  const objects = new Objects(ground.log);
  const access = new Access(objects, tokenKey);
  const { adminToken } = access;
  const faults: Faults = { frozen: false, busy: 0, delayMs: 0 };
  const watches = new Set<ServerResponse>();
  const inside: Inside = { objects, access, faults, watches, gitVersion: ground.gitVersion ?? 'v1.35.4' };
  const server: Server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    if (faults.frozen) return;
    void answer(request, response, inside).catch((error: unknown) => fail(response, error));
  });
  server.keepAliveTimeout = 300_000; // the real one keeps idle connections for minutes
  const url = `https://127.0.0.1:${await (ground.listen ?? anyPort)(server)}`;
  return {
    name,
    objects,
    access,
    authority,
    server: url,
    adminToken,
    faults,
    cutWatches() {
      objects.forgetHistory();
      for (const response of watches) response.destroy();
    },
    kubeconfig: () =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(authority.caPem).toString('base64') } }],
        users: [{ name: 'admin', user: { token: adminToken } }],
        contexts: [{ name, context: { cluster: name, user: 'admin' } }],
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await ground.log?.close();
    },
  };
}

const anyPort = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

async function answer(request: IncomingMessage, response: ServerResponse, member: Inside): Promise<void> {
  const { objects, access, faults, gitVersion } = member;
  if (faults.delayMs > 0) await pause(faults.delayMs);
  const url = new URL(request.url ?? '/', 'https://simulator');
  if (url.pathname === '/readyz' || url.pathname === '/livez') return void response.end('ok');
  if (url.pathname === '/version') return send(response, 200, { major: '1', minor: gitVersion.split('.')[1], gitVersion, platform: 'linux/amd64' });
  const user = access.who(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  if (!user) throw new Refused(401, 'Unauthorized', 'Unauthorized');
  if (faults.busy > 0) {
    faults.busy -= 1;
    response.setHeader('retry-after', '1');
    throw new Refused(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 });
  }
  const discovered = discovery(url.pathname) ?? openapi(url.pathname);
  if (discovered) return send(response, 200, discovered);
  const body = await readBody(request);
  const reviewed = review(url.pathname, isPlain(body) ? body : {}, user, member);
  if (reviewed) return send(response, 201, reviewed);
  const target = targetOf(url.pathname);
  const { kind, namespace, subresource } = target;
  const verb = verbOf(request.method ?? '', target, url.searchParams);
  const ownNamespace = kind.kind === 'Namespace' ? target.name : namespace;
  permit(access, user, { verb, group: kind.group, resource: kind.plural + (subresource ? `/${subresource}` : ''), namespace: ownNamespace, name: target.name });
  if (verb === 'create') admit(access, user, kind.plural, body);
  if (verb === 'watch') return watch(request, response, member, target, url.searchParams);
  const { name } = target;
  const asked: Asked = { request, query: url.searchParams, body, objects };
  const [code, result] = name === undefined ? onCollection(target, asked) : onObject({ ...target, name }, asked);
  await objects.flushed();
  send(response, code, request.method === 'GET' && wantsTable(request.headers.accept) ? asTable(result) : result);
}

type Inside = {
  readonly objects: Objects;
  readonly access: Access;
  readonly faults: Faults;
  readonly watches: Set<ServerResponse>;
  readonly gitVersion: string;
};
type Asked = { readonly request: IncomingMessage; readonly query: URLSearchParams; readonly body: unknown; readonly objects: Objects };

const insidePods: readonly string[] = ['log', 'exec', 'attach', 'portforward', 'proxy'];
function targetOf(path: string): Target {
  const target = resolve(path);
  if (!target) throw new Refused(404, 'NotFound', 'the server could not find the requested resource');
  if (target.kind.kind === 'Pod' && insidePods.includes(target.subresource ?? ''))
    throw new Refused(501, 'NotImplemented', `nothing runs inside of a simulated pod: there is no ${target.subresource}`);
  return target;
}

const NOT_ALLOWED = new Refused(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

const writeOf = ({ request, query }: Asked, subresource?: string): Write => ({
  manager: query.get('fieldManager') ?? request.headers['user-agent']?.split('/')[0] ?? 'unknown',
  dryRun: query.get('dryRun') === 'All',
  force: query.get('force') === 'true',
  subresource,
});

function onCollection(target: Target, asked: Asked): [number, unknown] {
  if (asked.request.method === 'GET') return [200, listed(asked.objects, target, asked.query)];
  if (asked.request.method !== 'POST') throw NOT_ALLOWED;
  const given = isPlain(asked.body) ? asked.body : {};
  const metadata = { ...(isPlain(given.metadata) ? given.metadata : {}), ...(target.namespace === undefined ? {} : { namespace: target.namespace }) };
  return [201, asked.objects.create(target.kind, { ...given, metadata }, writeOf(asked))];
}

function onObject(target: Target & Where, asked: Asked): [number, unknown] {
  const { objects, body } = asked;
  const given = isPlain(body) ? body : {};
  const found = objects.get(target);
  if (target.subresource === 'scale' && found) return [200, scaled(target, asked, found)];
  switch (asked.request.method) {
    case 'GET':
      if (!found)
        throw new Refused(404, 'NotFound', `${target.kind.plural}${target.kind.group ? `.${target.kind.group}` : ''} "${target.name}" not found`, {
          name: target.name,
          kind: target.kind.plural,
        });
      return [200, found];
    case 'PUT':
      return [200, objects.replace(target, given, writeOf(asked, target.subresource))];
    case 'PATCH':
      return [found ? 200 : 201, patched(target, asked)];
    case 'DELETE':
      return [200, objects.delete(target, deletionOf(given, asked.query))];
    default:
      throw NOT_ALLOWED;
  }
}

/** As `autoscaling/v1` shows it; a change sets the number. */
function scaled(target: Target & Where, { objects, request, body }: Asked, found: Stored): Plain {
  const replicas = isPlain(body) && isPlain(body.spec) ? body.spec.replicas : undefined;
  const now = request.method === 'GET' ? found : objects.merge(target, { spec: { replicas } }, { manager: 'scale' });
  const { name, namespace, uid, resourceVersion, creationTimestamp } = now.metadata;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: now.spec?.replicas ?? 1 },
    status: { replicas: now.status?.replicas ?? 0 },
  };
}

function patched(target: Target & Where, asked: Asked): Stored {
  const { objects, body, request } = asked;
  const type = request.headers['content-type'] ?? '';
  const write = writeOf(asked, target.subresource);
  if (type.startsWith('application/apply-patch')) return objects.apply(target, isPlain(body) ? body : {}, write);
  if (type.startsWith('application/json-patch')) return objects.jsonPatch(target, Array.isArray(body) ? (body as JsonPatchOperation[]) : [], write);
  return objects.merge(target, body, write, type.startsWith('application/strategic-merge-patch') ? strategicMerge : mergePatch);
}

function deletionOf(given: Plain, query: URLSearchParams): Deletion {
  const { uid, resourceVersion } = isPlain(given.preconditions) ? given.preconditions : {};
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const grace = given.gracePeriodSeconds ?? query.get('gracePeriodSeconds');
  return {
    uid: text(uid),
    resourceVersion: text(resourceVersion),
    propagation: text(given.propagationPolicy ?? query.get('propagationPolicy')),
    grace: grace === null || grace === undefined ? undefined : Number(grace),
  };
}

function listed(objects: Objects, target: Target, query: URLSearchParams): Plain {
  const every = objects.list(target.kind, target.namespace).filter(matcher(query));
  const start = Number(query.get('continue') ?? 0);
  const limit = Number(query.get('limit') ?? 0) || every.length;
  const rest = every.length - start - limit;
  return {
    apiVersion: apiVersionOf(target.kind),
    kind: `${target.kind.kind}List`,
    metadata: { resourceVersion: String(objects.version), ...(rest > 0 ? { continue: String(start + limit), remainingItemCount: rest } : {}) },
    items: every.slice(start, start + limit),
  };
}

/** What an account asks about itself, and tokens for service accounts. */
function review(path: string, given: Plain, user: User, { objects, access }: Inside): Plain | null {
  if (path === '/apis/authentication.k8s.io/v1/selfsubjectreviews') return { ...given, status: { userInfo: { username: user.user, groups: user.groups } } };
  if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') return { ...given, status: { allowed: access.allows(user, attributesOf(given)) } };
  const [, namespace, account] = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/.exec(path) ?? [];
  if (!namespace || !account) return null;
  permit(access, user, { verb: 'create', group: '', resource: 'serviceaccounts/token', namespace, name: account });
  if (!objects.find('v1', 'ServiceAccount', namespace, account)) throw new Refused(404, 'NotFound', `serviceaccounts "${account}" not found`);
  const spec = isPlain(given.spec) ? given.spec : {};
  const endsAt = Date.now() + Number(spec.expirationSeconds ?? 3600) * 1000;
  return {
    ...given,
    status: { token: access.issue(namespace, account, spec.boundObjectRef, endsAt), expirationTimestamp: new Date(endsAt).toISOString() },
  };
}

function attributesOf(review: Plain): Attributes {
  const read = (field: string): string => text(review, `spec.resourceAttributes.${field}`);
  const subresource = read('subresource');
  return {
    verb: read('verb'),
    group: read('group'),
    resource: read('resource') + (subresource ? `/${subresource}` : ''),
    namespace: read('namespace') || undefined,
    name: read('name') || undefined,
  };
}

const verbOf = (method: string, { name }: Target, query: URLSearchParams): string => {
  if (method !== 'GET') return VERB_OF[method] ?? 'get';
  return query.get('watch') !== null && query.get('watch') !== 'false' ? 'watch' : name === undefined ? 'list' : 'get';
};
const VERB_OF: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

function admit(access: Access, user: User, plural: string, body: unknown): void {
  const why = isPlain(body) ? access.refusal(user, body) : null;
  if (why !== null) throw new Refused(422, 'Invalid', `${plural} is forbidden: ValidatingAdmissionPolicy denied request: ${why}`);
}

function permit(access: Access, user: User, asked: Attributes): void {
  if (access.allows(user, asked)) return;
  const where = asked.namespace ? ` in the namespace "${asked.namespace}"` : ' at the cluster scope';
  throw new Refused(
    403,
    'Forbidden',
    `${asked.resource}${asked.group ? `.${asked.group}` : ''}${asked.name ? ` "${asked.name}"` : ''} is forbidden: User "${user.user}" cannot ${asked.verb} resource "${asked.resource}" in API group "${asked.group}"${where}`,
  );
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const refused = error instanceof Refused ? error : new Refused(500, 'InternalError', error instanceof Error ? error.message : String(error));
  send(response, refused.code, {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: refused.message,
    reason: refused.reason,
    code: refused.code,
    details: refused.details,
  });
}

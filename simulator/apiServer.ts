// The Kubernetes API of one member over TLS: discovery, list, watch, apply, patch, delete, reviews, token requests.
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fieldSelector, isPlain, labelSelector, type JsonPatchOperation, type Plain } from './fields.ts';
import { apiVersionOf, kinds, type Kind } from './kinds.ts';
import { Refused, type Stored } from './object.ts';
import { Objects, type Change, type Deletion, type Where, type Write } from './objects.ts';
import { newAuthority, type Authority } from './pki.ts';

export type Faults = {
  /** Answers nothing at all, as a frozen API server. */
  frozen: boolean;
  /** The next so many requests are answered 429 with Retry-After. */
  busy: number;
  /** Every open watch is cut at the next change. */
  cutWatches: boolean;
};

export type Member = {
  readonly name: string;
  readonly objects: Objects;
  readonly authority: Authority;
  readonly server: string;
  readonly adminToken: string;
  readonly faults: Faults;
  /** Who may be: bearer token → user name. */
  readonly tokens: Map<string, string>;
  /** A kubeconfig of the administrator, as JSON. */
  kubeconfig(): string;
  close(): Promise<void>;
};

type Target = { kind: Kind; namespace: string | undefined; name: string | undefined; subresource: string | undefined };

const MAX_BODY = 4 << 20;

/** `port` 0 takes a free one. */
export async function startMember(name: string, port = 0): Promise<Member> {
  const authority = await newAuthority(name);
  const objects = new Objects();
  const adminToken = randomUUID();
  const tokens = new Map([[adminToken, 'admin']]);
  const faults: Faults = { frozen: false, busy: 0, cutWatches: false };
  const server: Server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    if (faults.frozen) return;
    void answer(request, response, { objects, tokens, faults }).catch((error: unknown) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const member: Member = {
    name,
    objects,
    authority,
    server: url,
    adminToken,
    faults,
    tokens,
    kubeconfig: () =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(authority.caPem).toString('base64') } }],
        users: [{ name: 'admin', user: { token: adminToken } }],
        contexts: [{ name, context: { cluster: name, user: 'admin' } }],
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return member;
}

async function answer(request: IncomingMessage, response: ServerResponse, member: Inside): Promise<void> {
  const { objects, tokens, faults } = member;
  const url = new URL(request.url ?? '/', 'https://simulator');
  if (url.pathname === '/readyz' || url.pathname === '/livez') return void response.end('ok');
  if (url.pathname === '/version') return send(response, 200, { major: '1', minor: '35', gitVersion: 'v1.35.4', platform: 'linux/amd64' });
  const user = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  if (!user) throw new Refused(401, 'Unauthorized', 'Unauthorized');
  if (faults.busy > 0) {
    faults.busy -= 1;
    response.setHeader('retry-after', '1');
    throw new Refused(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 });
  }
  const discovered = discovery(url.pathname);
  if (discovered) return send(response, 200, discovered);
  const body = await read(request);
  const reviewed = review(url.pathname, isPlain(body) ? body : {}, user, member);
  if (reviewed) return send(response, 201, reviewed);
  const target = resolve(url.pathname);
  if (!target) throw new Refused(404, 'NotFound', 'the server could not find the requested resource');
  if (request.method === 'GET' && url.searchParams.get('watch')) return watch(request, response, member, target, url.searchParams);
  const { name } = target;
  const asked: Asked = { request, query: url.searchParams, body, objects };
  const [code, result] = name === undefined ? onCollection(target, asked) : onObject({ ...target, name }, asked);
  send(response, code, result);
}

type Inside = { readonly objects: Objects; readonly tokens: Map<string, string>; readonly faults: Faults };
type Asked = { readonly request: IncomingMessage; readonly query: URLSearchParams; readonly body: unknown; readonly objects: Objects };

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

function patched(target: Target & Where, asked: Asked): Stored {
  const { objects, body, request } = asked;
  const type = request.headers['content-type'] ?? '';
  const write = writeOf(asked, target.subresource);
  if (type.startsWith('application/apply-patch')) return objects.apply(target, isPlain(body) ? body : {}, write);
  if (target.subresource === 'scale')
    return objects.merge(target, { spec: { replicas: isPlain(body) && isPlain(body.spec) ? body.spec.replicas : undefined } }, { manager: write.manager });
  if (type.startsWith('application/json-patch')) return objects.jsonPatch(target, Array.isArray(body) ? (body as JsonPatchOperation[]) : [], write);
  return objects.merge(target, body, write);
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

const matcher = (query: URLSearchParams): ((object: Stored) => boolean) => {
  const byLabel = labelSelector(query.get('labelSelector') ?? '');
  const byField = fieldSelector(query.get('fieldSelector') ?? '');
  return (object) => byLabel(object.metadata.labels ?? {}) && byField(object as unknown as Plain);
};

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

function watch(request: IncomingMessage, response: ServerResponse, { objects, faults }: Inside, target: Target, query: URLSearchParams): void {
  const matches = matcher(query);
  const from = Number(query.get('resourceVersion') ?? 0);
  const line = (event: unknown): boolean => response.write(`${JSON.stringify(event)}\n`);
  const wanted = (change: Change): boolean =>
    change.kind === target.kind && (target.namespace === undefined || change.object.metadata.namespace === target.namespace) && matches(change.object);
  response.writeHead(200, { 'content-type': 'application/json' });
  const bookmark = (annotations?: Plain): boolean =>
    line({
      type: 'BOOKMARK',
      object: {
        apiVersion: apiVersionOf(target.kind),
        kind: target.kind.kind,
        metadata: { resourceVersion: String(objects.version), ...(annotations ? { annotations } : {}) },
      },
    });
  if (query.get('sendInitialEvents') === 'true' || from === 0) {
    for (const object of objects.list(target.kind, target.namespace).filter(matches)) line({ type: 'ADDED', object });
    if (query.get('sendInitialEvents') === 'true') bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else if (from < objects.oldest) {
    line({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: `too old resource version: ${from} (${objects.oldest})`,
        reason: 'Expired',
        code: 410,
      },
    });
    return void response.end();
  } else for (const change of objects.since(from)) if (wanted(change)) line({ type: change.type, object: change.object });
  response.flushHeaders();
  const stop = objects.onChange((change) => {
    if (faults.cutWatches) return void response.destroy();
    if (wanted(change) && !faults.frozen) line({ type: change.type, object: change.object });
  });
  const beat = setInterval(() => !faults.frozen && query.get('allowWatchBookmarks') === 'true' && bookmark(), 5000);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 1800) * 1000);
  request.on('close', () => {
    stop();
    clearInterval(beat);
    clearTimeout(end);
  });
}

/** What an account asks about itself, and tokens for service accounts. */
function review(path: string, given: Plain, user: string, { objects, tokens }: Inside): Plain | null {
  if (path === '/apis/authentication.k8s.io/v1/selfsubjectreviews')
    return { ...given, status: { userInfo: { username: user, groups: ['system:authenticated'] } } };
  if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') return { ...given, status: { allowed: true } };
  const [, namespace, account] = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/.exec(path) ?? [];
  if (!namespace || !account) return null;
  const found = objects.find('v1', 'ServiceAccount', namespace, account);
  if (!found) throw new Refused(404, 'NotFound', `serviceaccounts "${account}" not found`);
  const token = randomUUID();
  tokens.set(token, `system:serviceaccount:${namespace}:${account}`);
  const seconds = isPlain(given.spec) ? Number(given.spec.expirationSeconds ?? 3600) : 3600;
  return { ...given, status: { token, expirationTimestamp: new Date(Date.now() + seconds * 1000).toISOString() } };
}

function resolve(path: string): Target | null {
  const [, group = '', version = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/(v\d[^/]*)\/(.+)$/.exec(path) ?? [];
  const segments = rest.split('/').map(decodeURIComponent);
  const inNamespace = segments[0] === 'namespaces' && segments.length > 2 && !['status', 'finalize'].includes(segments[2] ?? '');
  const [plural, name, subresource] = inNamespace ? segments.slice(2) : segments;
  const kind = kinds.find((k) => k.group === group && k.version === version && k.plural === plural);
  return kind ? { kind, namespace: inNamespace ? segments[1] : undefined, name, subresource } : null;
}

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

function discovery(path: string): Plain | null {
  const groups = [...new Set(kinds.filter((k) => k.group).map((k) => k.group))];
  const named = (group: string): Plain => {
    const versions = [...new Set(kinds.filter((k) => k.group === group).map((k) => k.version))].map((version) => ({
      groupVersion: `${group}/${version}`,
      version,
    }));
    return { name: group, versions, preferredVersion: versions[0] };
  };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(named) };
  const [, group = '', version] = /^\/(?:api|apis\/([^/]+))\/(v\d[^/]*)$/.exec(path) ?? [];
  if (!version) return null;
  const here = kinds.filter((k) => k.group === group && k.version === version);
  if (here.length === 0) return null;
  const entry = (k: Kind, suffix = ''): Plain => ({
    name: k.plural + suffix,
    singularName: '',
    namespaced: k.namespaced,
    kind: k.kind,
    verbs: suffix ? ['get', 'patch', 'update'] : VERBS,
  });
  const resources = here.flatMap((k) => [entry(k), ...(k.status ? [entry(k, '/status')] : []), ...(k.scale ? [entry(k, '/scale')] : [])]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group ? `${group}/${version}` : version, resources };
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Refused(413, 'RequestEntityTooLarge', 'request body is too large');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refused(400, 'BadRequest', 'the object provided is unrecognized: it is not JSON');
  }
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

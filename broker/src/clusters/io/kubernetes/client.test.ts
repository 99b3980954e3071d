// The client against a server that misbehaves. What a real API server does is in test/contracts.
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, newAuthority } from '../../../../../simulator/pki.ts';
import { HanseError } from '../../../errors.ts';
import { type ConnectOptions, connectKube, type KubeConnection } from './client.ts';
import type { WatchEvent } from './kube.ts';

type Request = { readonly method: string; readonly path: string; readonly query: URLSearchParams };
type Respond = (request: Request, response: ServerResponse, index: number) => void;

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const configMap = (name: string, resourceVersion: string, uid = name) => ({ metadata: { name, namespace: 'n', uid, resourceVersion } });
const list = (items: readonly object[], resourceVersion: string, next?: string) => ({
  kind: 'ConfigMapList',
  metadata: { resourceVersion, continue: next },
  items,
});
const discovery = {
  resources: [
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['list'] },
    { name: 'secrets', kind: 'Secret', namespaced: true, verbs: ['list'] },
  ],
};
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'a' };

let authority: Authority;
let server: Server;
let seen: Request[] = [];
let respond: Respond = (_request, response) => json(response, 500, {});
const opened: KubeConnection[] = [];

const port = (): number => (server.address() as AddressInfo).port;
const connect = (more: Partial<ConnectOptions> = {}): KubeConnection => {
  const kube = connectKube({
    cluster: 'bad',
    server: `https://127.0.0.1:${port()}`,
    ca: authority.caPem,
    credential: { kind: 'token', token: () => 'canary-token' },
    allowedAddresses: [`127.0.0.1:${port()}`],
    ...more,
  });
  opened.push(kube);
  return kube;
};
const failure = async (promise: Promise<unknown>): Promise<HanseError> => {
  const error: unknown = await promise.then(
    () => 'it succeeded',
    (thrown: unknown) => thrown,
  );
  if (error instanceof HanseError) return error;
  throw new Error(String(error));
};

beforeAll(async () => {
  authority = await newAuthority('bad');
  server = createServer({ key: authority.keyPem, cert: authority.certPem }, (request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'https://server');
    const one = { method: request.method ?? '', path: url.pathname, query: url.searchParams };
    if (one.path === '/api/v1') return json(response, 200, discovery);
    if (one.path.startsWith('/apis')) return json(response, 404, {});
    seen.push(one);
    request.resume().on('end', () => respond(one, response, seen.length - 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  seen = [];
  await Promise.all(opened.splice(0).map((kube) => kube.close()));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a connection that ends before an answer', () => {
  it('is not the end of what only reads, and a change is never sent a second time by itself', async () => {
    respond = (_request, response, index) => (index === 0 ? void response.destroy() : json(response, 200, configMap('a', '1')));
    const kube = connect();
    expect(await kube.get(ref)).toMatchObject({ metadata: { name: 'a' } });
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'GET']);
    seen = [];
    expect((await failure(kube.delete(ref, { uid: 'a' }))).code).toBe('CLUSTER_UNREACHABLE');
    expect(seen.map(({ method }) => method)).toEqual(['DELETE']);
  });
});

describe('the guard', () => {
  it('is asked before each change and stops it before a byte has left', async () => {
    const limits: number[] = [];
    const lost = new HanseError('LEASE_LOST', 'this broker was paused');
    const kube = connect({ timeLimitMs: 5000 });
    await kube.get(ref).catch(() => {});
    seen = [];
    for (const denyAt of [1, 2]) {
      let asked = 0;
      const guard = (limitMs: number): void => {
        limits.push(limitMs);
        if (++asked === denyAt) throw lost;
      };
      const held = kube.with({ guard });
      expect(await failure(held.delete(ref))).toBe(lost);
      expect(asked).toBe(denyAt);
    }
    expect(seen).toEqual([]);
    expect(limits.every((limit) => limit > 0 && limit <= 5000)).toBe(true);
  });

  it('is not asked for reading', async () => {
    respond = (_request, response) => json(response, 404, {});
    const guard = (): never => {
      throw new Error('asked');
    };
    expect(await connect().with({ guard }).get(ref)).toBeNull();
  });

  it('is asked again before a change is repeated that was answered with 429', async () => {
    respond = (_request, response, index) => (index === 0 ? json(response, 429, {}, { 'retry-after': '1' }) : json(response, 200, {}));
    let asked = 0;
    const guard = (): void => {
      if (++asked > 2) throw new HanseError('LEASE_LOST', 'meanwhile');
    };
    expect((await failure(connect().with({ guard }).delete(ref))).code).toBe('LEASE_LOST');
    expect(seen).toHaveLength(1);
  });
});

describe('limits', () => {
  it('waits as long as the server asks, within the time limit', async () => {
    respond = (_request, response, index) => (index === 0 ? json(response, 429, {}, { 'retry-after': '1' }) : json(response, 200, configMap('a', '1')));
    expect((await connect().get(ref))?.metadata.name).toBe('a');
    respond = (_request, response) => json(response, 429, {}, { 'retry-after': '60' });
    expect((await failure(connect({ timeLimitMs: 5000 }).get(ref))).code).toBe('CLUSTER_BUSY');
  });

  it('ends a request that is not answered, and names it', async () => {
    respond = () => {};
    const error = await failure(connect({ timeLimitMs: 300 }).get(ref));
    expect(error.code).toBe('CLUSTER_UNREACHABLE');
    expect(error.message).toBe('bad: get ConfigMap n/a: no answer within 0.3 s');
  });

  it('ends a body that never ends', async () => {
    respond = (_request, response) => {
      response.writeHead(200);
      response.write('{"a":"');
    };
    expect((await failure(connect({ timeLimitMs: 300 }).get(ref))).code).toBe('CLUSTER_UNREACHABLE');
  });

  it('tells a changing request to the server with its time limit, so that it is not carried out later', async () => {
    respond = (_request, response) => json(response, 200, {});
    await connect({ timeLimitMs: 7000 }).delete(ref);
    expect(seen[0]?.query.get('timeout')).toBe('7s');
  });
});

describe('what is said', () => {
  it('never carries the token, nor what was rejected of a Secret', async () => {
    const causes = [{ field: 'data[a]', reason: 'FieldValueInvalid', message: 'canary-value' }];
    respond = (_request, response) => json(response, 422, { reason: 'Invalid', message: 'Invalid value: canary-value', details: { causes } });
    const error = await failure(connect().create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } }));
    expect(error.code).toBe('CLUSTER_REJECTED');
    expect(error.message).toBe('bad: create Secret n/s: the API server answered 422: Invalid: data[a] FieldValueInvalid');
    expect(`${JSON.stringify(error)} ${error.stack}`).not.toMatch(/canary/);
  });

  it.each([
    [401, 'CLUSTER_UNAUTHORIZED'],
    [403, 'CLUSTER_FORBIDDEN'],
    [409, 'OBJECT_CONFLICT'],
    [422, 'CLUSTER_REJECTED'],
    [500, 'CLUSTER_UNREACHABLE'],
  ])('turns %i into %s', async (status, code) => {
    respond = (_request, response) => json(response, status, { message: 'because' });
    expect((await failure(connect().replace({ ...ref, metadata: { name: 'a', namespace: 'n' } }))).code).toBe(code);
  });
});

describe('the server', () => {
  it('is not believed without its certificate authority', async () => {
    const other = await newAuthority('other');
    respond = (_request, response) => json(response, 200, configMap('a', '1'));
    const error = await failure(connect({ ca: other.caPem }).get(ref));
    expect(error.message).toContain("the server's certificate was not accepted");
    expect(seen).toEqual([]);
  });

  it('is not spoken to at an address that is not allowed, also when a name leads there', async () => {
    expect(() => connect({ allowedAddresses: [] })).toThrow(/loopback address that the configuration does not allow/);
    const byName = connect({ server: `https://localhost:${port()}`, allowedAddresses: [] });
    expect((await failure(byName.get(ref))).code).toBe('REFUSED');
    expect(seen).toEqual([]);
  });
});

describe('lists', () => {
  it('read every page, and begin again when the server has forgotten the list', async () => {
    respond = ({ query }, response, index) => {
      expect(query.get('limit')).toBe('500');
      if (query.get('continue') === null) return json(response, 200, list([configMap('a', '1')], '5', 'next'));
      return index === 1 ? json(response, 410, { reason: 'Expired' }) : json(response, 200, list([configMap('b', '2')], '5'));
    };
    const items = await connect().list({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(items.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`)).toEqual(['v1 ConfigMap a', 'v1 ConfigMap b']);
    expect(seen).toHaveLength(4);
  });
});

describe('a watch', () => {
  const lines = (response: ServerResponse, ...events: readonly object[]): void => {
    response.writeHead(200);
    for (const event of events) response.write(`${JSON.stringify(event)}\n`);
  };
  const collect = async (kube: KubeConnection, count: number): Promise<string[]> => {
    const stop = new AbortController();
    const events: string[] = [];
    const watching: AsyncIterable<WatchEvent> = kube.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n' }, { signal: stop.signal });
    for await (const { type, object } of watching) {
      events.push(`${type} ${object.metadata.name}`);
      if (events.length === count) stop.abort();
    }
    return events;
  };

  it('resumes where it was, by the version of a bookmark too', async () => {
    respond = ({ query }, response) => {
      if (query.get('watch') === null) return json(response, 200, list([configMap('a', '1')], '5'));
      if (query.get('resourceVersion') === '5') {
        lines(response, { type: 'MODIFIED', object: configMap('a', '6') }, { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } });
        return response.end();
      }
      expect(query.get('resourceVersion')).toBe('9');
      lines(response, { type: 'DELETED', object: configMap('a', '10') });
    };
    expect(await collect(connect(), 3)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    expect(seen.filter(({ query }) => query.get('watch') === null)).toHaveLength(1);
  });

  it('lists again after 410 and tells what changed and what vanished in between', async () => {
    let lists = 0;
    respond = ({ query }, response) => {
      if (query.get('watch') === null) {
        return lists++ === 0
          ? json(response, 200, list([configMap('gone', '1'), configMap('same', '2'), configMap('new-one', '3', 'old-uid')], '5'))
          : json(response, 200, list([configMap('same', '2'), configMap('new-one', '8', 'new-uid')], '9'));
      }
      if (query.get('resourceVersion') === '5') return lines(response, { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
      lines(response, { type: 'MODIFIED', object: configMap('same', '10') });
    };
    expect(await collect(connect(), 7)).toEqual([
      'ADDED gone',
      'ADDED same',
      'ADDED new-one',
      'DELETED gone',
      'DELETED new-one',
      'ADDED new-one',
      'MODIFIED same',
    ]);
  });

  it('takes a connection without a byte for dead and goes on from where it was', async () => {
    let watches = 0;
    respond = ({ query }, response) => {
      if (query.get('watch') === null) return json(response, 200, list([], '5'));
      response.writeHead(200).flushHeaders();
      if (watches++ === 1) response.write(`${JSON.stringify({ type: 'ADDED', object: configMap('a', '6') })}\n`);
    };
    expect(await collect(connect({ idleLimitMs: 1000 }), 1)).toEqual(['ADDED a']);
    expect(watches).toBe(2);
  });

  it('ends with an error when the account may not watch', async () => {
    respond = ({ query }, response) => (query.get('watch') === null ? json(response, 200, list([], '5')) : json(response, 403, { message: 'no' }));
    expect((await failure(collect(connect(), 1))).code).toBe('CLUSTER_FORBIDDEN');
  });

  it('gives way to asking again and again when only that is allowed', async () => {
    let gets = 0;
    respond = ({ path }, response) => {
      if (!path.endsWith('/a')) return json(response, 403, { message: 'no' });
      return ++gets < 3 ? json(response, 404, {}) : json(response, 200, configMap('a', '1'));
    };
    const found = await connect().until(ref, (object) => object !== null, { what: 'it to come', timeoutSeconds: 10 });
    expect(found?.metadata.name).toBe('a');
  });
});

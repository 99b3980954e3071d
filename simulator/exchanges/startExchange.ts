// An IX-API server on its own port of 127.0.0.1, with its orders on disk before it answers.
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Disk } from '../disk.ts';
import { isPlain } from '../fields.ts';
import { listenAt } from '../ports.ts';
import { type Exchange, makeExchange, problem, type Reply } from './exchange.ts';
import type { ExchangeData } from './sold.ts';
import { type Faults, keptOf, stateOf } from './state.ts';
import type { Config } from './ways.ts';

export type ExchangeOptions = {
  readonly disk: Disk;
  readonly now: () => number;
  readonly data: ExchangeData;
  readonly key: string;
  readonly secret: string;
};

export type RunningExchange = {
  /** With the path of the API. */
  readonly url: string;
  readonly faults: Faults;
  /** Keeps the faults too. */
  keep(): Promise<void>;
  /** What is on a connection and in production. */
  configs(): readonly Config[];
  /** Every order, as the API shows it. */
  orders(): readonly unknown[];
  close(): Promise<void>;
};

const bodyBytesMax = 1 << 20;
const tokenSeconds = 600;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startExchange({ disk, now, data, key, secret }: ExchangeOptions): Promise<RunningExchange> {
  const part = `exchange-${data.name}`;
  const kept = keptOf(disk.read(part));
  const exchange: Exchange = makeExchange(data, kept, now);
  const keep = (): Promise<void> => disk.write(part, kept);
  // tokens of before a restart are worth nothing: clients ask for new ones
  const signing = randomBytes(32);
  const sign = (head: string): string => createHmac('sha256', signing).update(head).digest('base64url');
  const tokenOf = (use: 'access' | 'refresh'): string => {
    const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ use, exp: Math.floor(Date.now() / 1000) + tokenSeconds })}`;
    return `${head}.${sign(head)}`;
  };
  const isToken = (token: string, use: 'access' | 'refresh'): boolean => {
    const [head, body, signature] = token.split('.');
    if (signature !== sign(`${head}.${body}`)) return false;
    const claims: unknown = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'use' in claims && claims.use === use && 'exp' in claims && Number(claims.exp) * 1000 > Date.now();
  };
  const tokens = (): Reply => ({ status: 201, body: { access_token: tokenOf('access'), refresh_token: tokenOf('refresh') } });
  const authenticate = (path: string, body: unknown): Reply => {
    const sent: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
    if (path === '/auth/token' && sent['api_key'] === key && sent['api_secret'] === secret) return tokens();
    if (path === '/auth/refresh' && isToken(String(sent['refresh_token']), 'refresh')) return tokens();
    return problem(401, 'authentication-error', 'Authentication Credentials Invalid');
  };

  const reply = async (request: IncomingMessage, path: string, query: URLSearchParams): Promise<Reply | 'lost'> => {
    const body = await readBody(request);
    if (body === undefined) return problem(400, 'validation-error', 'The body is not JSON.', { properties: [] });
    if (path.startsWith('/auth/')) return authenticate(path, body);
    if (path === '/health') return { status: 200, body: { status: 'pass', version: '2' } };
    if (!isToken((request.headers.authorization ?? '').replace(/^Bearer /, ''), 'access'))
      return problem(401, 'not-authenticated', 'Authentication Credentials Missing');
    const { faults } = exchange;
    if (faults.tooMany > 0) {
      faults.tooMany -= 1;
      return problem(429, 'too-many-requests', 'Too many requests.');
    }
    const parts = path
      .split('/')
      .filter((one) => one !== '')
      .map(decodeURIComponent);
    const answer = exchange.answer({ method: request.method ?? '', parts, query, body });
    if (request.method === 'GET') return answer;
    await keep();
    if (answer.status >= 300) return answer;
    if (faults.loseAnswers > 0) {
      faults.loseAnswers -= 1;
      await keep();
      return 'lost';
    }
    if (faults.failAfterCommit > 0) {
      faults.failAfterCommit -= 1;
      await keep();
      return problem(500, 'internal', 'Internal server error.');
    }
    return answer;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname.replace(/^\/api\/v2/, '');
    const answer = await reply(request, path, url.searchParams);
    if (answer === 'lost') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const port = await listenAt(server, disk, part);
  return {
    url: `http://127.0.0.1:${port}/api/v2`,
    faults: exchange.faults,
    keep,
    configs: () =>
      kept.items
        .filter((item) => item.kind === 'config' && stateOf(item, now(), data.pace) === 'production')
        .flatMap(({ body: { network_service: service, connection, vlan_config: tag } }) =>
          typeof service === 'string' && typeof connection === 'string' && isPlain(tag) && typeof tag['vlan'] === 'number'
            ? [{ service, connection, vlan: tag['vlan'] }]
            : [],
        ),
    orders: () =>
      ['network-services', 'network-service-configs'].flatMap((name) => {
        const { body } = exchange.answer({ method: 'GET', parts: [name], query: new URLSearchParams(), body: null });
        return Array.isArray(body) ? body : [];
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** undefined: not JSON, or too large. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > bodyBytesMax) return undefined;
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The HTTP API: names and token checked first, bodies bounded, every failure a problem document.
import type { AddressInfo, Socket } from 'node:net';
import fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { routes } from '../../../../contract/src/index.ts';
import type { Problem } from '../../../../contract/src/index.ts';
import { HanseError } from '../../errors.ts';
import { authenticate, requireOwnName } from './access.ts';
import { parseBody } from './body.ts';
import type { ApiConfig, ApiDeps } from './deps.ts';
import { serveEvents } from './events.ts';
import { serveOpenApi } from './openapi.ts';
import { isPagePath, servePage } from './page.ts';
import { isDefect, problemType, toProblem } from './problem.ts';
import { publishedPath, servePublished } from './published.ts';
import { serveCatalogue } from './routes/catalogue.ts';
import { serveDeclarations } from './routes/declarations.ts';
import { serveOperations } from './routes/operations.ts';
import { serveOffer } from './routes/offers.ts';
import { servePageReads } from './routes/page.ts';
import { servePolicies } from './routes/policies.ts';
import { serveProof, serveReads } from './routes/reads.ts';
import { fastifyPath } from './serve.ts';
import { createSessions } from './sessions.ts';
import type { Sessions } from './sessions.ts';

export type Api = {
  /** http://host:port, as it listens. */
  readonly url: string;
  /** Ends the streams and lets running requests finish. */
  close(): Promise<void>;
};

/** Listens. SETUP_FAILED with one sentence when the port is taken or the address is not ours. */
export const startApi = async (deps: ApiDeps, config: ApiConfig): Promise<Api> => {
  const app = await buildApi(deps, config);
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await app.close();
    throw cannotListen(error, config);
  }
  return { url: urlOf(app), close: () => app.close() };
};

/** Not listening yet. */
export const buildApi = async (deps: ApiDeps, config: ApiConfig): Promise<FastifyInstance> => {
  const app: FastifyInstance = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => crypto.randomUUID(),
    requestTimeout: 60_000, // of receiving a request; answers may take longer
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1000 },
    clientErrorHandler: refuseMalformedHttp,
    frameworkErrors: (error, request, reply) => {
      const problem = toProblem(error, request.id);
      send(reply, problem);
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: FastifyRequest, text: string) => (text === '' ? undefined : parseBody(text)));

  const sessions = createSessions(config.token);
  guard(app, config, sessions);
  answerFailures(app, deps);
  await serveOpenApi(app, deps.version);
  serveReads(app, deps);
  serveOffer(app, deps);
  serveCatalogue(app, deps);
  servePolicies(app, deps);
  serveDeclarations(app, deps);
  serveProof(app, deps);
  serveOperations(app, deps);
  serveEvents(app, deps);
  servePageReads(app, deps, sessions);
  if (config.publishDir !== undefined) servePublished(app, config.publishDir);
  if (config.pageDir !== undefined) servePage(app, config.pageDir, sessions);
  return app;
};

const openPaths = new Set(['/v1/openapi.json', ...Object.values(routes).flatMap((route) => ('open' in route ? [fastifyPath(route.path)] : []))]);

const guard = (app: FastifyInstance, config: ApiConfig, sessions: Sessions): void => {
  app.decorateRequest('by');
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .header('x-frame-options', 'DENY')
      .header('referrer-policy', 'no-referrer');
    const { headers, method } = request;
    const port = request.socket.localPort ?? config.port;
    requireOwnName(headers, config, port);
    const route = request.routeOptions.url ?? '';
    const isOpen = openPaths.has(route) || route === '/docs' || route.startsWith('/docs/') || isPagePath(route) || route === publishedPath;
    if (isOpen) return;
    const { cookie, origin } = headers;
    const site = headers['sec-fetch-site'];
    const isPage = headers.authorization === undefined && cookie !== undefined;
    request.by = isPage
      ? sessions.who({ method, cookie, origin, site: typeof site === 'string' ? site : undefined }, port)
      : authenticate(headers, config.token);
  });
};

const answerFailures = (app: FastifyInstance, deps: ApiDeps): void => {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id);
    if (isDefect(error)) deps.log.error({ err: error, request: request.id, route: request.routeOptions.url }, 'defect while answering');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="hanse"');
    return send(reply, problem);
  });
  app.setNotFoundHandler((request) => {
    throw new HanseError('NOT_FOUND', `There is no ${request.method} ${pathOf(request.url)}.`, {
      fix: 'GET /v1/openapi.json or the page /docs lists what there is.',
    });
  });
  app.addHook('onResponse', async (request, reply) => {
    // the pattern, not the path: what stands in a path came from outside
    deps.log.info(
      { request: request.id, method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    );
  });
};

const send = (reply: FastifyReply, problem: Problem): FastifyReply => reply.code(problem.status).type(problemType).serializer(JSON.stringify).send(problem);

const pathOf = (url: string): string => (url.split('?')[0] ?? '').slice(0, 200);

/** What is not HTTP at all never reaches a route; it gets an answer all the same. */
const refuseMalformedHttp = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
  const problem = toProblem(Object.assign(error, { statusCode: 400 }), crypto.randomUUID());
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
};

/** The sentence of a place where nothing can listen; any other error as it is. */
export const cannotListen = (error: unknown, { host, port }: Pick<ApiConfig, 'host' | 'port'>): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new HanseError('SETUP_FAILED', `Port ${port} of ${host} is taken.`, {
      fix: 'Stop what listens there (perhaps another hanse serve), or set listen.port in the configuration or HANSE_PORT.',
    });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new HanseError('SETUP_FAILED', `${host} is no address of this machine.`, { fix: 'Set listen.host in the configuration.' });
  if (code === 'EACCES') return new HanseError('SETUP_FAILED', `This account may not listen on port ${port}.`, { fix: 'Choose a port above 1023.' });
  return error;
};

const urlOf = (app: FastifyInstance): string => {
  const [address] = app.addresses() as AddressInfo[];
  if (!address) return '';
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
};

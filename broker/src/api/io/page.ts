// The web page: files that vite built, served by this broker under a policy that lets them reach nothing but it. None of them holds data; whoever has no
// session sees how to get one.
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { HanseError } from '../../errors.ts';
import type { Sessions } from './sessions.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

const policy = ["default-src 'self'", "img-src 'self' data:", "object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join(
  '; ',
);

/** Of the page's own router: each answers the same document. */
const views = ['/', '/offers', '/applications', '/operations', '/policies', '/audit', '/provider', '/members'];

/** `dir`: what vite wrote. */
export const servePage = (app: FastifyInstance, dir: string, sessions: Sessions): void => {
  const index = async (reply: FastifyReply): Promise<FastifyReply> => {
    const html = await readFile(join(dir, 'index.html')).catch(() => null);
    if (html === null) throw new HanseError('NOT_FOUND', 'The page was not built.', { fix: 'Run npm run build in the folder of Hanse.' });
    return reply
      .header('content-security-policy', policy)
      .header('cache-control', 'no-cache')
      .type(types['.html'] ?? '')
      .send(html);
  };
  const hidden = { schema: { hide: true } };

  app.get('/', hidden, async (request, reply) => {
    const once = request.method === 'GET' ? onceOf(request.url) : null;
    if (once === null) return index(reply);
    const cookie = sessions.exchange(once, request.socket.localPort ?? 0);
    // the code leaves the address, and with it the history
    if (cookie === null) return reply.redirect('/?link=spent', 303);
    return reply.header('set-cookie', cookie).redirect('/', 303);
  });
  for (const view of views.slice(1)) {
    app.get(view, hidden, async (_, reply) => index(reply));
    app.get(`${view}/*`, hidden, async (_, reply) => index(reply));
  }
  app.get<{ Params: { '*': string } }>('/assets/*', hidden, async (request, reply) => {
    const name = request.params['*'];
    const type = types[extname(name)];
    // vite names what it writes by content: letters, digits, dash, dot, underscore, no folders
    const file = type !== undefined && /^[\w-][\w.-]{0,150}$/.test(name) ? await readFile(join(dir, 'assets', name)).catch(() => null) : null;
    if (file === null || type === undefined) throw new HanseError('NOT_FOUND', 'There is no such file of the page.', { fix: 'Load the page anew.' });
    return reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(file);
  });
};

/** Whether this path is the page's, which anyone may load. */
export const isPagePath = (route: string): boolean => route === '/assets/*' || views.some((view) => route === view || route === `${view}/*`);

const onceOf = (url: string): string | null => /[?&]once=([\w-]{16,64})(&|$)/.exec(url)?.[1] ?? null;

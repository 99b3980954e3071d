// Binds one route of the contract to the function that answers it; what goes in and out is typed by the contract.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { problem } from '../../../../contract/src/index.ts';
import type { Route } from '../../../../contract/src/index.ts';
import { requireClean } from './body.ts';
import type { By } from './deps.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before any handler of a route that is not open. */
    by: By;
  }
}

type Parsed<R extends Route, Part extends 'params' | 'query' | 'body'> = R[Part] extends z.ZodType ? z.output<R[Part]> : undefined;
export type Asked<R extends Route> = {
  readonly params: Parsed<R, 'params'>;
  readonly query: Parsed<R, 'query'>;
  readonly body: Parsed<R, 'body'>;
  readonly by: By;
  readonly headers: FastifyRequest['headers'];
};
type Answer<R extends Route> = R['answer'] extends z.ZodType ? z.input<R['answer']> : undefined;

const defaultBodyLimitBytes = 512 * 1024;

export const serve = <R extends Route>(
  app: FastifyInstance,
  route: R,
  answer: (asked: Asked<R>) => Promise<Answer<R>>,
  options: { bodyLimitBytes?: number } = {},
): void => {
  app.route({
    method: route.method,
    url: fastifyPath(route.path),
    bodyLimit: options.bodyLimitBytes ?? defaultBodyLimitBytes,
    schema: {
      tags: [route.tag],
      summary: route.summary,
      ...(route.open && { security: [] }),
      ...(route.params && { params: route.params }),
      ...(route.query && { querystring: route.query }),
      ...(route.body && { body: route.body }),
      response: { ...(route.answer && { 200: route.answer }), default: problem },
    },
    preValidation: async (request) => {
      requireClean(request.params, 'params');
      requireClean(request.query, 'query');
    },
    handler: async (request, reply) => {
      const { params, query, body, by, headers } = request;
      // the framework has just parsed all three with the route's own schemas
      const answered = await answer({ params, query, body, by, headers } as Asked<R>);
      if (answered === undefined) return reply.code(204).send();
      return reply.code(200).send(answered);
    },
  });
};

export const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

// OpenAPI 3.1 from the schemas of the contract, and a page that shows it without reaching for any other host.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** zod says readOnly of what TypeScript calls readonly; in OpenAPI it would mean "never sent in a request". */
const zodToJsonConfig = {
  unrepresentable: 'any' as const,
  override: ({ jsonSchema }: { jsonSchema: { readOnly?: boolean } }): void => {
    delete jsonSchema.readOnly;
  },
};

export const serveOpenApi = async (app: FastifyInstance, version: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hanse',
        version,
        description: 'Find providers, federate with their clusters, deploy over several, move, and leave. Every error is a problem document (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'The token file of the broker.' } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: createJsonSchemaTransformObject({ zodToJsonConfig }),
  });
  app.get('/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
};

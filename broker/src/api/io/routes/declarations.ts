// Documents of what is wished: compared and planned as a whole; each plan is then approved like any other.
import type { FastifyInstance } from 'fastify';
import { declaredSchema, routes } from '../../../../../contract/src/index.ts';
import type { ApiDeps } from '../deps.ts';
import { findOperation } from '../operationRecords.ts';
import { serve } from '../serve.ts';

const bodyLimitBytes = 8 * 1024 * 1024;

export const serveDeclarations = (app: FastifyInstance, { store, declarations }: ApiDeps): void => {
  serve(app, routes.getSchema, async ({ params }) => declaredSchema(params.kind));
  serve(app, routes.listDeclarations, async ({ query, by }) => ({ items: await declarations.list(by.owner, query.kind, query.name) }));
  serve(
    app,
    routes.planDeclarations,
    async ({ body, by }) => {
      const changes = await declarations.plan(by, body);
      const shown = changes.map(async (change) => ({
        ...change,
        acts: await Promise.all(
          change.acts.map(async ({ verb, isNext, outcome }) => ({
            verb,
            isNext,
            outcome:
              outcome.kind === 'plan'
                ? { ...outcome, operation: outcome.operation === null ? null : await findOperation(store.db, by.owner, outcome.operation) }
                : outcome,
          })),
        ),
      }));
      return { items: await Promise.all(shown) };
    },
    { bodyLimitBytes },
  );
};

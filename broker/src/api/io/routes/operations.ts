// Verbs become plans, plans become operations.
import canonicalize from 'canonicalize';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { routes } from '../../../../../contract/src/index.ts';
import type { CreateOperation, Operation, Planned } from '../../../../../contract/src/index.ts';
import { HanseError } from '../../../errors.ts';
import type { Verb } from '../../../operations/io/performer.ts';
import type { Refusal } from '../../../operations/plan.ts';
import type { ApiDeps, By } from '../deps.ts';
import { findByKey, findOperation, findOperationDetail, listOperations } from '../operationRecords.ts';
import { invalid } from '../problem.ts';
import { serve } from '../serve.ts';

const manifestsBytesMax = 8 * 1024 * 1024;

export const serveOperations = (app: FastifyInstance, deps: ApiDeps): void => {
  const { store, operations } = deps;

  serve(app, routes.listVerbs, async () => ({ items: Object.values(deps.verbs).map(describeVerb) }));
  serve(app, routes.createOperation, ({ body, by, headers }) => create(deps, body, by, headers['idempotency-key']), { bodyLimitBytes: manifestsBytesMax });
  serve(app, routes.listOperations, async ({ query, by }) => ({ items: await listOperations(store.db, by.owner, query) }));
  serve(app, routes.getOperation, ({ params, by }) => findOperationDetail(store.db, by.owner, params.id));

  /** `unless` it is where the action would bring it: who asks again because the answer was lost gets that answer. */
  const act =
    (action: (by: By, id: string) => Promise<void>, unless: (now: Operation) => boolean = () => false) =>
    async ({ params, by }: { params: { id: string }; by: By }) => {
      const now = await findOperation(store.db, by.owner, params.id);
      if (unless(now)) return now;
      await action(by, params.id);
      return findOperation(store.db, by.owner, params.id);
    };
  serve(
    app,
    routes.approveOperation,
    act(operations.approve, ({ state }) => state !== 'planned' && state !== 'discarded'),
  );
  serve(
    app,
    routes.cancelOperation,
    act(operations.cancel, ({ state, cancelRequested }) => state === 'discarded' || cancelRequested),
  );
  serve(app, routes.pauseOperation, act(operations.pause));
  serve(app, routes.resumeOperation, act(operations.resume));
  serve(app, routes.retryOperation, act(operations.retry));
  serve(app, routes.answerOperation, ({ params, body, by }) => act((who, id) => operations.answer(who, id, body.answer))({ params, by }));
};

const create = async (deps: ApiDeps, body: CreateOperation, by: By, keyHeader: string | string[] | undefined): Promise<Planned> => {
  const verb = findVerb(deps, body.verb);
  const parsed = verb.request.safeParse(body.request);
  if (!parsed.success) throw invalid('request', parsed.error.issues);
  const idempotency = body.dryRun ? undefined : idempotencyOf(deps, keyHeader, body);
  const earlier = idempotency && (await findEarlier(deps, by, idempotency));
  if (earlier) return earlier;

  const outcome = await verb.plan(parsed.data, by);
  if (outcome.kind === 'refused') throw refused(outcome.reasons);
  if (outcome.kind === 'nothing') return outcome;
  if (body.dryRun) return { ...outcome, operation: null };
  const id = await deps.operations.create({ ...by, plan: outcome.plan, ...(idempotency && { idempotency }) });
  // of two equal requests at the same moment one came first: both are answered with what that one stored
  return (idempotency && (await findEarlier(deps, by, idempotency))) ?? planned(deps, by, id);
};

const findVerb = (deps: ApiDeps, name: string): Verb => {
  const verb = Object.hasOwn(deps.verbs, name) ? deps.verbs[name] : undefined;
  if (verb) return verb;
  throw new HanseError('INVALID_REQUEST', `body.verb: there is no verb of that name.`, {
    place: { path: 'body.verb' },
    fix: `Use one of ${Object.keys(deps.verbs).toSorted().join(', ')}.`,
  });
};

type Idempotency = { readonly key: string; readonly digest: string };

const idempotencyOf = ({ store }: ApiDeps, header: string | string[] | undefined, body: CreateOperation): Idempotency | undefined => {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header)) {
    throw new HanseError('INVALID_REQUEST', 'headers.idempotency-key: must be one value of 1 to 200 printable ASCII characters without spaces.', {
      place: { path: 'headers.idempotency-key' },
    });
  }
  // with a key, because a request may hold a password: a plain digest could be guessed from the database alone
  return { key: header, digest: store.fingerprint(canonicalize({ verb: body.verb, request: body.request }) ?? '') };
};

const findEarlier = async (deps: ApiDeps, by: By, { key, digest }: Idempotency): Promise<Planned | undefined> => {
  const found = await findByKey(deps.store.db, by.owner, key);
  if (!found) return undefined;
  if (found.digest !== digest) {
    throw new HanseError('IDEMPOTENCY_MISMATCH', `The idempotency key belongs to operation ${found.id}, which was asked for with another request.`, {
      place: { path: 'headers.idempotency-key' },
    });
  }
  return planned(deps, by, found.id);
};

const planned = async (deps: ApiDeps, by: By, id: string): Promise<Planned> => {
  const { plan, journal: _, ...operation } = await findOperationDetail(deps.store.db, by.owner, id);
  return { kind: 'plan', plan, operation };
};

const refused = (reasons: readonly Refusal[]): HanseError => {
  const [first] = reasons;
  const more = reasons.length - 1;
  return new HanseError('REFUSED', `${first?.message ?? 'There is no way to do this.'}${more > 0 ? ` (and ${more} more)` : ''}`, {
    faults: reasons,
    ...(first?.fix !== undefined && { fix: first.fix }),
    ...(first?.place && { place: first.place }),
  });
};

const describeVerb = (verb: Verb) => ({
  name: verb.name,
  summary: verb.summary,
  request: z.record(z.string(), z.json()).parse(z.toJSONSchema(verb.request, { io: 'input', unrepresentable: 'any' })),
});

// From a reaction to an operation, by the ordinary verbs. Whoever crashes here finds the same operation again by its key.
import { HanseError } from '../../errors.ts';
import type { OwnerId } from '../../ids.ts';
import type { Operations, Verb } from '../../operations/io/index.ts';
import type { PlanOutcome } from '../../operations/index.ts';
import type { Reaction } from '../reaction.ts';

export type Undertaken =
  | { readonly kind: 'planned'; readonly operation: string }
  | { readonly kind: 'nothing' | 'refused'; readonly because: readonly string[] };

export type UndertakeOptions = { readonly verbs: readonly Verb[]; readonly operations: Operations };

const actor = 'broker';
const reasonsMax = 20;

const requestOf = ({ application, provider }: Reaction, home: string): { readonly verb: string; readonly request: object } =>
  application === null ? { verb: 'evacuate', request: { provider, home } } : { verb: 'migrate', request: { application, from: provider, to: 'best' } };

export async function undertake(owner: OwnerId, reaction: Reaction, home: string, { verbs, operations }: UndertakeOptions): Promise<Undertaken> {
  const { verb: name, request } = requestOf(reaction, home);
  const verb = verbs.find((one) => one.name === name);
  if (verb === undefined) throw new HanseError('INTERNAL', `There is no verb ${name}.`);
  const outcome = await verb.plan(verb.request.parse(request), { owner, actor }).catch((error: unknown): PlanOutcome => {
    if (error instanceof HanseError) return { kind: 'refused', reasons: [{ message: error.message }] };
    throw error;
  });
  if (outcome.kind === 'nothing') return { kind: 'nothing', because: [outcome.reason] };
  if (outcome.kind === 'refused') return { kind: 'refused', because: outcome.reasons.slice(0, reasonsMax).map(({ message }) => message) };
  const { cause, found } = reaction;
  const plan = { ...outcome.plan, notes: [{ topic: 'cause', text: `${cause}: ${found}` }, ...outcome.plan.notes] };
  // the plan may be another one after a crash; the operation is not
  const operation = await operations.create({ owner, actor, plan, idempotency: { key: `reaction/${reaction.id}`, digest: reaction.id } });
  return { kind: 'planned', operation };
}

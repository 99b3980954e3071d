// What every performer of a peering starts from: the peering of its step and the two sides under the operation's lease.
import { z } from 'zod';
import type { JsonObject } from '../../ids.ts';
import type { Made } from '../../operations/journal.ts';
import type { Outcome, StepContext } from '../../operations/io/performer.ts';
import type { Peering } from '../peering.ts';
import { peeringSchema, resourcesSchema } from '../peeringRecord.ts';
import type { ConsumerSide, ProviderSide } from '../sides.ts';
import { liqoConsumerSide } from './liqo/consumerSide.ts';
import { liqoProviderSide } from './liqo/providerSide.ts';
import type { FederationDeps } from './ports.ts';

const stepInput = z.object({
  peering: peeringSchema,
  former: resourcesSchema.optional(),
  was: peeringSchema.shape.state.optional(),
  force: z.boolean().default(false),
  bidirectional: z.boolean().default(false),
  at: z.enum(['home', 'provider']).default('home'),
});

export type Stage = {
  readonly context: StepContext;
  readonly input: z.output<typeof stepInput>;
  readonly peering: Peering;
  home(): Promise<ConsumerSide>;
  provider(): Promise<ProviderSide>;
};

export const done = (made: readonly Made[] = [], result?: JsonObject): Outcome => ({
  kind: 'done',
  ...(made.length > 0 ? { made } : {}),
  ...(result === undefined ? {} : { result }),
});

/** Both sides for one step; an account is opened only by the steps that use it. */
export const staged =
  (deps: FederationDeps) =>
  (act: (stage: Stage) => Promise<Outcome>) =>
  (context: StepContext): Promise<Outcome> => {
    const input = stepInput.parse(context.step.input);
    const { peering } = input;
    const { guard, signal, owner, operation } = context;
    const kube = async (name: string) => (await deps.clusters.kube(owner, name)).with({ guard, signal });
    return act({
      context,
      input,
      peering,
      home: async () => (deps.consumerSide ?? liqoConsumerSide)(await kube(peering.home), peering, operation),
      provider: async () => (deps.providerSide ?? liqoProviderSide)(await kube(peering.provider), peering, operation),
    });
  };

// federate and leave with layer 2 in front and behind; where none is configured they are what they were.
import { z } from 'zod';
import type { Verb } from '../../operations/io/performer.ts';
import type { PlanOutcome } from '../../operations/plan.ts';
import { federateWith, leaveWith } from '../compose.ts';
import type { Interconnect, Ranges } from './interconnect.ts';

export type OverLanDeps = {
  readonly interconnect: Interconnect;
  /** The home cluster's name. */
  homeOf(owner: string, name: string | undefined): Promise<string>;
  rangesOf(owner: string): Promise<readonly Ranges[]>;
};

const aboutPeering = z.object({ peering: z.object({ provider: z.string() }) });

/** Also those that were chosen by criteria. */
const providersOf = (outcome: PlanOutcome, asked: readonly string[]): readonly string[] => {
  const steps = outcome.kind === 'plan' ? outcome.plan.steps : [];
  const planned = steps.flatMap(({ input }) => aboutPeering.safeParse(input).data?.peering.provider ?? []);
  return [...new Set([...asked, ...planned])];
};

export const federateOverLan = <Request extends { readonly home?: string | undefined; readonly providers: readonly string[] }>(
  verb: Verb<Request>,
  { interconnect, homeOf, rangesOf }: OverLanDeps,
): Verb<Request> => ({
  ...verb,
  performers: { ...interconnect.performers, ...verb.performers },
  async plan(request, by) {
    const outcome = await verb.plan(request, by);
    if (outcome.kind === 'refused') return outcome;
    const home = await homeOf(by.owner, request.home);
    const providers = providersOf(outcome, request.providers);
    return federateWith(outcome, await interconnect.join(by.owner, home, providers, await rangesOf(by.owner)), { home, providers });
  },
});

export const leaveOverLan = <Request extends { readonly home?: string | undefined; readonly provider: string }>(
  verb: Verb<Request>,
  { interconnect, homeOf }: OverLanDeps,
): Verb<Request> => ({
  ...verb,
  performers: { ...interconnect.performers, ...verb.performers },
  async plan(request, by) {
    const outcome = await verb.plan(request, by);
    if (outcome.kind === 'refused') return outcome;
    const home = await homeOf(by.owner, request.home);
    return leaveWith(outcome, await interconnect.leave(by.owner, home, request.provider), { home, providers: [request.provider] });
  },
});

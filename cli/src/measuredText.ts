// What a move cost, as its journal has it: beside the prediction of its plan.
import { z } from 'zod';
import type { OperationDetail } from '../../contract/src/operation.ts';

const cost = z.object({
  measured: z.object({
    interruptionSeconds: z.number(),
    belowWantedSeconds: z.number(),
    readyMin: z.number().nullable(),
    drainSeconds: z.number(),
    goingMsMax: z.number().nullable(),
  }),
});

/** A line for each move that the operation made; of several, with the step that wrote it down. */
export const measuredText = ({ journal }: Pick<OperationDetail, 'journal'>): string => {
  const costs = journal.flatMap(({ step, phase, state, result }) => {
    const parsed = phase === 'perform' && state === 'done' ? cost.safeParse(result) : null;
    return parsed?.success === true ? [{ step, ...parsed.data.measured }] : [];
  });
  return costs.map((each) => `${costs.length > 1 ? `Measured (step ${each.step + 1})` : 'Measured'}: ${sentence(each)}\n`).join('');
};

const sentence = ({ interruptionSeconds, belowWantedSeconds, readyMin, drainSeconds, goingMsMax }: z.infer<typeof cost>['measured']): string => {
  const without = interruptionSeconds === 0 ? 'no interruption' : `no ready endpoint for ${interruptionSeconds} s`;
  const ready = readyMin === null ? '' : `; never fewer than ${readyMin} ready endpoints`;
  const below = belowWantedSeconds === 0 ? '' : `, for ${belowWantedSeconds} s fewer than wanted`;
  const going = goingMsMax === null ? '' : `; senders took up to ${(goingMsMax / 1000).toFixed(1)} s to drop an endpoint`;
  return `${without}${ready}${below}${going}, and the old replicas answered for ${drainSeconds} s more.`;
};

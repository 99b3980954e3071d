// Plans of a made-up trade, for the engine's tests and benches: each step turns a wheel, its undo turns it back.
import { z } from 'zod';
import type { EngineVerb } from '../../broker/src/operations/io/index.ts';
import type { Outcome, Performer, StepContext } from '../../broker/src/operations/io/index.ts';
import { ownerId } from '../../broker/src/ids.ts';
import type { Plan, Step, Validity } from '../../broker/src/operations/index.ts';

export const by = { owner: ownerId('default'), actor: 'ada' };

export const aStep = (over: Partial<Step> = {}): Step => ({
  kind: 'turn',
  title: 'turn the wheel',
  side: { role: 'broker' },
  input: {},
  undo: { kind: 'undo', title: 'turn the wheel back' },
  destructive: false,
  attempts: 2,
  timeoutSeconds: 20,
  ...over,
});

export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  kind: 'wheels',
  subject: 'mill',
  title: 'Turn the wheels of the mill',
  steps: [aStep(), aStep(), aStep()],
  pointOfNoReturn: null,
  madeFrom: {},
  notes: [],
  ...over,
});

export type Turn = { readonly what: 'perform' | 'undo'; readonly step: number; readonly context: StepContext };

/** A verb whose every effect goes through `turn`; answering nothing means done. */
export const wheels = (turn: (turn: Turn) => Promise<Outcome | void> | Outcome | void, stillValid?: (plan: Plan) => Promise<Validity>): EngineVerb => {
  const act = async (what: 'perform' | 'undo', context: StepContext): Promise<Outcome> =>
    (await turn({ what, step: context.index, context })) ?? { kind: 'done', result: { turned: context.index } };
  const performer: Performer = { perform: (context) => act('perform', context), undo: (context) => act('undo', context) };
  return { name: 'wheels', performers: { turn: performer }, ...(stillValid ? { stillValid } : {}) };
};

/** What tests read of a row of JSON. */
export const outcomeRow = z.object({
  kind: z.string(),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
  leftBehind: z.array(z.string()).optional(),
  notDone: z.array(z.string()).optional(),
});

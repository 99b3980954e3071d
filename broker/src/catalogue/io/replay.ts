// An earlier judgement made again, from bytes alone: on the evidence and under the policy of then, beside what was there then.
import type { Judgement } from '../index.ts';
import type { judge as Judge } from '../judge/judge.ts';
import { statementsOf } from '../statement.ts';
import type { Bases, Replayable } from './bases.ts';
import type { ReceivedRows } from './received.ts';
import type { Standings } from './standings.ts';

export type Replayed = { readonly based: Replayable; readonly judgedAt: string; readonly judgement: Judgement };

export type ReplayOptions = {
  readonly rows: Pick<ReceivedRows, 'reachAt' | 'find'>;
  readonly bases: Bases;
  readonly history: Standings['history'];
  readonly judge: typeof Judge;
};

/** `at`: as at that time; null: when what it rests on last changed. Answers null where what it was judged on then is not kept. */
export type Replay = (owner: string, digest: string, at: Date | null) => Promise<Replayed | null>;

export function createReplay({ rows, bases, history, judge }: ReplayOptions): Replay {
  /** Whether it had gone by then, though it came again later. */
  const wasGone = async (owner: string, digest: string, at: Date): Promise<boolean> => {
    const before = (await history(owner, digest)).find((past) => Date.parse(past.at) <= at.getTime());
    return before?.state === 'gone';
  };
  return async (owner, digest, at) => {
    const based = await bases.find(owner, digest, at ?? new Date(8.64e15));
    if (based === null) return null;
    const judgedAt = at ?? new Date(based.at);
    const judgements: Judgement[] = [];
    for (const { digest: each, text } of await rows.find(owner, [...new Set([digest, ...(await rows.reachAt(owner, [digest], judgedAt))])])) {
      const on = each === digest ? based : await bases.find(owner, each, judgedAt);
      // what nobody had judged by then was not beside it
      if (on === null || (each !== digest && (await wasGone(owner, each, judgedAt)))) continue;
      judgements.push(judge(text, on.evidence, on.policy, judgedAt.toISOString()));
    }
    const judgement = statementsOf(judgements, based.policy).judgements.find((each) => each.digest === digest);
    return judgement === undefined ? null : { based, judgedAt: judgedAt.toISOString(), judgement };
  };
}

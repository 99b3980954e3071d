// Is anybody harmed? What Hanse itself has measured of an operation, in numbers.
import type { OperationDetail } from '../../contract/src/index.ts';
import { ask, useAnswer } from './live.ts';
import { harmOf, isPast } from './steps.ts';
import { useNow } from './useNow.ts';
import { duration, going } from './words.ts';

export const Numbers = ({ detail }: { readonly detail: OperationDetail }) => (
  <div className="numbers">{detail.kind === 'migrate' ? <MoveNumbers detail={detail} /> : <StepNumbers detail={detail} />}</div>
);

const StepNumbers = ({ detail }: { readonly detail: OperationDetail }) => {
  const { state, stepsDone, stepsTotal, plan, journal } = detail;
  const now = useNow(1000);
  const isGoing = going.includes(state);
  const began = journal[0]?.at;
  const tone = state === 'failed' ? 'red' : state === 'rolledBack' || state === 'rollingBack' || state === 'asking' ? 'amber' : 'green';
  return (
    <>
      <p className={`big ${tone}`}>
        {stepsDone} of {stepsTotal}
      </p>
      <p className="muted">steps stand</p>
      <dl>
        <dt>{isGoing ? 'takes already' : 'took'}</dt>
        <dd>{began === undefined ? '–' : duration((isGoing ? now : Date.parse(detail.updatedAt)) - Date.parse(began))}</dd>
        <dt>point of no return</dt>
        <dd>{plan.pointOfNoReturn === null ? 'none' : isPast(detail) ? 'passed' : `before step ${plan.pointOfNoReturn + 1}`}</dd>
      </dl>
    </>
  );
};

/** What Hanse itself knows: its probes count requests, its watch over the endpoints counts time. The requests of an application's clients it does not see. */
const MoveNumbers = ({ detail }: { readonly detail: OperationDetail }) => {
  const { data: status } = useAnswer(ask.status(detail.subject));
  const { requests, interruptedMs, readyMin } = harmOf(detail.journal);
  const ready = status?.placement.reduce((sum, one) => sum + one.ready, 0);
  const wanted = status?.workloads.reduce((sum, one) => sum + one.wanted, 0);
  const isHarmed = (requests !== null && requests.lost > 0) || (interruptedMs ?? 0) > 0;
  return (
    <>
      <p className={`big ${isHarmed ? 'red' : 'green'}`}>
        {requests !== null ? `${requests.lost.toLocaleString('en')} lost` : `${duration(interruptedMs ?? 0)} interrupted`}
      </p>
      <p className="muted">
        {requests !== null
          ? `of ${requests.total.toLocaleString('en')} requests of the probes`
          : interruptedMs === null
            ? 'so far; predicted: none'
            : interruptedMs === 0
              ? 'at the endpoints, as predicted'
              : 'at the endpoints; predicted: none'}
      </p>
      <dl>
        <dt>ready replicas</dt>
        <dd>{ready === undefined ? '–' : `${ready} (wanted ${wanted ?? '–'})`}</dd>
        <dt>fewest ready</dt>
        <dd>{readyMin ?? '–'}</dd>
        {requests !== null && (
          <>
            <dt>no endpoint for</dt>
            <dd>{interruptedMs === null ? '–' : duration(interruptedMs)}</dd>
            <dt>predicted</dt>
            <dd>none</dd>
          </>
        )}
        <dt>steps</dt>
        <dd>
          {detail.stepsDone} of {detail.stepsTotal}
        </dd>
      </dl>
    </>
  );
};

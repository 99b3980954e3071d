// The plan to approve: what will be made where, on whose authority, what undoes it, and where there is no way back.
import { useEffect, useRef, useState } from 'react';
import { routes } from '../../../contract/src/index.ts';
import type { OperationDetail } from '../../../contract/src/index.ts';
import { call, Failure } from '../api.ts';
import { ask, changed, useAnswer } from '../live.ts';
import { Problem } from '../Problem.tsx';
import { go, hrefOf } from '../route.ts';
import { stateWords } from '../words.ts';
import { PlanSteps } from './PlanSteps.tsx';
import { approvalOf } from './verbs.ts';

export const PlanPanel = ({ id }: { readonly id: string }) => {
  const { data: detail, failure } = useAnswer(ask.operation(id));
  return (
    <aside className="side plan" aria-label="Plan">
      {detail ? <Plan detail={detail} /> : failure ? <Problem failure={failure} /> : <p className="muted">Reading the plan…</p>}
    </aside>
  );
};

const Plan = ({ detail }: { readonly detail: OperationDetail }) => {
  const { id, plan, state } = detail;
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isSending, setSending] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  const act = async (route: typeof routes.approveOperation | typeof routes.cancelOperation): Promise<void> => {
    setSending(true);
    setFailure(null);
    try {
      await call(route, { params: { id } });
      changed(/^operation/);
      go(hrefOf(null));
    } catch (error) {
      setFailure(error instanceof Failure ? error : new Failure(String(error), null));
      setSending(false);
    }
  };

  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {plan.title}
      </h2>
      <p className="muted">
        {plan.steps.length} steps · {state === 'planned' ? 'nothing has happened yet' : stateWords[state]}
      </p>
      {state === 'planned' && (
        <p className="buttons">
          <button type="button" className="primary" disabled={isSending} onClick={() => void act(routes.approveOperation)}>
            {approvalOf(plan)}
          </button>
          <button type="button" disabled={isSending} onClick={() => void act(routes.cancelOperation)}>
            Discard
          </button>
        </p>
      )}
      {state !== 'planned' && (
        <p>
          <a href={hrefOf(`/operations/${id}`)}>Where it stands</a>
        </p>
      )}
      {failure && <Problem failure={failure} />}
      {plan.notes.length > 0 && (
        <ul className="notes">
          {plan.notes.map(({ topic, text }) => (
            <li key={topic + text}>
              <b>{topic}</b> {text}
            </li>
          ))}
        </ul>
      )}
      <PlanSteps plan={plan} />
    </>
  );
};

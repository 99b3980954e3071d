import { Fragment } from 'react';
import type { Plan, Step } from '../../../contract/src/index.ts';

/** The steps as they are planned, with the line behind which there is no way back. */
export const PlanSteps = ({ plan }: { readonly plan: Plan }) => (
  <ol className="planned" aria-label="Steps of the plan">
    {plan.steps.map((step, index) => (
      <Fragment key={`${index} ${step.kind}`}>
        {index === plan.pointOfNoReturn && <li className="line">Point of no return: up to here any failure rolls back by itself</li>}
        <li className={step.destructive ? 'final' : ''}>
          <span className="title">{step.title}</span>
          <small>
            {sideOf(step)} · {undoOf(step)}
          </small>
        </li>
      </Fragment>
    ))}
  </ol>
);

const sideOf = ({ side: { role, cluster, exchange } }: Step): string => {
  if (role === 'broker') return 'in Hanse';
  if (role === 'exchange') return `with your account at ${exchange ?? 'the exchange'}`;
  return role === 'consumer' ? `with your rights at ${cluster ?? 'home'}` : `with your account at ${cluster ?? 'the provider'}`;
};

const undoOf = ({ undo }: Step): string => {
  if (undo.kind === 'undo') return `undone by: ${undo.title.charAt(0).toLowerCase()}${undo.title.slice(1)}`;
  return undo.kind === 'nothing' ? 'leaves nothing to undo' : `cannot be undone: ${undo.why}`;
};

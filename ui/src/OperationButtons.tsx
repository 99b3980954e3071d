// What can be done about an operation at this moment, and nothing else.
import { useState } from 'react';
import { routes } from '../../contract/src/index.ts';
import type { OperationDetail } from '../../contract/src/index.ts';
import { call, Failure } from './api.ts';
import { changed } from './live.ts';
import { Problem } from './Problem.tsx';
import { hrefOf } from './route.ts';
import { isPast } from './steps.ts';
import { going } from './words.ts';

type Action = { readonly title: string; readonly isPlain?: boolean; act(): Promise<unknown> };

export const actionsOf = (detail: OperationDetail): Action[] => {
  const { id, state, question, cancelRequested, pause } = detail;
  const params = { id };
  const back: Action = { title: 'Roll back', isPlain: true, act: () => call(routes.cancelOperation, { params }) };
  const canGoBack = !cancelRequested && !isPast(detail) && (state === 'running' || state === 'waiting' || state === 'asking');
  const rests: Action[] =
    state === 'asking' || !going.includes(state)
      ? []
      : pause === null
        ? [{ title: 'Pause', isPlain: true, act: () => call(routes.pauseOperation, { params }) }]
        : [{ title: pause === 'paused' ? 'Resume' : 'Do not pause', isPlain: true, act: () => call(routes.resumeOperation, { params }) }];
  const answers = (question?.options ?? []).map(({ key, title }): Action => ({
    title,
    act: () => call(routes.answerOperation, { params, body: { answer: key } }),
  }));
  const retry: Action[] =
    state === 'waiting' && pause === null ? [{ title: 'Look again now', isPlain: true, act: () => call(routes.retryOperation, { params }) }] : [];
  return [...answers, ...retry, ...rests, ...(canGoBack ? [back] : [])];
};

export const OperationButtons = ({ detail, isInline = false }: { readonly detail: OperationDetail; readonly isInline?: boolean }) => {
  const [failure, setFailure] = useState<Failure | null>(null);
  const actions = actionsOf(detail);
  const run = async (action: Action): Promise<void> => {
    setFailure(null);
    await action.act().catch((error: unknown) => setFailure(error instanceof Failure ? error : new Failure(String(error), null)));
    changed(/^operation/);
  };
  return (
    <>
      <span className="buttons">
        {actions.map((action) => (
          <button key={action.title} type="button" className={isInline && action.isPlain ? 'link' : ''} onClick={() => void run(action)}>
            {action.title}
          </button>
        ))}
        {isInline && (
          <a className="link" href={hrefOf(`/operations/${detail.id}`)}>
            Explain
          </a>
        )}
      </span>
      {failure && <Problem failure={failure} />}
    </>
  );
};

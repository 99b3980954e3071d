// What happened, where, and what to do, with the code.
import type { Failure } from './api.ts';

export const Problem = ({ failure }: { readonly failure: Failure }) => {
  const { problem } = failure;
  return (
    <div className="problem" role="alert">
      <p>
        <b>{failure.message}</b> {problem?.fix ?? 'Look whether it runs; this page goes on when it does.'}
      </p>
      {problem !== null && problem.faults.length > 1 && (
        <ul>
          {problem.faults.map(({ message, fix, place }) => (
            <li key={message}>
              {place?.line !== undefined && `${place.file ?? 'line'} ${place.line}: `}
              {message} {fix}
            </li>
          ))}
        </ul>
      )}
      {problem !== null && (
        <p className="muted">
          {problem.code} · request {problem.request.slice(0, 8)}
        </p>
      )}
    </div>
  );
};

// What happened, where, and what to do, with the code.
import type { Failure } from './api.ts';
import type { Everything, Told } from './useKnown.ts';

export const Problem = ({ failure }: { readonly failure: Failure }) => {
  const { problem } = failure;
  return (
    <div className="problem" role="alert">
      <p>
        <b>{failure.message}</b> {failure.fix}
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

/** Not answered yet, or the broker cannot tell: neither is that there are none. */
export const Unknown = ({ known, what }: { readonly known: Everything; readonly what: Told }) => {
  const failure = known.untold.find((one) => one.what === what)?.failure;
  return failure ? <Problem failure={failure} /> : <p className="muted">Reading the {what}…</p>;
};

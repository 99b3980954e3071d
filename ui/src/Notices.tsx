// What must be read stays until it no longer holds.
import { useConnection } from './live.ts';
import type { Everything } from './useKnown.ts';
import { useNow } from './useNow.ts';
import { clock, duration, listed } from './words.ts';

export const ConnectionNotice = () => {
  const connection = useConnection();
  const now = useNow(1000);
  if (connection.kind !== 'lost') return null;
  return (
    <p className="notice" role="alert">
      <b>The connection to the broker is lost.</b> What you see is as of {clock(new Date(connection.sinceMs).toISOString())},{' '}
      {duration(now - connection.sinceMs)} ago. It resumes by itself.
    </p>
  );
};

/** The broker is there and cannot tell: what is not known must not look as if there were none. */
export const TroubleNotice = ({ known: { untold, isKnown } }: { readonly known: Everything }) => {
  const connection = useConnection();
  const [first] = untold;
  if (first === undefined || connection.kind !== 'live') return null;
  const { message, fix, problem } = first.failure;
  const stale = untold.some(({ what }) => isKnown[what]);
  return (
    <p className="notice" role="alert">
      <b>The broker cannot tell about {listed(untold.map(({ what }) => what))} now.</b> {message} {fix}{' '}
      {stale ? 'What you see of it is what it said last.' : 'Nothing is shown of it.'} It is asked again every few seconds.{' '}
      {problem !== null && (
        <small>
          {problem.code} · request {problem.request.slice(0, 8)}
        </small>
      )}
    </p>
  );
};

export const SignedOut = ({ isSpent }: { readonly isSpent: boolean }) => (
  <main className="alone">
    <h1>Hanse</h1>
    <p>
      {isSpent
        ? 'This link was used already, or it is older than five minutes. Each link lets one browser in, once.'
        : 'This browser has no session. A link lets it in, once.'}
    </p>
    <p>Where the broker runs, type:</p>
    <pre>
      <code>hanse page</code>
    </pre>
    <p>and open the link that it prints.</p>
  </main>
);

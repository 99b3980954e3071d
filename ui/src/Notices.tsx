// What must be read stays until it no longer holds.
import { useConnection } from './live.ts';
import { useNow } from './useNow.ts';
import { clock, duration } from './words.ts';

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

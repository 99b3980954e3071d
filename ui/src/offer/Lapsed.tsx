// What was believed of this offer and no longer counts, with the check that decides: what is missing among the facts is not missed.
import type { CredentialJudged } from '../../../contract/src/index.ts';
import { issuerName, stateTone, typeName } from '../words.ts';

export const Lapsed = ({ credentials }: { readonly credentials: readonly CredentialJudged[] }) => {
  if (credentials.length === 0) return null;
  return (
    <>
      <h2>What no longer counts</h2>
      <ul className="ends" aria-label="What no longer counts">
        {credentials.map(({ digest, types, issuer, state, reason }) => (
          <li key={digest}>
            <b className={stateTone(state)}>{state}</b>{' '}
            <a href={`#${digest.slice(0, 12)}`} onClick={() => document.getElementById(digest.slice(0, 12))?.setAttribute('open', '')}>
              {typeName(types)} of {issuerName(issuer ?? 'nobody')}
            </a>
            {reason !== null && <span className="muted"> {reason}</span>}
          </li>
        ))}
      </ul>
    </>
  );
};

// What stands behind a fact: its credential with every check, and what was fetched to judge it.
import type { CredentialJudged, Fact } from '../../contract/src/index.ts';
import { ask, useAnswer } from './live.ts';
import { Problem } from './Problem.tsx';
import { issuerName, probesText, zoned } from './words.ts';

const signs = { passed: '✓', failed: '✗', unknown: '?' } as const;
const tones = { passed: 'green', failed: 'red', unknown: 'amber' } as const;

export const Proof = ({ fact }: { readonly fact: Fact }) => (fact.measurement ? <Measured fact={fact} of={fact.measurement} /> : <Stated fact={fact} />);

const Measured = ({ fact, of }: { readonly fact: Fact; readonly of: NonNullable<Fact['measurement']> }) => (
  <div className="proof">
    <dl>
      <dt>measured by</dt>
      <dd>this Hanse, by its own clock</dd>
      <dt>from</dt>
      <dd>{probesText(of)}</dd>
      <dt>holds until</dt>
      <dd>{zoned(fact.validUntil ?? '')}, unless measured again</dd>
    </dl>
  </div>
);

const Stated = ({ fact }: { readonly fact: Fact }) => {
  const { data, failure } = useAnswer(ask.credential(fact.credential));
  return (
    <div className="proof">
      <dl>
        <dt>{fact.assurance} by</dt>
        <dd>{issuerName(fact.issuer)}</dd>
        <dt>valid until</dt>
        <dd>{fact.validUntil === null ? 'it says no end' : zoned(fact.validUntil)}</dd>
        <dt>credential</dt>
        <dd>
          <code title={fact.credential}>{fact.credential.slice(0, 16)}…</code>
        </dd>
      </dl>
      {data ? <Checks detail={data} /> : failure ? <Problem failure={failure} /> : <p className="muted">Judging it again…</p>}
    </div>
  );
};

export const Checks = ({ detail }: { readonly detail: CredentialJudged }) => (
  <>
    <ul className="checks" aria-label="Checks">
      {detail.checks.map(({ name, result, reason, blocks }) => (
        <li key={name + reason}>
          <span className={tones[result]} role="img" aria-label={result}>
            {signs[result]}
          </span>{' '}
          <b>{name}</b> {reason}
          {blocks && <span className="red"> It is not relied on for this.</span>}
        </li>
      ))}
    </ul>
    {detail.evidence.length > 0 && (
      <details>
        <summary>What was fetched to judge it</summary>
        <ul className="checks">
          {detail.evidence.map((one) => (
            <li key={one.address}>
              <code>{one.address}</code>{' '}
              {'failure' in one ? <span className="red">{one.failure}</span> : <span className="muted">at {zoned(one.fetchedAt)}</span>}
            </li>
          ))}
        </ul>
      </details>
    )}
    <p className="muted">
      As a command: <code>hanse credential show {detail.digest.slice(0, 12)}</code>
    </p>
  </>
);

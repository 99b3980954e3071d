// Every fact with its proof: what it says, how much that is worth, whose word it is, in which credential, until when, and how that was judged.
import type { CredentialJudged, Fact } from '../../../contract/src/index.ts';
import { Dots } from '../Facts.tsx';
import { clock, counted, expiry, factName, issuerName, monthOf, plain, probesText, typeName, zoned } from '../words.ts';

type Proofs = ReadonlyMap<string, CredentialJudged>;

export const FactTable = ({
  facts,
  proofs,
  contradicted,
}: {
  readonly facts: readonly Fact[];
  readonly proofs: Proofs;
  readonly contradicted: readonly string[];
}) => {
  const single = facts.filter(({ name }) => name === 'criterion');
  // what is said of the same thing stands together, also what was measured of it
  const others = facts
    .filter(({ name }) => name !== 'criterion')
    .toSorted((a, b) => (factName(a.name).toLowerCase() < factName(b.name).toLowerCase() ? -1 : a.name === b.name ? 0 : 1));
  return (
    <>
      {contradicted.length > 0 && (
        <p className="amber">
          It contradicts itself: {contradicted.map(factName).join(', ')}. All that is stated stands side by side; a criterion sees the strongest that holds.
        </p>
      )}
      <Rows title="Facts and their proofs" facts={others} proofs={proofs} contradicted={contradicted} />
      {single.length > 0 && (
        <details className="more">
          <summary>{counted(single.length, 'single criterion of its label', 'single criteria of its label')}</summary>
          <Rows title="Single criteria and their proofs" facts={single} proofs={proofs} contradicted={[]} />
        </details>
      )}
    </>
  );
};

type RowsProps = { readonly title: string; readonly facts: readonly Fact[]; readonly proofs: Proofs; readonly contradicted: readonly string[] };

const Rows = ({ title, facts, proofs, contradicted }: RowsProps) => (
  <div className="scroll" tabIndex={0} role="region" aria-label={title}>
    <table className="rows">
      <caption className="unseen">{title}</caption>
      <thead>
        <tr>
          <th scope="col">Fact</th>
          <th scope="col">Value</th>
          <th scope="col">Assurance</th>
          <th scope="col">Issuer</th>
          <th scope="col">Credential</th>
          <th scope="col">Valid until</th>
          <th scope="col">Checks</th>
        </tr>
      </thead>
      <tbody>
        {facts.map((fact) => (
          <FactRow
            key={`${fact.name} ${String(fact.value)} ${fact.credential}`}
            fact={fact}
            proof={proofs.get(fact.credential)}
            isContradicted={contradicted.includes(fact.name)}
          />
        ))}
      </tbody>
    </table>
  </div>
);

type FactRowProps = { readonly fact: Fact; readonly proof: CredentialJudged | undefined; readonly isContradicted: boolean };

const FactRow = ({ fact, proof, isContradicted }: FactRowProps) => {
  const { name, value, unit, assurance, issuer, credential, validUntil, measurement } = fact;
  // what is measured is measured again before it ends
  const soon = measurement ? clock(validUntil ?? '').slice(0, 5) : expiry(validUntil, Date.now());
  return (
    <tr className={isContradicted ? 'contradicted' : ''}>
      <th scope="row">
        {isContradicted && (
          <>
            <span aria-hidden="true">! </span>
            <span className="unseen">contradicted: </span>
          </>
        )}
        {factName(name)}
      </th>
      <td>
        {typeof value === 'boolean' ? (value ? 'yes' : 'no') : plain(value.toLocaleString('en'))} {unit !== undefined && <small>{unit}</small>}
      </td>
      <td className="short">
        <Dots assurance={assurance} /> {assurance}
      </td>
      <td>{measurement ? 'this Hanse' : issuerName(issuer)}</td>
      <td className="short">
        {measurement ? (
          probesText(measurement)
        ) : (
          <>
            <a href={`#${credential.slice(0, 12)}`} onClick={() => document.getElementById(credential.slice(0, 12))?.setAttribute('open', '')}>
              {proof === undefined ? 'credential' : typeName(proof.types)}
            </a>{' '}
            <code>{credential.slice(0, 8)}</code>
          </>
        )}
      </td>
      <td className="short">
        {validUntil === null ? (
          'no end'
        ) : (
          <time dateTime={validUntil} title={zoned(validUntil)} className={soon === null || measurement ? '' : 'amber'}>
            {soon ?? monthOf(validUntil)}
          </time>
        )}
      </td>
      <td className="short">{proof === undefined ? '–' : <Tally proof={proof} />}</td>
    </tr>
  );
};

const tones = { passed: 'green', failed: 'red', unknown: 'amber' } as const;
const signs = { passed: '✓', failed: '✗', unknown: '?' } as const;

/** ✓ 13 ? 1 */
export const Tally = ({ proof }: { readonly proof: CredentialJudged }) =>
  (['passed', 'failed', 'unknown'] as const).flatMap((result) => {
    const count = proof.checks.filter((check) => check.result === result).length;
    return count === 0
      ? []
      : [
          <span key={result} className={tones[result]}>
            <span aria-hidden="true">{signs[result]} </span>
            {count} <span className="unseen">{result}</span>{' '}
          </span>,
        ];
  });

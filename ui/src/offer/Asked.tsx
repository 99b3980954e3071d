// What is asked beside what was found, and whose word that is; and what would have to be asked instead.
import type { Offer, Opinion } from '../../../contract/src/index.ts';
import { criterionParts, factName, issuerName, matchingChange, plain } from '../words.ts';

const verdicts: Readonly<Record<Opinion['verdict'], readonly [string, string]>> = {
  satisfied: ['green', '✓ holds'],
  excluded: ['red', '✗ does not'],
  scored: ['', 'preferred'],
};

export const Asked = ({ offer, isAsked, sources }: { readonly offer: Offer; readonly isAsked: boolean; readonly sources: ReadonlyMap<string, string> }) => {
  if (offer.opinions.length === 0 || (!isAsked && offer.matches))
    return (
      <p className="muted">
        Nothing is asked: <b>+ criterion</b> above asks something, and each answer is told here with whose word it is.
      </p>
    );
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="What is asked and what was found">
        <table className="rows">
          <caption className="unseen">What is asked and what was found</caption>
          <thead>
            <tr>
              <th scope="col">Criterion</th>
              <th scope="col">Asked</th>
              <th scope="col">Found</th>
              <th scope="col">Whose word</th>
              <th scope="col">Holds</th>
            </tr>
          </thead>
          <tbody>
            {offer.opinions.map((opinion) => (
              <OpinionRow key={opinion.criterion + opinion.asked + opinion.found} opinion={opinion} sources={sources} />
            ))}
          </tbody>
        </table>
      </div>
      {offer.relaxation !== null && (
        <p>
          <b>It would match</b> {matchingChange(offer.relaxation)}.
        </p>
      )}
    </>
  );
};

const OpinionRow = ({
  opinion: { criterion, asked, found, source, verdict, score },
  sources,
}: {
  readonly opinion: Opinion;
  readonly sources: ReadonlyMap<string, string>;
}) => {
  const parts = criterionParts(asked === '' || verdict === 'scored' ? criterion : asked);
  const [wish = '', direction = ''] = verdict === 'scored' ? criterion.split(':') : [];
  const [tone, word] = verdicts[verdict];
  return (
    <tr>
      <th scope="row">{factName(wish !== '' ? wish : parts.fact === asked ? criterion : parts.fact)}</th>
      <td>{wish !== '' ? `the ${direction.replace(/\*.*/, '') || 'best'}` : [parts.rest, parts.at].filter((part) => part !== '').join(' ') || asked}</td>
      <td>{found === 'unknown' ? 'nobody stated it' : plain(found)}</td>
      <td>{source === '' || source === 'none' ? '–' : (sources.get(source) ?? issuerName(source).replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, 'credential $1'))}</td>
      <td className={tone}>
        {word}
        {score !== undefined && <small> {Math.round(score * 100) / 100}</small>}
      </td>
    </tr>
  );
};

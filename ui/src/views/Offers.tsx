// Offers: a table with facets; up to four side by side, criterion by criterion; and why not.
import { useEffect, useRef, useState } from 'react';
import { Dots } from '../Facts.tsx';
import { ask, useAnswer } from '../live.ts';
import type { Answer } from '../live.ts';
import { factOf } from '../members.ts';
import { Problem } from '../Problem.tsx';
import { go, hrefOf, usePlace } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import { againstText, counted, cut, factName, issuerName, offerName, plain, shortChange } from '../words.ts';
import type { Offer, Offers as Answered } from '../../../contract/src/index.ts';
import { Compare } from './Compare.tsx';
import { Facets } from './Facets.tsx';

const compareMost = 4;
const rowsMost = 200;
const rowsInAll = 1000;

export const Offers = ({ known }: { readonly known: Everything }) => {
  const { query } = usePlace();
  const text = query.get('text') ?? '';
  const [rows, setRows] = useState(rowsMost);
  const { data, failure } = useLast(useAnswer(ask.found({ where: known.where, prefer: known.prefer, text, limit: rows })));
  return (
    <div className="view">
      <h1>Offers</h1>
      {data ? (
        <>
          {data.total === 0 && text === '' ? <Empty /> : <Found found={data} known={known} text={text} />}
          {data.items.length < data.total && (
            <p className="muted">
              The {known.where.length + known.prefer.length === 0 ? 'first' : 'best'} {data.items.length} of {data.total.toLocaleString('en')}.{' '}
              {rows < rowsInAll ? (
                <button type="button" className="link" onClick={() => setRows(Math.min(rowsInAll, rows + rowsMost))}>
                  Show more
                </button>
              ) : (
                'Narrow them with criteria above.'
              )}
            </p>
          )}
          <Rejected rejected={data.rejected} />
        </>
      ) : failure ? (
        <Problem failure={failure} />
      ) : (
        <p className="muted">Reading and checking the credentials of every offer…</p>
      )}
    </div>
  );
};

/** What was answered before stays while the next answer comes. */
const useLast = <T,>(answer: Answer<T>): Answer<T> => {
  const last = useRef(answer.data);
  if (answer.data !== undefined) last.current = answer.data;
  return answer.failure?.problem ? answer : { ...answer, data: last.current };
};

const Found = ({ found: { items, facets, total }, known, text }: { readonly found: Answered; readonly known: Everything; readonly text: string }) => {
  const { query } = usePlace();
  const isAsked = known.where.length > 0 || items.some(({ matches }) => !matches);
  const compared = query.getAll('compare').slice(0, compareMost);
  const toggle = (id: string): void =>
    go(hrefOf(null, { compare: compared.includes(id) ? compared.filter((one) => one !== id) : [...compared, id].slice(-compareMost) }, true), 'replace');
  return (
    <>
      <Search text={text} total={total} />
      <Facets facets={facets} where={known.where} />
      <Compare offers={items.filter(({ offering }) => compared.includes(offering.id))} drop={toggle} />
      {total === 0 && <p>No offer has a word that begins with each of these.</p>}
      {total > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label="Table of offers">
          <table className="rows">
            <caption className="unseen">{counted(total, 'offer')}, the best first</caption>
            <thead>
              <tr>
                <th scope="col">Compare</th>
                <th scope="col">Offer</th>
                <th scope="col">Where</th>
                <th scope="col">Label</th>
                <th scope="col" className="number">
                  CPU
                </th>
                <th scope="col" className="number">
                  GPU
                </th>
                <th scope="col" className="number">
                  € / CPU h
                </th>
                <th scope="col">State</th>
                {isAsked && <th scope="col">Why not, and what would make it match</th>}
              </tr>
            </thead>
            <tbody>
              {items.map((offer) => (
                <OfferRow
                  key={offer.offering.id}
                  offer={offer}
                  known={known}
                  isCompared={compared.includes(offer.offering.id)}
                  isAsked={isAsked}
                  compare={toggle}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
};

const typingMs = 150;

const Search = ({ text, total }: { readonly text: string; readonly total: number }) => {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => go(hrefOf(null, { text: typed === '' ? null : typed }, true), 'replace'), typingMs);
    return () => clearTimeout(timer);
  }, [typed, text]);
  return (
    <p className="search">
      <input
        type="search"
        aria-label="Search the offers by their words"
        placeholder="Search by words: names, places, models…"
        maxLength={200}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
      {text !== '' && total > 0 && <span className="muted"> {counted(total, 'offer')} with these words</span>}
    </p>
  );
};

const rejectedMost = 100;

const Rejected = ({ rejected }: Pick<Answered, 'rejected'>) => {
  if (rejected.length === 0) return null;
  return (
    <details>
      <summary>{counted(rejected.length, 'credential')} left out</summary>
      <ul>
        {rejected.slice(0, rejectedMost).map(({ source, reason }) => (
          <li key={source + reason}>
            <code>{plain(source)}</code> {plain(reason)}
          </li>
        ))}
      </ul>
      {rejected.length > rejectedMost && (
        <p className="muted">
          {(rejected.length - rejectedMost).toLocaleString('en')} more: <code>hanse credential list</code>
        </p>
      )}
    </details>
  );
};

type RowProps = { readonly offer: Offer; readonly known: Everything; readonly isCompared: boolean; readonly isAsked: boolean; compare(id: string): void };

const OfferRow = ({ offer, known, isCompared, isAsked, compare }: RowProps) => {
  const { id, provider } = offer.offering;
  const member = known.members.find(({ offer: own }) => own?.offering.id === id);
  const label = factOf(offer, 'label');
  return (
    <tr className={offer.matches ? '' : 'off'}>
      <td>
        <input type="checkbox" aria-label={`Compare ${offerName(offer)}`} checked={isCompared} onChange={() => compare(id)} />
      </td>
      <th scope="row" className="found">
        <a href={hrefOf(`/offers/${encodeURIComponent(offer.cluster ?? id)}`)} title={plain(offer.offering.name)}>
          <bdi>{offerName(offer)}</bdi>
        </a>{' '}
        <small>{cut(issuerName(provider), 80)}</small>
        <Marks offering={offer.offering} />
      </th>
      <td className="short">
        {[factOf(offer, 'city')?.value, factOf(offer, 'country')?.value]
          .flatMap((value) => (value === undefined ? [] : [cut(plain(String(value)), 20)]))
          .join(', ')}
      </td>
      <td className="short">
        {label ? cut(plain(String(label.value)), 20) : '–'} {label && <Dots assurance={label.assurance} />}
      </td>
      <td className="number">{cell(offer, 'cpu.cores')}</td>
      <td className="number">{cell(offer, 'gpu.count')}</td>
      <td className="number">{cell(offer, 'price')}</td>
      <td>{member === undefined ? 'offered' : <a href={hrefOf(`/members/${encodeURIComponent(member.id)}`)}>{member.state}</a>}</td>
      {isAsked && <td className="against">{offer.matches ? <span className="green">✓ matches</span> : <WhyNot offer={offer} />}</td>}
    </tr>
  );
};

/** What is wrong with what it says, where it is met first. */
const Marks = ({ offering: { contradicted = [], alsoClaimedBy = [] } }: Pick<Offer, 'offering'>) => (
  <>
    {contradicted.length > 0 && <small className="mark-amber">! contradicts itself: {contradicted.map(factName).join(', ')}</small>}
    {alsoClaimedBy.length > 0 && <small className="mark-amber">! {counted(alsoClaimedBy.length, 'other claims', 'others claim')} the same cluster</small>}
  </>
);

/** Numbers with a fraction with as many digits each, so that they stand one below the other. */
const cell = (offer: Offer, name: string): string => {
  const value = factOf(offer, name)?.value;
  if (value === undefined) return '–';
  if (name !== 'price' || typeof value !== 'number') return cut(plain(value.toLocaleString('en')), 20);
  return value.toLocaleString('en', { minimumFractionDigits: 4, maximumFractionDigits: 6 });
};

const WhyNot = ({ offer }: { readonly offer: Offer }) => (
  <>
    {offer.opinions
      .filter(({ verdict }) => verdict === 'excluded')
      .map((opinion) => (
        <div key={opinion.criterion + opinion.asked}>{againstText(opinion)}</div>
      ))}
    {offer.relaxation !== null && <small>would match: {shortChange(offer.relaxation)}</small>}
  </>
);

const Empty = () => (
  <div className="empty">
    <h2>No offers yet</h2>
    <p>Offers are signed Gaia-X credentials. Name the folders or addresses where they lie in the configuration of the broker, and start it anew:</p>
    <pre>
      <code>{'credentials:\n  sources: [/etc/hanse/offers, https://catalogue.example/offers]'}</code>
    </pre>
    <p>
      Then <code>hanse offers --explain</code> shows the same as this view.
    </p>
  </div>
);

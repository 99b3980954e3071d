// Offers: a table with facets; up to four side by side, criterion by criterion; and why not.
import { useEffect, useRef, useState } from 'react';
import { Dots } from '../Facts.tsx';
import { ask, useAnswer } from '../live.ts';
import type { Answer } from '../live.ts';
import { factOf } from '../members.ts';
import { Problem } from '../Problem.tsx';
import { go, hrefOf, usePlace } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import { againstText, counted, factValue, issuerName, shortChange } from '../words.ts';
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
              The best {data.items.length} of {data.total.toLocaleString('en')}.{' '}
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
  const compared = query.getAll('compare').slice(0, compareMost);
  const toggle = (id: string): void =>
    go(hrefOf(null, { compare: compared.includes(id) ? compared.filter((one) => one !== id) : [...compared, id].slice(-compareMost) }, true), 'replace');
  return (
    <>
      <Search text={text} />
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
                  Price
                </th>
                <th scope="col">State</th>
                <th scope="col">Why not, and what would make it match</th>
              </tr>
            </thead>
            <tbody>
              {items.map((offer) => (
                <OfferRow key={offer.offering.id} offer={offer} known={known} isCompared={compared.includes(offer.offering.id)} compare={toggle} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
};

const typingMs = 150;

const Search = ({ text }: { readonly text: string }) => {
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
    </p>
  );
};

const Rejected = ({ rejected }: Pick<Answered, 'rejected'>) => {
  if (rejected.length === 0) return null;
  return (
    <details>
      <summary>{counted(rejected.length, 'credential')} left out</summary>
      <ul>
        {rejected.slice(0, 100).map(({ source, reason }) => (
          <li key={source + reason}>
            <code>{source}</code> {reason}
          </li>
        ))}
      </ul>
    </details>
  );
};

type RowProps = { readonly offer: Offer; readonly known: Everything; readonly isCompared: boolean; compare(id: string): void };

const OfferRow = ({ offer, known, isCompared, compare }: RowProps) => {
  const { id, provider } = offer.offering;
  const member = known.members.find(({ offer: own }) => own?.offering.id === id);
  const label = factOf(offer, 'label');
  return (
    <tr className={offer.matches ? '' : 'off'}>
      <td>
        <input type="checkbox" aria-label={`Compare ${nameOf(offer)}`} checked={isCompared} onChange={() => compare(id)} />
      </td>
      <th scope="row">
        <a href={hrefOf(`/offers/${encodeURIComponent(offer.cluster ?? id)}`)}>{nameOf(offer)}</a> <small>{issuerName(provider)}</small>
      </th>
      <td className="short">{[factOf(offer, 'city')?.value, factOf(offer, 'country')?.value].filter(Boolean).join(', ')}</td>
      <td className="short">
        {label ? String(label.value) : '–'} {label && <Dots assurance={label.assurance} />}
      </td>
      <td className="number">{cell(offer, 'cpu.cores')}</td>
      <td className="number">{cell(offer, 'gpu.count')}</td>
      <td className="number">{cell(offer, 'price')}</td>
      <td>{member === undefined ? 'offered' : <a href={hrefOf(`/members/${encodeURIComponent(member.id)}`)}>{member.state}</a>}</td>
      <td>{offer.matches ? <span className="green">✓ matches</span> : <WhyNot offer={offer} />}</td>
    </tr>
  );
};

const nameOf = (offer: Offer): string => offer.cluster ?? offer.offering.name;

const cell = (offer: Offer, name: string): string => {
  const fact = factOf(offer, name);
  return fact === undefined ? '–' : name === 'price' ? factValue(fact) : fact.value.toLocaleString('en');
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

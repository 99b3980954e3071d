// Offers side by side: fact by fact, with what each is worth.
import type { Offer } from '../../../contract/src/index.ts';
import { Dots } from '../Facts.tsx';
import { factName, factValue, offerName } from '../words.ts';

export const Compare = ({ offers, drop }: { readonly offers: readonly Offer[]; drop(id: string): void }) => {
  if (offers.length < 2) return offers.length === 1 ? <p className="muted">Tick another one to compare them.</p> : null;
  const names = [...new Set(offers.flatMap(({ offering }) => offering.facts.map(({ name }) => name)))].filter((name) => name !== 'criterion');
  const asked = [...new Set(offers.flatMap(({ opinions }) => opinions.map(({ criterion }) => criterion)))];
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Comparison">
      <table className="rows compare">
        <caption>Side by side</caption>
        <thead>
          <tr>
            <th scope="col">Fact</th>
            {offers.map((offer) => (
              <th scope="col" key={offer.offering.id}>
                <bdi>{offerName(offer)}</bdi>{' '}
                <button type="button" className="link" aria-label={`Take ${offerName(offer)} out of the comparison`} onClick={() => drop(offer.offering.id)}>
                  ×
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {asked.map((criterion) => (
            <tr key={`asked ${criterion}`}>
              <th scope="row">asked: {factName(criterion)}</th>
              {offers.map(({ offering, opinions }) => {
                const opinion = opinions.find((one) => one.criterion === criterion);
                return (
                  <td key={offering.id} className={opinion?.verdict === 'excluded' ? 'red' : opinion?.verdict === 'satisfied' ? 'green' : ''}>
                    {opinion === undefined ? '–' : `${opinion.verdict === 'excluded' ? '✗' : opinion.verdict === 'satisfied' ? '✓' : ''} ${opinion.found}`}
                  </td>
                );
              })}
            </tr>
          ))}
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{factName(name)}</th>
              {offers.map(({ offering }) => {
                const facts = offering.facts.filter((fact) => fact.name === name);
                return (
                  <td key={offering.id}>
                    {facts.length === 0
                      ? '–'
                      : facts.map((fact) => (
                          <span key={String(fact.value) + fact.credential}>
                            {factValue(fact)} <Dots assurance={fact.assurance} />{' '}
                          </span>
                        ))}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

// Facets: how often each value occurs, one click from being a criterion.
import { go, hrefOf } from '../route.ts';
import type { Offer } from '../../../contract/src/index.ts';
import { factName, factValue } from '../words.ts';

const facetNames = ['country', 'label', 'gpu.model', 'iso27001', 'c5'] as const;
const valuesMost = 7;

export const Facets = ({ offers, where }: { readonly offers: readonly Offer[]; readonly where: readonly string[] }) => (
  <div className="facets">
    {facetNames.map((name) => {
      const counts = new Map<string, number>();
      for (const { offering } of offers)
        for (const fact of offering.facts) if (fact.name === name) counts.set(String(fact.value), (counts.get(String(fact.value)) ?? 0) + 1);
      if (counts.size === 0) return null;
      return (
        <p key={name}>
          <b>{factName(name)}</b>{' '}
          {[...counts]
            .toSorted(([, a], [, b]) => b - a)
            .slice(0, valuesMost)
            .map(([value, count]) => {
              const criterion = name === 'label' ? `label>=${value}` : `${name}=${value}`;
              const isOn = where.includes(criterion);
              const label = value === 'true' ? 'yes' : name === 'label' ? value : factValue({ name, value });
              return (
                <button
                  key={value}
                  type="button"
                  className="facet"
                  aria-pressed={isOn}
                  onClick={() => go(hrefOf(null, { where: isOn ? where.filter((one) => one !== criterion) : [...where, criterion] }, true))}
                >
                  {label} <small>{count}</small>
                </button>
              );
            })}
        </p>
      );
    })}
  </div>
);

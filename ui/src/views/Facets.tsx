// Facets: how often each value occurs among the offers that satisfy everything else, one click from being a criterion.
import { go, hrefOf } from '../route.ts';
import type { Facet } from '../../../contract/src/index.ts';
import { factName, factValue } from '../words.ts';

const valuesMost = 7;

export const Facets = ({ facets, where }: { readonly facets: readonly Facet[]; readonly where: readonly string[] }) => (
  <div className="facets">
    {facets.map(({ fact: name, values, more }) => {
      const shown = values.filter(({ value }) => value !== false).slice(0, valuesMost);
      if (shown.length === 0) return null;
      const left = more + values.length - shown.length - values.filter(({ value }) => value === false).length;
      return (
        <p key={name}>
          <b>{factName(name)}</b>{' '}
          {shown.map(({ value, count }) => {
            const criterion = name === 'label' ? `label>=${String(value)}` : `${name}=${String(value)}`;
            const isOn = where.includes(criterion);
            const label = value === true ? 'yes' : name === 'label' ? String(value) : factValue({ name, value });
            return (
              <button
                key={String(value)}
                type="button"
                className="facet"
                aria-pressed={isOn}
                onClick={() => go(hrefOf(null, { where: isOn ? where.filter((one) => one !== criterion) : [...where, criterion] }, true))}
              >
                {label} <small>{count.toLocaleString('en')}</small>
              </button>
            );
          })}
          {left > 0 && <small className="muted">{left.toLocaleString('en')} more values</small>}
        </p>
      );
    })}
  </div>
);

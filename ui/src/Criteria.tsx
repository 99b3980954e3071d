// What do I ask for? Criteria as chips, always with what matches and the smallest change that would match more.
import { useState } from 'react';
import { go, hrefOf } from './route.ts';
import type { Everything } from './useKnown.ts';
import { criterionParts, factName, shortChange, spokenCriterion } from './words.ts';

const examples = [
  'country=EU',
  'label>=L1@certified',
  'gpu.count>=4',
  'price<=0.03',
  'city=Frankfurt',
  'iso27001=true',
  'energy.renewable>=50',
  'memory>=64GiB',
  'cpu.cores=8..64',
  'distance(52.37,4.9)<=500km',
  'prefer price',
  'prefer country=DE*2',
];

export const Criteria = ({ known }: { readonly known: Everything }) => {
  const { where, prefer, offers, isKnown, offersFailure } = known;
  const refused = isKnown.offers ? undefined : offersFailure;
  const set = (more: { where?: readonly string[]; prefer?: readonly string[] }): void => go(hrefOf(null, { where, prefer, ...more }, true));
  return (
    <>
      <ul className="chips" aria-label="Criteria">
        {where.map((text) => (
          <Chip key={text} text={text} drop={() => set({ where: where.filter((one) => one !== text) })} />
        ))}
        {prefer.map((text) => (
          <Chip key={`prefer ${text}`} text={text} isPreference drop={() => set({ prefer: prefer.filter((one) => one !== text) })} />
        ))}
        <li>
          <Adder
            add={(text) => {
              const preferred = /^prefer\s+(.+)$/.exec(text)?.[1];
              if (preferred !== undefined) set({ prefer: [...prefer, preferred] });
              else set({ where: [...where, text] });
            }}
          />
        </li>
      </ul>
      <p className={`count${refused ? ' red' : ''}`} role="status">
        {refused
          ? refused.isPassing
            ? 'Offers are not known'
            : `${refused.message} ${refused.fix}`
          : isKnown.offers
            ? countText(known)
            : 'Reading the offers…'}
      </p>
      {offers.length > 0 && <PrimaryVerb known={known} />}
    </>
  );
};

const Chip = ({ text, drop, isPreference = false }: { readonly text: string; drop(): void; readonly isPreference?: boolean }) => {
  const { fact, rest, at } = criterionParts(text);
  return (
    <li className="chip">
      {isPreference ? 'prefer ' : `${factName(fact)} `}
      <b>{isPreference ? factName(text) : rest}</b>
      {at !== '' && ` ${at}`}
      <button type="button" aria-label={`Take away ${isPreference ? 'prefer ' : ''}${text}`} onClick={drop}>
        ×
      </button>
    </li>
  );
};

const Adder = ({ add }: { add(text: string): void }) => {
  const [text, setText] = useState<string | null>(null);
  if (text === null)
    return (
      <button type="button" className="link" onClick={() => setText('')}>
        + criterion
      </button>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') add(text.trim());
        setText(null);
      }}
    >
      <input
        autoFocus
        aria-label="Criterion: country=EU, label>=L1@certified, gpu.count>=4, prefer price"
        placeholder="country=EU · label>=L1@certified · prefer price"
        list="criteria-examples"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={() => text === '' && setText(null)}
        onKeyDown={({ key }) => key === 'Escape' && setText(null)}
      />
      <datalist id="criteria-examples">
        {examples.map((example) => (
          <option key={example} value={example} />
        ))}
      </datalist>
    </form>
  );
};

const countText = ({ offers, where, total, matching, wider }: Everything): string => {
  if (total === 0) return 'No offers yet';
  if (where.length === 0) return `${total.toLocaleString('en')} offers`;
  const most = wider.toSorted((a, b) => (b.instead?.more ?? 0) - (a.instead?.more ?? 0) || b.without - a.without)[0];
  const more =
    most === undefined
      ? changeOfTwo(offers)
      : most.instead === null
        ? `${most.without} more without ${spokenCriterion(most.criterion)}`
        : `${most.instead.more} more if ${spokenCriterion(most.instead.criterion)}`;
  return `${matching.toLocaleString('en')} of ${total.toLocaleString('en')} offers match${more === '' ? '' : ` · ${more}`}`;
};

/** Where no single criterion keeps anybody out: the smallest change of several. */
const changeOfTwo = (offers: Everything['offers']): string => {
  const changes = new Map<string, number>();
  for (const { relaxation } of offers) if (relaxation !== null) changes.set(relaxation, (changes.get(relaxation) ?? 0) + 1);
  const [best] = [...changes].toSorted(([a, most], [b, more]) => more - most || a.length - b.length);
  return best === undefined ? '' : `${best[1]} more if ${shortChange(best[0])}`;
};

const PrimaryVerb = ({ known }: { readonly known: Everything }) => {
  const ready = known.members.filter(({ standing, cluster, offer }) => standing === 'offered' && cluster?.side === 'provider' && offer?.matches !== false);
  return (
    <a className="button primary" href={hrefOf(null, { do: 'federate', ...(known.where.length > 0 && { provider: ready.map(({ name }) => name) }) })}>
      Plan federation
    </a>
  );
};

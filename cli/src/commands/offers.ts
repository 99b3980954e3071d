// Offers: a table, every opinion of each, how many state which value, and what would let more in.
import { routes } from '../../../contract/src/routes.ts';
import type { Facet, Offer, Offers } from '../../../contract/src/placement.ts';
import { connect } from '../client.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { clean, show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

type Options = {
  readonly output: Format;
  readonly where?: string[];
  readonly prefer?: string[];
  readonly explain?: boolean;
  readonly text?: string;
  /** true: those that most ask about. */
  readonly facets?: string | true;
  readonly limit?: string;
  readonly offset?: string;
};

const usualFacets = 'country,label,kubernetes.version,gpu.model';

export const offers = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { where, prefer, text, facets } = options;
  const query = {
    ...(where && { where }),
    ...(prefer && { prefer }),
    ...(text !== undefined && { text }),
    ...(facets !== undefined && { facet: (facets === true ? usualFacets : facets).split(',').map((fact) => fact.trim()) }),
    limit: wholeOf('--limit', options.limit ?? '50'),
    offset: wholeOf('--offset', options.offset ?? '0'),
  };
  const found = await (await connect(terminal)).call(routes.listOffers, { query });
  const style = styleFor(terminal, terminal.isOutTty);
  await show(terminal, options.output, found, () => {
    const rejected = found.rejected.map(({ source, reason }) => `${style.red('left out')}: ${clean(source)}: ${clean(reason)}\n`).join('');
    const empty =
      text === undefined
        ? 'There is no verified offer: add folders or addresses of credentials under credentials.sources of the configuration.'
        : 'No offer has words that begin so.';
    const shown = options.explain === true ? found.items.map((offer) => offerText(offer, style)).join('\n') : tableOf(found.items, offerColumns, empty);
    const why =
      where !== undefined && options.explain !== true && found.items.some(({ matches }) => !matches) ? 'Why the others do not match: --explain\n' : '';
    return shown + countText(found, query) + widerText(found, style) + why + found.facets.map((facet) => facetText(facet, style)).join('') + rejected;
  });
  return found.total > 0 && where !== undefined && found.matching === 0 ? 'refused' : 'done';
};

const wholeOf = (option: string, text: string): number => {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw failWith('usage', `${option} ${clean(text.slice(0, 40))} is not a whole number.`, `Write for example ${option} 50.`);
};

/** Only where not everything is on the page. */
const countText = ({ items, total, matching }: Offers, { offset }: { readonly offset: number }): string =>
  items.length === total || items.length === 0 ? '' : `${offset + 1} to ${offset + items.length} of ${total}; ${matching} match\n`;

const widerText = ({ wider }: Offers, style: Style): string =>
  wider
    .map(({ criterion, instead, without }) => {
      const more = (count: number): string => `${count} ${count === 1 ? 'offer' : 'offers'} more`;
      return instead === null
        ? `${style.yellow('→')} ${more(without)} without ${clean(criterion)}\n`
        : `${style.yellow('→')} ${more(instead.more)} with ${clean(instead.criterion)} instead of ${clean(criterion)}\n`;
    })
    .join('');

const facetText = ({ fact, unit, values, more, unknown, range }: Facet, style: Style): string => {
  const counts = values.slice(0, valuesShown).map(({ value, count }) => `  ${clean(String(value))} ${style.dim(String(count))}`);
  const rest = more + Math.max(0, values.length - valuesShown);
  const between = range === null ? '' : ` ${range.lowest} to ${range.highest}${unit === undefined ? '' : ` ${clean(unit)}`}`;
  const others = [...(rest > 0 ? [`  ${style.dim(`and ${rest} more values`)}`] : []), ...(unknown > 0 ? [`  ${style.dim(`not stated ${unknown}`)}`] : [])];
  return `\n${style.bold(clean(fact))}${between}\n${[...counts, ...others].join('\n')}\n`;
};

const valuesShown = 12;

const factOf =
  (name: string) =>
  ({ offering }: Offer): string | null => {
    const fact = offering.facts.find((each) => each.name === name);
    return fact === undefined ? null : `${String(fact.value)}${fact.unit === undefined ? '' : ` ${fact.unit}`}`;
  };

const offerColumns = [
  ['OFFER', ({ offering }: Offer) => offering.name],
  ['CLUSTER', ({ cluster }: Offer) => cluster],
  ['MATCHES', ({ matches }: Offer) => (matches ? 'yes' : 'no')],
  ['SCORE', ({ score }: Offer) => (score === null ? null : score.toFixed(2))],
  ['COUNTRY', factOf('country')],
  ['LABEL', factOf('label')],
  ['CPU', factOf('cpu.cores')],
  ['GPUS', factOf('gpu.count')],
  ['PRICE', factOf('price')],
  ['VALID UNTIL', ({ offering }: Offer) => offering.validUntil?.slice(0, 10) ?? null],
] as const;

export const offerText = ({ offering, cluster, matches, opinions, relaxation }: Offer, style: Style): string => {
  const head = `${style.bold(clean(offering.name))}${cluster === null ? ' (not added as a cluster)' : ` (cluster ${cluster})`}: ${matches ? style.green('matches') : style.red('does not match')}`;
  const lines = opinions.map(({ verdict, criterion, asked, found, score }) => {
    const sign = verdict === 'excluded' ? style.red('✗') : verdict === 'satisfied' ? style.green('✓') : style.dim('·');
    return `  ${sign} ${clean(criterion)}: ${verdict === 'scored' ? `found ${clean(found)}, scores ${(score ?? 0).toFixed(2)}` : `asked ${clean(asked)}, found ${clean(found)}`}`;
  });
  const change = relaxation === null ? [] : [`  ${style.yellow('→')} to match: ${clean(relaxation)}`];
  const contradicted = (offering.contradicted ?? []).map((name) => {
    const values = offering.facts.filter((fact) => fact.name === name).map(({ value, assurance }) => `${String(value)} (${assurance})`);
    return `  ${style.yellow('!')} contradicts itself: ${clean(name)} is ${clean(values.join(' and '))}`;
  });
  const rivals = (offering.alsoClaimedBy ?? []).map((rival) => `  ${style.yellow('!')} also claimed by ${clean(rival)}, later: that claim does not count`);
  return `${[head, ...lines, ...contradicted, ...rivals, ...change].join('\n')}\n`;
};

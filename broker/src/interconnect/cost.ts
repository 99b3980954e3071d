// What circuits cost, by the prices of the configuration: IX-API names none.
import type { Circuit } from './lan.ts';
import { exchangeOf, type Price, type Topology } from './topology.ts';

const none: Price = { eurOnce: 0, eurPerMonth: 0 };

const plus = (a: Price, b: Price): Price => ({ eurOnce: a.eurOnce + b.eurOnce, eurPerMonth: a.eurPerMonth + b.eurPerMonth });

/** Ends of a splice are attachments to the exchange. */
export const priceOf = (topology: Pick<Topology, 'exchanges'>, { exchange, kind }: Pick<Circuit, 'exchange' | 'kind'>): Price => {
  const prices = exchangeOf(topology, exchange)?.prices;
  return (kind === 'segment' ? prices?.segment : prices?.attachment) ?? none;
};

/** With the rent of the splices that are used, each once. */
export const costOf = (topology: Pick<Topology, 'exchanges' | 'splices'>, circuits: readonly Circuit[]): Price => {
  const used = new Set(circuits.filter(({ kind }) => kind === 'spliceEnd').map(({ member }) => member));
  const rents = topology.splices.filter(({ name }) => used.has(name)).map(({ eurPerMonth }) => ({ eurOnce: 0, eurPerMonth }));
  return [...circuits.map((circuit) => priceOf(topology, circuit)), ...rents].reduce(plus, none);
};

const amount = (eur: number): string => (Number.isInteger(eur) ? String(eur) : eur.toFixed(2));

export const priceInWords = ({ eurOnce, eurPerMonth }: Price): string => {
  if (eurOnce === 0 && eurPerMonth === 0) return 'no price is configured';
  return [`${amount(eurPerMonth)} EUR a month`, ...(eurOnce === 0 ? [] : [`${amount(eurOnce)} EUR to set up`])].join(', ');
};

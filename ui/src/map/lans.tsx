// Layer 2 on the map: exchanges, and the circuits that join members through them.
import type { Circuit, Lan } from '../../../contract/src/index.ts';
import { ask, useAnswer } from '../live.ts';
import { along, between, bow } from './layout.ts';
import type { Node, Spot } from './layout.ts';
import { exchangePlace } from './places.ts';
import type { Point } from './places.ts';

const none: readonly Lan[] = [];
export const useLans = (): readonly Lan[] => useAnswer(ask.lans).data ?? none;

export type Exchange = { readonly name: string; readonly title: string; readonly place: Point };

const titles: Readonly<Record<string, string>> = { ams: 'AMS', de: 'DE', top: 'TOP', cix: 'CIX', ix: 'IX' };
/** de-cix-frankfurt → DE-CIX Frankfurt */
const titleOf = (name: string): string =>
  name
    .split('-')
    .map((word) => titles[word] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join('-')
    .replace(/(IX)-(\w)/, '$1 $2')
    .replaceAll(/([a-z])-/g, '$1 ');

export const exchangesOf = (lans: readonly Lan[]): Exchange[] =>
  [...new Set(lans.flatMap(({ circuits }) => circuits.filter(isThere).map(({ exchange }) => exchange)))].flatMap((name) => {
    const place = exchangePlace(titleOf(name));
    return place === null ? [] : [{ name, title: titleOf(name), place }];
  });

const isThere = ({ state }: Circuit): boolean => state !== 'ended';

type Marks = readonly (Exchange & { readonly node: Node })[];
export type Way = { readonly circuit: Circuit; readonly from: Spot; readonly to: Spot };

const bend = 0.1;

/** Where each circuit goes: from a member to its exchange, from exchange to exchange. */
export const waysOf = (lans: readonly Lan[], nodes: ReadonlyMap<string, Node>, marks: Marks): Way[] => {
  const at = new Map(marks.map(({ name, node }) => [name, node]));
  const circuits = lans.flatMap((one) => one.circuits.filter(isThere));
  return circuits.flatMap((circuit) => {
    if (circuit.kind === 'segment') return [];
    const start = at.get(circuit.exchange);
    const other =
      circuit.kind === 'spliceEnd'
        ? circuits.find(({ kind, member, exchange }) => kind === 'spliceEnd' && member === circuit.member && exchange > circuit.exchange)
        : undefined;
    const end = circuit.kind === 'attachment' ? nodes.get(circuit.member) : at.get(other?.exchange ?? '');
    if (!start || !end) return [];
    const [from, to] = between(start, end);
    return [{ circuit, from, to }];
  });
};

export const spotsOf = (ways: readonly Way[]): Spot[] => ways.flatMap(({ from, to }) => along(from, to, bend));

export const CircuitLines = ({ ways }: { readonly ways: readonly Way[] }) =>
  ways.map(({ circuit, from, to }) => (
    <path
      key={`${circuit.kind} ${circuit.exchange} ${circuit.member}`}
      className={`circuit ${circuit.state}`}
      d={bow(from, to, bend)}
      style={{ strokeWidth: Math.min(7, 2 + Math.log10(Math.max(10, circuit.capacityMbps ?? 1000)) * 0.8) }}
    >
      <title>{titleOfCircuit(circuit)}</title>
    </path>
  ));

const titleOfCircuit = ({ kind, member, exchange, vlan, state, messages }: Circuit): string =>
  `${kind === 'attachment' ? member : `splice ${member}`} at ${exchange}${vlan === null ? '' : `, VLAN ${vlan}`}: ${[state, ...(state === 'ready' ? [] : messages)].join('; ')}`;

// Layer 2 on the map: exchanges, and the circuits that join members through them.
import type { Circuit, Lan } from '../../../contract/src/index.ts';
import { ask, useAnswer } from '../live.ts';
import { between, bow } from './layout.ts';
import type { Node } from './layout.ts';
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

type LinesProps = { readonly lans: readonly Lan[]; readonly nodes: ReadonlyMap<string, Node>; readonly marks: readonly (Exchange & { readonly node: Node })[] };

export const CircuitLines = ({ lans, nodes, marks }: LinesProps) => {
  const at = new Map(marks.map(({ name, node }) => [name, node]));
  const circuits = lans.flatMap((one) => one.circuits.filter(isThere));
  const joins = circuits.flatMap((one) => {
    if (one.kind === 'segment') return [];
    const from = at.get(one.exchange);
    const other =
      one.kind === 'spliceEnd'
        ? circuits.find(({ kind, member, exchange }) => kind === 'spliceEnd' && member === one.member && exchange > one.exchange)
        : undefined;
    const to = one.kind === 'attachment' ? nodes.get(one.member) : at.get(other?.exchange ?? '');
    return from && to ? [{ one, from, to }] : [];
  });
  return joins.map(({ one, from, to }) => {
    const [start, end] = between(from, to);
    return (
      <path
        key={`${one.kind} ${one.exchange} ${one.member}`}
        className={`circuit ${one.state}`}
        d={bow(start, end, 0.1)}
        style={{ strokeWidth: Math.min(7, 2 + Math.log10(Math.max(10, one.capacityMbps ?? 1000)) * 0.8) }}
      >
        <title>{`${one.kind === 'attachment' ? one.member : `splice ${one.member}`} at ${one.exchange}${one.vlan === null ? '' : `, VLAN ${one.vlan}`}: ${one.state}`}</title>
      </path>
    );
  });
};

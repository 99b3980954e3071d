// Which members' pods reach each other, and how well. There is no other way between two members than layer 2: both attachments, and every splice between them
// with both its ends, have to be in production. Where an exchange has no API, a person does what he is asked to: what happens there is taken as done.
import type { Exchange, MemberData, Splice } from '../federation.ts';

/** A configuration in production at an exchange. */
export type Config = { readonly service: string; readonly connection: string; readonly vlan: number };

export type Trouble = 'slow' | 'cut';

export type Way = { readonly roundTripMs: number; readonly lossPercent: number; readonly mtuBytes: number };

export type Layer2 = {
  readonly exchanges: readonly Exchange[];
  readonly splices: readonly Splice[];
  readonly members: readonly Pick<MemberData, 'name' | 'exchange'>[];
  /** By exchange. */
  readonly configs: Readonly<Record<string, readonly Config[]>>;
  /** By name of a member (its attachment), splice or exchange. */
  readonly troubles: Readonly<Record<string, Trouble>>;
};

export const connectionOf = (member: string): string => `conn:${member}`;
export const spliceConnectionOf = (splice: string): string => `conn:${splice}`;

/** Between two pairs of VLANs of one splice: the carrier joins the first with the first, and every next one so many further at both ends. */
export const vlanStep = 10;
export const slow = { roundTripMs: 80, lossPercent: 2 };

const sitesMtuBytes = 9000;
/** From a site to its exchange and through it. */
const attachmentRoundTripMs = 0.4;
const earthKm = 6371;
/** Light in glass, in a cable that takes detours, there and back. */
const roundTripMsOfKm = (km: number): number => (2 * km * 1.4) / 200;

const kmBetween = (a: Exchange, b: Exchange): number => {
  const rad = Math.PI / 180;
  const half = (x: number): number => Math.sin((x * rad) / 2) ** 2;
  const h = half(b.latitude - a.latitude) + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * half(b.longitude - a.longitude);
  return 2 * earthKm * Math.asin(Math.sqrt(h));
};

/** A segment at an exchange; where there is no API nobody knows which: one for all. */
type Place = { readonly exchange: string; readonly service: string | null };
type Reached = Place & { readonly over: readonly Splice[] };

const isByHand = ({ exchanges }: Layer2, name: string): boolean => exchanges.find((one) => one.name === name)?.api === 'none';

const segmentsOf = (layer2: Layer2, member: string): Place[] => {
  const exchange = layer2.members.find(({ name }) => name === member)?.exchange ?? '';
  if (isByHand(layer2, exchange)) return [{ exchange, service: null }];
  return (layer2.configs[exchange] ?? []).filter(({ connection }) => connection === connectionOf(member)).map(({ service }) => ({ exchange, service }));
};

/** What the splice's other end joins with this place. */
const across = (layer2: Layer2, { exchange, service }: Place, splice: Splice): Place[] => {
  const side = splice.between.indexOf(exchange);
  const other = splice.between[1 - side];
  if (side < 0 || other === undefined) return [];
  const ends = (at: string): readonly Config[] => (layer2.configs[at] ?? []).filter(({ connection }) => connection === spliceConnectionOf(splice.name));
  const pair = ({ vlan }: Config, end: number): number => (vlan - (splice.vlans[end] ?? 0)) / vlanStep;
  const here = service === null ? null : ends(exchange).filter((config) => config.service === service);
  if (here?.length === 0) return [];
  if (isByHand(layer2, other)) return [{ exchange: other, service: null }];
  return ends(other)
    .filter((far) => here === null || here.some((near) => pair(near, side) === pair(far, 1 - side)))
    .map((far) => ({ exchange: other, service: far.service }));
};

const keyOf = ({ exchange, service }: Place): string => `${exchange}/${service ?? ''}`;

/** null: there is none. */
export function wayBetween(layer2: Layer2, from: string, to: string): Way | null {
  const targets = new Set(segmentsOf(layer2, to).map(keyOf));
  const seen = new Set<string>();
  const open: Reached[] = segmentsOf(layer2, from).map((place) => ({ ...place, over: [] }));
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (seen.has(keyOf(next))) continue;
    seen.add(keyOf(next));
    if (targets.has(keyOf(next))) return wayOver(layer2, [from, to], next.over);
    for (const splice of layer2.splices) for (const place of across(layer2, next, splice)) open.push({ ...place, over: [...next.over, splice] });
  }
  return null;
}

function wayOver(layer2: Layer2, members: readonly string[], over: readonly Splice[]): Way | null {
  const exchangesOn = new Set([
    ...over.flatMap(({ between }) => between),
    ...layer2.members.filter(({ name }) => members.includes(name)).map(({ exchange }) => exchange),
  ]);
  const parts = [...members, ...over.map(({ name }) => name), ...exchangesOn];
  if (parts.some((name) => layer2.troubles[name] === 'cut')) return null;
  const slowParts = parts.filter((name) => layer2.troubles[name] === 'slow').length;
  const at = (name: string): Exchange[] => layer2.exchanges.filter((one) => one.name === name);
  const km = over.flatMap(({ between: [a, b] }) => at(a).flatMap((one) => at(b).map((other) => kmBetween(one, other)))).reduce((sum, one) => sum + one, 0);
  return {
    roundTripMs: 2 * attachmentRoundTripMs + roundTripMsOfKm(km) + slowParts * slow.roundTripMs,
    lossPercent: Math.min(100, slowParts * slow.lossPercent),
    mtuBytes: Math.min(sitesMtuBytes, ...over.map(({ mtuBytes }) => mtuBytes)),
  };
}

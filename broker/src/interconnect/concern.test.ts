import { expect, it } from 'vitest';
import { concernedBy } from './concern.ts';
import type { Circuit } from './lan.ts';

const circuit = (kind: Circuit['kind'], member: string, exchange: string, more: Partial<Circuit> = {}): Circuit => ({
  ref: `${kind}-${member}-${exchange}`,
  lan: 'l',
  exchange,
  kind,
  member,
  connection: 'c',
  vlan: 100,
  account: null,
  ipv4: null,
  ipv6: null,
  capacityMbps: null,
  roleAssignments: [],
  mac: null,
  state: 'ready',
  since: null,
  id: 'x',
  told: 'production',
  messages: [],
  decommissionAt: null,
  chargedUntil: null,
  measured: null,
  ...more,
});
const splice = (name: string, a: string, b: string) => [circuit('spliceEnd', name, a), circuit('spliceEnd', name, b)];

/** home and near at a; b is only passed; far at c behind b. */
const all = [
  ...['a', 'b', 'c'].map((exchange) => circuit('segment', exchange, exchange)),
  circuit('attachment', 'home', 'a'),
  circuit('attachment', 'near', 'a'),
  circuit('attachment', 'far', 'c'),
  ...splice('ab', 'a', 'b'),
  ...splice('bc', 'b', 'c'),
];
const of = (kind: Circuit['kind'], member: string) =>
  all.filter((one) => one.kind === kind && one.member === member).map((one) => concernedBy(one, all, 'home'));

it('an attachment concerns whose it is, and that of home nobody', () => {
  expect(of('attachment', 'far')).toEqual([['far']]);
  expect(of('attachment', 'home')).toEqual([[]]);
});

it('a splice concerns, at either end, everybody behind it', () => {
  expect(of('spliceEnd', 'ab')).toEqual([['far'], ['far']]);
  expect(of('spliceEnd', 'bc')).toEqual([['far'], ['far']]);
});

it('a segment concerns who stands on it, and who is reached through it', () => {
  expect(of('segment', 'b')).toEqual([['far']]);
  expect(of('segment', 'c')).toEqual([['far']]);
  expect(of('segment', 'a')).toEqual([['near']]);
});

it('nobody of another LAN, and nobody who was cancelled', () => {
  const bc = circuit('spliceEnd', 'bc', 'b');
  const ending = all.map((one): Circuit => (one.member === 'far' ? { ...one, state: 'ending' } : one));
  expect(concernedBy(bc, ending, 'home')).toEqual([]);
  expect(concernedBy({ ...bc, lan: 'another' }, all, 'home')).toEqual([]);
});

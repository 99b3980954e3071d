// What an exchange answers, without HTTP: a small IX-API 2 of one account that resells to others.
import { type ExchangeData, fixedOf, isNewOf } from './sold.ts';
import { type Faults, type Item, type Kept, type Kind, policyOf, stateOf } from './state.ts';

export type Reply = { readonly status: number; readonly body: unknown };
export type Asked = { readonly method: string; readonly parts: readonly string[]; readonly query: URLSearchParams; readonly body: unknown };

const errorsUrl = 'https://errors.ix-api.net/v2/';
export const problem = (status: number, kind: string, title: string, more: object = {}): Reply => ({
  status,
  body: { type: `${errorsUrl}${kind}.html`, title, status, ...more },
});
const invalid = (properties: readonly { readonly name: string; readonly reason: string }[]): Reply =>
  problem(400, 'validation-error', 'Some fields did not validate.', { properties });
const notFound = (): Reply => problem(404, 'not-found', 'Not found.');

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const collections: Readonly<Record<string, Kind>> = {
  'network-services': 'service',
  'network-service-configs': 'config',
  'member-joining-rules': 'rule',
  macs: 'mac',
};
const prefixes: Readonly<Record<Kind, string>> = { service: 'ns', config: 'nsc', rule: 'mjr', mac: 'mac' };
const pageSize = 50;

export type Exchange = {
  /** What may be changed by the demo or a test; kept with the next write. */
  readonly faults: Faults;
  answer(asked: Asked): Reply;
};

type Ground = { readonly data: ExchangeData; readonly kept: Kept; readonly now: () => number; readonly productId: string };
type Check = (body: Readonly<Record<string, unknown>>) => Reply | null;

const isLive = ({ data, now }: Ground, item: Item): boolean => !['decommissioned', 'archived'].includes(stateOf(item, now(), data.pace));
const vlanMax = 4094;
/** The tags that are taken on a connection. */
const tagsOn = (ground: Ground, connection: string): ReadonlySet<unknown> =>
  new Set(
    ground.kept.items
      .filter((item) => item.kind === 'config' && item.body['connection'] === connection && isLive(ground, item))
      .map(({ body }) => record(body['vlan_config'])['vlan']),
  );

/** An order as it is kept: without what this version does not know, with the tag that the exchange chose where it was left to it. */
const taken = (ground: Ground, kind: Kind, body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  if (!isNewOf(ground.data)) return body;
  if (kind === 'service') {
    const { name: _, ...rest } = body;
    return rest;
  }
  const tag = record(body['vlan_config']);
  if (kind !== 'config' || tag['vlan'] !== null) return body;
  const used = tagsOn(ground, text(body['connection']));
  return { ...body, vlan_config: { ...tag, vlan: Array.from({ length: vlanMax }, (_, index) => index + 1).find((vlan) => !used.has(vlan)) } };
};

/** What is wrong with an order before it is taken. */
const checksOf = (ground: Ground): Readonly<Record<Kind, Check>> => {
  const { data, kept, productId } = ground;
  const isNew = isNewOf(data);
  const find = (kind: Kind, id: string): Item | undefined => kept.items.find((item) => item.kind === kind && item.id === id);
  const required = (body: Readonly<Record<string, unknown>>, names: readonly string[]): Reply | null => {
    const missing = names.filter((name) => body[name] === undefined || body[name] === '');
    return missing.length === 0 ? null : invalid(missing.map((name) => ({ name, reason: 'This field is required.' })));
  };
  const checkService = (body: Readonly<Record<string, unknown>>): Reply | null => {
    const missing = required(body, ['type', 'product_offering', 'managing_account', 'consuming_account', 'billing_account', ...(isNew ? [] : ['name'])]);
    if (missing) return missing;
    if (body['product_offering'] !== productId || body['type'] !== 'mp2mp_vc')
      return invalid([{ name: 'product_offering', reason: 'Unknown product offering.' }]);
    return text(body['name']).length > 40 ? invalid([{ name: 'name', reason: 'Longer than 40 characters.' }]) : null;
  };
  const checkConfig = (body: Readonly<Record<string, unknown>>): Reply | null => {
    const missing = required(body, [
      'type',
      'network_service',
      'managing_account',
      'consuming_account',
      'billing_account',
      'connection',
      'vlan_config',
      'role_assignments',
    ]);
    if (missing) return missing;
    const service = find('service', text(body['network_service']));
    const consumer = text(body['consuming_account']);
    if (!service || !isLive(ground, service)) return invalid([{ name: 'network_service', reason: 'Unknown network service.' }]);
    const rules = kept.items.filter(
      (item) => item.kind === 'rule' && item.body['network_service'] === service.id && item.body['consuming_account'] === consumer,
    );
    if (!rules.some(({ body: rule }) => rule['type'] === 'allow')) return problem(403, 'permission-denied', 'The account may not join this network service.');
    const port = data.connections.find(({ id }) => id === body['connection']);
    if (!port || port.account !== consumer) return invalid([{ name: 'connection', reason: 'Unknown connection.' }]);
    const { vlan_type: type, vlan } = record(body['vlan_config']);
    if (type === 'dot1q' && vlan === null && isNew) return null;
    if (type !== 'dot1q' || typeof vlan !== 'number' || vlan < 1 || vlan > vlanMax)
      return invalid([{ name: 'vlan_config.vlan', reason: `Not a VLAN from 1 to ${vlanMax}.` }]);
    return tagsOn(ground, port.id).has(vlan) ? invalid([{ name: 'vlan_config.vlan', reason: `VLAN ${vlan} is in use on connection ${port.id}.` }]) : null;
  };
  const checkMac = (body: Readonly<Record<string, unknown>>): Reply | null =>
    /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(text(body['address'])) ? null : invalid([{ name: 'address', reason: 'Not a unicast MAC address.' }]);
  return {
    service: checkService,
    config: checkConfig,
    rule: (body) => required(body, ['type', 'network_service', 'managing_account', 'consuming_account']),
    mac: checkMac,
  };
};

export function makeExchange(data: ExchangeData, kept: Kept, now: () => number): Exchange {
  const { faults } = kept;
  const isNew = isNewOf(data);
  const { productId, singles, lists } = fixedOf(data);
  const ground: Ground = { data, kept, now, productId };
  const statusOf = (item: Item, state: string): readonly object[] => {
    const told = (severity: number, tag: string, message: string) => ({ severity, tag, message, attrs: {}, timestamp: new Date(now()).toISOString() });
    if (state === 'error') return [told(3, 'provisioning_failed', item.failed ?? '')];
    const wrong = faults.degraded ?? faults.connections[text(item.body['connection'])];
    return state === 'production' && wrong !== undefined ? [told(3, 'degraded', wrong)] : [];
  };
  const show = (item: Item): Readonly<Record<string, unknown>> => {
    if (item.kind === 'rule' || item.kind === 'mac') return { ...item.body, id: item.id };
    const state = isNew && item.cancelled?.beforeProduction ? 'cancelled' : stateOf(item, now(), data.pace);
    const ends = item.cancelled && { decommission_at: item.cancelled.decommissionAt, charged_until: item.cancelled.chargedUntil };
    const rules = kept.items.filter((one) => one.kind === 'rule' && one.body['network_service'] === item.id).map(({ id }) => id);
    return {
      ...item.body,
      id: item.id,
      state,
      status: statusOf(item, state),
      ...(item.kind === 'service' ? { member_joining_rules: rules, network_features: [], nsc_required_contact_roles: [] } : { network_feature_configs: [] }),
      ...ends,
    };
  };

  const find = (kind: Kind, id: string): Item | undefined => kept.items.find((item) => item.kind === kind && item.id === id);

  const checks = checksOf(ground);
  const create = (kind: Kind, body: Readonly<Record<string, unknown>>): Reply => {
    const fault = checks[kind](body);
    if (fault) return fault;
    if (body['managing_account'] !== data.account) return problem(403, 'permission-denied', 'You do not have permission to perform this action.');
    kept.number += 1;
    let failed: string | null = null;
    if (kind === 'config' && faults.failOrders > 0) {
      faults.failOrders -= 1;
      failed = 'The port of this connection takes no further circuits.';
    }
    const item: Item = { id: `${prefixes[kind]}:${kept.number}`, kind, body: taken(ground, kind, body), at: now(), cancelled: null, failed };
    kept.items.push(item);
    return { status: 201, body: show(item) };
  };

  const end = (item: Item, wanted: unknown): Reply => {
    const policy = policyOf(item, now(), data.pace, { noticeDays: data.noticeDays, laterDays: faults.laterDays });
    if (item.cancelled) return { status: 202, body: show(item) };
    const date = text(record(wanted)['decommission_at']) || policy.decommission_at;
    if (date < policy.decommission_at) return problem(400, 'cancellation-policy-error', 'Requested cancellation date outside of notice period.', policy);
    const charged = date > policy.charged_until ? date : policy.charged_until;
    const cancel = (one: Item): void => {
      one.cancelled ??= { at: now(), decommissionAt: date, chargedUntil: charged, beforeProduction: stateOf(one, now(), data.pace) !== 'production' };
    };
    cancel(item);
    // a service takes its configs with it
    for (const config of kept.items) if (item.kind === 'service' && config.kind === 'config' && config.body['network_service'] === item.id) cancel(config);
    return { status: 202, body: show(item) };
  };

  const filters = ['type', 'external_ref', 'network_service', 'connection', 'consuming_account', 'managing_account', 'state', 'address', 'product_offering'];
  const listed = (all: readonly Readonly<Record<string, unknown>>[], query: URLSearchParams): Reply => {
    const isNot = query.get('state__is_not');
    // what a filter is not known by is ignored, as the real ones do
    const found = all.filter(
      (one) => filters.every((name) => !query.has(name) || !(name in one) || one[name] === query.get(name)) && (isNot === null || one['state'] !== isNot),
    );
    if (data.schemaVersion !== '2.7.1') return { status: 200, body: found };
    const offset = Number(query.get('page_offset') ?? '0');
    const page = found.slice(offset, offset + pageSize);
    return { status: offset + page.length < found.length ? 206 : 200, body: page };
  };

  const answer = ({ method, parts, query, body }: Asked): Reply => {
    const [name = '', id, what] = parts;
    if (method === 'GET' && Object.hasOwn(singles, name)) return { status: 200, body: singles[name] };
    const fixed = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (fixed && method === 'GET') {
      if (id === undefined) return listed(fixed, query);
      const one = fixed.find((each) => each['id'] === id);
      return one ? { status: 200, body: one } : notFound();
    }
    const kind = Object.hasOwn(collections, name) ? collections[name] : undefined;
    if (kind === undefined) return notFound();
    if (id === undefined) {
      if (method === 'GET') return listed(kept.items.filter((item) => item.kind === kind).map(show), query);
      return method === 'POST' ? create(kind, record(body)) : problem(405, 'method-not-allowed', 'Method not allowed.');
    }
    const item = find(kind, id);
    if (!item) return notFound();
    if (what === 'cancellation-policy' && method === 'GET') {
      const policy = policyOf(item, now(), data.pace, { noticeDays: data.noticeDays, laterDays: faults.laterDays });
      return { status: 200, body: item.cancelled ? { decommission_at: item.cancelled.decommissionAt, charged_until: item.cancelled.chargedUntil } : policy };
    }
    if (method === 'GET') return { status: 200, body: show(item) };
    if (method !== 'DELETE') return problem(405, 'method-not-allowed', 'Method not allowed.');
    if (kind === 'service' || kind === 'config') return end(item, body);
    kept.items.splice(kept.items.indexOf(item), 1);
    return { status: 200, body: show(item) };
  };

  return { faults, answer };
}

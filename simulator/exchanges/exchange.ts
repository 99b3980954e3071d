// What an exchange answers, without HTTP: a small IX-API 2 of one account that resells to others.
import { type Faults, type Item, type Kept, type Kind, type Pace, policyOf, stateOf } from './state.ts';

export type Connection = { readonly id: string; readonly account: string; readonly speedMbps: number };

export type ExchangeData = {
  readonly name: string;
  readonly title: string;
  /** 2.1.0 names a service `name` and has no pages, later ones `display_name` and pages. */
  readonly schemaVersion: '2.1.0' | '2.7.1';
  readonly metroArea: string;
  readonly metroAreaNetwork: string;
  readonly account: string;
  readonly connections: readonly Connection[];
  readonly pace: Pace;
  readonly noticeDays: number;
};

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

const isNewOf = ({ schemaVersion }: ExchangeData): boolean => schemaVersion !== '2.1.0';

const offeringsOf = (data: ExchangeData) => {
  const isNew = isNewOf(data);
  const offering = {
    type: 'mp2mp_vc',
    id: `po:cug:${data.name}`,
    name: 'Closed User Group',
    display_name: `Closed User Group ${data.title}`,
    resource_type: 'network_service',
    handover_metro_area: data.metroArea,
    handover_metro_area_network: data.metroAreaNetwork,
    service_metro_area: data.metroArea,
    service_metro_area_network: data.metroAreaNetwork,
    provider_vlans: 'single',
    bandwidth_min: 10,
    bandwidth_max: 10_000,
    physical_port_speed: null,
    service_provider: data.title,
    downgrade_allowed: true,
    upgrade_allowed: true,
    ...(isNew
      ? { contract_terms: `cancelled with a notice of ${data.noticeDays} days, charged to the end of the month`, notice_period: `P${data.noticeDays}D` }
      : {}),
  };
  const peeringLan = { ...offering, type: 'exchange_lan', id: `po:peering:${data.name}`, name: 'Peering LAN', display_name: `Peering LAN ${data.title}` };
  return { offering, peeringLan };
};

const connectionOf = (data: ExchangeData, { id, account, speedMbps }: Connection) => ({
  id,
  name: `Connection ${id}`,
  managing_account: data.account,
  consuming_account: account,
  billing_account: account,
  external_ref: null,
  role_assignments: [],
  mode: 'standalone',
  lacp_timeout: null,
  ports: [],
  speed: speedMbps,
  vlan_types: ['dot1q'],
  outer_vlan_ethertypes: ['0x8100'],
  state: 'production',
  status: [],
});

const accountOf = ({ account, title, metroAreaNetwork }: ExchangeData) => ({
  id: account,
  name: `Hanse at ${title}`,
  metro_area_network_presence: [metroAreaNetwork],
  state: 'production',
  status: [],
});

const implementationOf = ({ schemaVersion }: ExchangeData) => ({
  schema_version: schemaVersion,
  service_version: '1.0.0',
  supported_network_service_types: ['exchange_lan', 'mp2mp_vc'],
  supported_network_service_config_types: ['exchange_lan', 'mp2mp_vc'],
  supported_network_feature_types: [],
  supported_network_feature_config_types: [],
  supported_operations: ['network_services_create', 'network_service_configs_create', 'network_services_destroy', 'network_service_configs_destroy'],
});

/** What nobody changes: single answers, and lists with their members. */
const fixedOf = (data: ExchangeData) => {
  const { offering, peeringLan } = offeringsOf(data);
  const account = accountOf(data);
  const singles: Readonly<Record<string, unknown>> = { implementation: implementationOf(data), ...(isNewOf(data) && { account, extensions: [] }) };
  const lists: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
    'product-offerings': [offering, peeringLan],
    connections: data.connections.map((one) => connectionOf(data, one)),
    accounts: [account],
  };
  return { productId: offering.id, singles, lists };
};

type Ground = { readonly data: ExchangeData; readonly kept: Kept; readonly now: () => number; readonly productId: string };
type Check = (body: Readonly<Record<string, unknown>>) => Reply | null;

/** What is wrong with an order before it is taken. */
const checksOf = ({ data, kept, now, productId }: Ground): Readonly<Record<Kind, Check>> => {
  const isNew = isNewOf(data);
  const isLive = (item: Item): boolean => !['decommissioned', 'archived'].includes(stateOf(item, now(), data.pace));
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
    if (!service || !isLive(service)) return invalid([{ name: 'network_service', reason: 'Unknown network service.' }]);
    const rules = kept.items.filter(
      (item) => item.kind === 'rule' && item.body['network_service'] === service.id && item.body['consuming_account'] === consumer,
    );
    if (!rules.some(({ body: rule }) => rule['type'] === 'allow')) return problem(403, 'permission-denied', 'The account may not join this network service.');
    const port = data.connections.find(({ id }) => id === body['connection']);
    if (!port || port.account !== consumer) return invalid([{ name: 'connection', reason: 'Unknown connection.' }]);
    const { vlan_type: type, vlan } = record(body['vlan_config']);
    if (type !== 'dot1q' || typeof vlan !== 'number' || vlan < 1 || vlan > 4094)
      return invalid([{ name: 'vlan_config.vlan', reason: 'Not a VLAN from 1 to 4094.' }]);
    const taken = kept.items.some(
      (item) => item.kind === 'config' && isLive(item) && item.body['connection'] === port.id && record(item.body['vlan_config'])['vlan'] === vlan,
    );
    return taken ? invalid([{ name: 'vlan_config.vlan', reason: `VLAN ${vlan} is in use on connection ${port.id}.` }]) : null;
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
  const isNew = data.schemaVersion !== '2.1.0';
  const { productId, singles, lists } = fixedOf(data);
  const statusOf = (item: Item, state: string): readonly object[] => {
    const told = (severity: number, tag: string, message: string) => ({ severity, tag, message, attrs: {}, timestamp: new Date(now()).toISOString() });
    if (state === 'error') return [told(3, 'provisioning_failed', item.failed ?? '')];
    const wrong = faults.degraded ?? faults.connections[text(item.body['connection'])];
    return state === 'production' && wrong !== undefined ? [told(3, 'degraded', wrong)] : [];
  };
  const show = (item: Item): Readonly<Record<string, unknown>> => {
    if (item.kind === 'rule' || item.kind === 'mac') return { ...item.body, id: item.id };
    const state = stateOf(item, now(), data.pace);
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

  const checks = checksOf({ data, kept, now, productId });
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
    const item: Item = { id: `${prefixes[kind]}:${kept.number}`, kind, body, at: now(), cancelled: null, failed };
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
    if (!isNew) return { status: 200, body: found };
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

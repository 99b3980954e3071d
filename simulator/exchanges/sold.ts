// What an exchange is and what of it nobody changes: its versions, offerings, connections, account.
import type { Pace } from './state.ts';

export type Connection = { readonly id: string; readonly account: string; readonly speedMbps: number };

export type SchemaVersion = '2.1.0' | '2.4.2' | '2.7.1';

export type ExchangeData = {
  readonly name: string;
  readonly title: string;
  /** From 2.4 on a service has a `display_name` that may be absent in place of `name`, the exchange may choose the tag, and what is given up is `cancelled`; 2.7 has pages. */
  readonly schemaVersion: SchemaVersion;
  readonly metroArea: string;
  readonly metroAreaNetwork: string;
  readonly account: string;
  readonly connections: readonly Connection[];
  readonly pace: Pace;
  readonly noticeDays: number;
};

export const isNewOf = ({ schemaVersion }: ExchangeData): boolean => schemaVersion !== '2.1.0';

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
export const fixedOf = (data: ExchangeData) => {
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

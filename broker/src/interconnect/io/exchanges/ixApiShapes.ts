// What IX-API 2 answers, as far as it is read. Lenient on purpose: fields that are sensitive are left out of what is not one's own, versions rename
// and add fields, and exchanges add their own (IX-API 2.1 to 2.7).
import { z } from 'zod';
import { circuitState } from '../../circuitState.ts';
import type { Observed } from './driver.ts';

const id = z.string().min(1).max(200);
const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .nullish();

const status = z.looseObject({ severity: z.number().catch(6), tag: z.string().max(200).catch(''), message: z.string().catch('') });

const vlanConfig = z.looseObject({ vlan_type: z.string(), vlan: z.number().int().nullish(), outer_vlan: z.number().int().nullish() });

export const tokens = z.looseObject({ access_token: z.string().min(1).max(20_000), refresh_token: z.string().max(20_000).nullish() });

export const implementation = z.looseObject({
  schema_version: z.string().max(50).nullish(),
  supported_network_service_types: z.array(z.string()).nullish(),
});

export const offering = z.looseObject({
  id,
  type: z.string(),
  resource_type: z.string().nullish(),
  handover_metro_area_network: z.string().nullish(),
  service_metro_area_network: z.string().nullish(),
  contract_terms: z.string().nullish(),
  notice_period: z.string().nullish(),
});

export const connection = z.looseObject({ id, state: z.string(), vlan_types: z.array(z.string()).nullish() });

/** A NetworkService or a NetworkServiceConfig. */
export const ordered = z.looseObject({
  id,
  type: z.string(),
  state: z.string().max(100),
  status: z.array(status).max(1000).nullish(),
  external_ref: z.string().nullish(),
  connection: z.string().nullish(),
  network_service: z.string().nullish(),
  vlan_config: vlanConfig.nullish().catch(null),
  decommission_at: date,
  charged_until: date,
});
export type Ordered = z.output<typeof ordered>;

export const joiningRule = z.looseObject({ id, type: z.string(), network_service: z.string(), consuming_account: z.string().nullish() });
export const mac = z.looseObject({ id, address: z.string(), consuming_account: z.string().nullish() });
export const policy = z.looseObject({
  decommission_at: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  charged_until: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
});

export const problem = z.looseObject({
  type: z.string().catch(''),
  title: z.string().catch(''),
  detail: z.string().nullish().catch(null),
  properties: z
    .array(z.looseObject({ name: z.string().catch(''), reason: z.unknown() }))
    .nullish()
    .catch(null),
});

/** Words from outside: bounded, and without control characters. */
export const said = (text: string, charactersMax = 300): string => text.replaceAll(/\p{Cc}/gu, ' ').slice(0, charactersMax);

export const vlanOf = ({ vlan_config: config }: Ordered): number | null => config?.vlan ?? config?.outer_vlan ?? null;

export const observed = (one: Ordered): Observed => {
  const told = one.status ?? [];
  return {
    id: one.id,
    state: circuitState({ state: one.state, status: told }),
    told: said(one.state, 100),
    messages: told.slice(0, 20).map(({ tag, message }) => said(`${tag}: ${message}`)),
    vlan: vlanOf(one),
    decommissionAt: one.decommission_at ?? null,
    chargedUntil: one.charged_until ?? null,
  };
};

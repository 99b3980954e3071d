// An exchange that speaks IX-API 2. A LAN's segment is a private mp2mp_vc (NetworkService), everything on it a NetworkServiceConfig with a rule that lets
// its account join. There is no idempotency key in IX-API: every order carries our reference, and is looked up by it before it is sent (again).
import { HanseError } from '../../../errors.ts';
import type { Circuit } from '../../lan.ts';
import type { Quote } from '../../planSteps.ts';
import type { Exchange, ExchangeApi } from '../../topology.ts';
import type { Allowed } from '../../../clusters/index.ts';
import type { Acting, Driver, Observed, Order } from './driver.ts';
import { type IxApiClient, openIxApiClient } from './ixApiClient.ts';
import { connection, implementation, joiningRule, mac, observed, offering, ordered, type Ordered, policy, vlanOf } from './ixApiShapes.ts';

type IxApi = Extract<ExchangeApi, { kind: 'ixApi' }>;

const serviceType = 'mp2mp_vc';
const services = '/network-services';
const configs = '/network-service-configs';
const nameCharactersMax = 40;

const pathOf = ({ kind }: Circuit): string => (kind === 'segment' ? services : configs);

type Api = { readonly client: IxApiClient; readonly title: string; readonly api: IxApi };

const payer = ({ account }: IxApi) => ({ managing_account: account, billing_account: account });

const lookingUp = ({ client, title }: Api) => {
  /** Unknown filters are ignored by exchanges, so that every answer is held against what was asked for. */
  const lookUp = async (circuit: Circuit): Promise<Ordered | null> => {
    const found = (await client.list(pathOf(circuit), ordered, { external_ref: circuit.ref })).filter((one) => one.external_ref === circuit.ref);
    const standing = found.filter((one) => !['ending', 'ended'].includes(observed(one).state));
    if (standing.length > 1)
      throw new HanseError('CONFLICT', `${title} has ${standing.length} orders under ${circuit.ref}: ${standing.map(({ id }) => id).join(', ')}.`, {
        fix: 'Cancel all but one of them at the exchange.',
      });
    return standing[0] ?? found.at(-1) ?? null;
  };
  return lookUp;
};

const products = ({ client, title, api }: Api) => {
  const product = async () => {
    const offered = await client.list('/product-offerings', offering, { type: serviceType });
    const fits = offered.filter(
      (one) =>
        one.type === serviceType &&
        (api.product === undefined || one.id === api.product) &&
        (api.metroAreaNetwork === undefined ||
          (one.handover_metro_area_network === api.metroAreaNetwork && one.service_metro_area_network === api.metroAreaNetwork)),
    );
    const [only, ...more] = fits;
    if (only !== undefined && more.length === 0) return only;
    throw new HanseError(
      'EXCHANGE_REFUSED',
      only === undefined
        ? `${title} offers no product of type ${serviceType} that fits.`
        : `${title} offers ${fits.length} products of type ${serviceType}: ${fits.map(({ id }) => id).join(', ')}.`,
      { fix: 'Name one as `product` of the exchange in the configuration.' },
    );
  };
  return product;
};

const segments = ({ client, api }: Api, product: () => Promise<{ readonly id: string }>) => {
  const { account } = api;
  const orderSegment = async ({ lan, circuit }: Order, acting: Acting): Promise<Ordered> => {
    const name = `hanse-${lan.name}-${lan.id}`.slice(0, nameCharactersMax);
    const { id } = await product();
    return client.post(
      services,
      ordered,
      {
        type: serviceType,
        product_offering: id,
        ...payer(api),
        consuming_account: account,
        public: false,
        external_ref: circuit.ref,
        // required in 2.1, gone from 2.4 on
        ...(api.profile === '2.1' ? { name } : { display_name: name }),
      },
      acting,
    );
  };
  return orderSegment;
};

const attachments = ({ client, title, api }: Api) => {
  const { account } = api;
  const admit = async (segmentId: string, consumer: string, ref: string, acting: Acting): Promise<void> => {
    const rules = await client.list('/member-joining-rules', joiningRule, { network_service: segmentId });
    const isIt = (rule: (typeof rules)[number]): boolean => rule.network_service === segmentId && rule.consuming_account === consumer && rule.type === 'allow';
    if (rules.some(isIt)) return;
    const rule = { type: 'allow', network_service: segmentId, managing_account: account, consuming_account: consumer, external_ref: ref };
    await client.post('/member-joining-rules', joiningRule, rule, acting);
  };

  const macId = async (address: string, consumer: string, ref: string, acting: Acting): Promise<string> => {
    const known = (await client.list('/macs', mac, { address, consuming_account: consumer })).find(
      (one) => one.address.toLowerCase() === address && one.consuming_account === consumer,
    );
    if (known) return known.id;
    return (await client.post('/macs', mac, { managing_account: account, consuming_account: consumer, address, external_ref: ref }, acting)).id;
  };

  const orderConfig = async ({ circuit, segmentId }: Order, acting: Acting): Promise<Ordered> => {
    const consumer = circuit.account ?? account;
    if (segmentId === null) throw new HanseError('STALE_PLAN', `${title}: the segment of ${circuit.ref} was not ordered.`);
    await admit(segmentId, consumer, circuit.ref, acting);
    const macs = circuit.mac === null ? [] : [await macId(circuit.mac, consumer, circuit.ref, acting)];
    return client.post(
      configs,
      ordered,
      {
        type: serviceType,
        network_service: segmentId,
        ...payer(api),
        consuming_account: consumer,
        connection: circuit.connection,
        role_assignments: circuit.roleAssignments,
        capacity: circuit.capacityMbps,
        macs,
        vlan_config: { vlan_type: 'dot1q', vlan: circuit.vlan, vlan_ethertype: '0x8100' },
        external_ref: circuit.ref,
      },
      acting,
    );
  };
  return orderConfig;
};

const isGone = ({ state }: Observed): boolean => state === 'ending' || state === 'ended';

export const ixApiDriver = (exchange: Exchange, api: IxApi, allowedAddresses: Allowed): Driver => {
  const { title } = exchange;
  const client: IxApiClient = openIxApiClient({ title, url: api.url, keyFile: api.keyFile, secretFile: api.secretFile, allowedAddresses });
  const at: Api = { client, title, api };
  const lookUp = lookingUp(at);
  const product = products(at);
  const orderSegment = segments(at, product);
  const orderConfig = attachments(at);
  const policyOf = async (circuit: Circuit, id: string): Promise<Quote> => {
    const { decommission_at: decommissionAt, charged_until: chargedUntil } = await client.get(
      `${pathOf(circuit)}/${encodeURIComponent(id)}/cancellation-policy`,
      policy,
    );
    return { decommissionAt, chargedUntil };
  };

  return {
    async survey() {
      const { supported_network_service_types: types } = await client.get('/implementation', implementation);
      if (types != null && !types.includes(serviceType))
        throw new HanseError(
          'EXCHANGE_REFUSED',
          `${title} does not implement ${serviceType} (it has ${types.join(', ')}), so that no LAN of several members can be ordered there.`,
          {
            fix: 'Set the exchange to kind manual, and order by hand.',
          },
        );
      const { contract_terms: terms, notice_period: notice } = await product();
      return {
        terms: [terms ?? '', notice == null || notice === '' ? '' : `notice period ${notice}`]
          .filter((word) => word !== '')
          .join('; ')
          .slice(0, 500),
      };
    },
    async vlansTaken(id) {
      const found = await client.get(`/connections/${encodeURIComponent(id)}`, connection);
      const types = found.vlan_types ?? [];
      if (!found.state.startsWith('production'))
        throw new HanseError('EXCHANGE_REFUSED', `Connection ${id} at ${title} is ${found.state}, not in production.`, {
          fix: 'Ask the exchange; a connection is ordered and cabled by people.',
        });
      if (types.length > 0 && !types.includes('dot1q'))
        throw new HanseError('EXCHANGE_REFUSED', `Connection ${id} at ${title} takes no VLAN tags (${types.join(', ')}).`);
      const there = (await client.list(configs, ordered, { connection: id })).filter((one) => one.connection === id && observed(one).state !== 'ended');
      return there.flatMap((one) => vlanOf(one) ?? []);
    },
    async order(order, acting) {
      const known = await lookUp(order.circuit);
      if (known) return observed(known);
      return observed(order.circuit.kind === 'segment' ? await orderSegment(order, acting) : await orderConfig(order, acting));
    },
    async find(circuit) {
      const found = await lookUp(circuit);
      return found && observed(found);
    },
    async quote(circuit) {
      const found = await lookUp(circuit);
      if (!found) throw new HanseError('NOT_FOUND', `${title} has no order under ${circuit.ref}.`);
      return policyOf(circuit, found.id);
    },
    async cancel(circuit, quote, acting) {
      const found = await lookUp(circuit);
      if (!found) return { kind: 'cancelled', as: null };
      const now = observed(found);
      if (isGone(now)) return { kind: 'cancelled', as: now };
      const date = quote ?? (await policyOf(circuit, found.id));
      const answer = await client.remove(`${pathOf(circuit)}/${encodeURIComponent(found.id)}`, { decommission_at: date.decommissionAt }, acting);
      if (answer.status === 404) return { kind: 'cancelled', as: null };
      const other = answer.status === 400 ? policy.safeParse(answer.body) : null;
      if (other?.success) return { kind: 'otherDates', quote: { decommissionAt: other.data.decommission_at, chargedUntil: other.data.charged_until } };
      if (answer.status >= 300) throw client.refusal(`to cancel ${found.id}`, answer);
      const as = ordered.safeParse(answer.body);
      return { kind: 'cancelled', as: as.success ? observed(as.data) : now };
    },
    close: () => client.close(),
  };
};

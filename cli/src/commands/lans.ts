// Layer 2: LANs, what is ordered for them, and what the nodes of the sites have to be told.
import type { Circuit, Lan, NodeConfigFormat } from '../../../contract/src/lan.ts';
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { clean, show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = { readonly output: Format };

const nameOf = ({ kind, member, exchange }: Circuit): string => (kind === 'segment' ? exchange : kind === 'attachment' ? member : `${member} at ${exchange}`);

/** Of what stands: the worst, and where. */
const stateOf = ({ circuits }: Lan): string => {
  for (const state of ['failed', 'degraded', 'pending', 'reserved'] as const) {
    const found = circuits.filter((circuit) => circuit.state === state);
    if (found.length > 0) return `${state}: ${found.map(nameOf).join(', ')}`;
  }
  return 'ready';
};

const measuredText = ({ mtuBytes, sent, received, roundTripMs }: NonNullable<Circuit['measured']>): string =>
  [
    ...(mtuBytes === null ? [] : [`${mtuBytes} bytes`]),
    `${sent - received} of ${sent} lost`,
    ...(roundTripMs === null ? [] : [`${roundTripMs.toFixed(1)} ms`]),
  ].join(', ');

export const listLans = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listLans, {});
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['NAME', ({ name }) => name],
        ['NETWORK', ({ ipv4 }) => ipv4],
        ['MTU', ({ mtuBytes }) => mtuBytes],
        ['CLUSTERS', ({ clusters }) => clusters.join(',')],
        ['EXCHANGES', ({ exchanges }) => exchanges.join(',')],
        ['SPLICES', ({ splices }) => splices.join(',')],
        ['STATE', stateOf],
        ['EUR/MONTH', ({ cost }) => cost.eurPerMonth],
      ],
      'There is no LAN: hanse federate orders one where exchanges and sites are configured.',
    ),
  );
  return 'done';
};

export const listCircuits = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listCircuits, {});
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['EXCHANGE', ({ exchange }) => exchange],
        ['KIND', ({ kind }) => kind],
        ['MEMBER', ({ member }) => member],
        ['CONNECTION', ({ connection }) => connection],
        ['VLAN', ({ vlan }) => vlan],
        ['ADDRESS', ({ ipv4 }) => ipv4],
        ['STATE', ({ state }) => state],
        ['SINCE', ({ since }) => since],
        ['SAYS', ({ told, messages }) => [told, ...messages].join('; ')],
        ['MEASURED', ({ measured }) => measured && measuredText(measured)],
        ['ENDS', ({ decommissionAt }) => decommissionAt],
        ['CHARGED UNTIL', ({ chargedUntil }) => chargedUntil],
        ['REFERENCE', ({ ref }) => ref],
      ],
      'Nothing is ordered at any exchange.',
    ),
  );
  return 'done';
};

export const nodeConfig = async (terminal: Terminal, name: string, options: { format: NodeConfigFormat; member?: string }): Promise<Exit> => {
  const query = { format: options.format, ...(options.member !== undefined && { member: options.member }) };
  const { text } = await (await connect(terminal)).call(routes.getNodeConfig, { params: { name }, query });
  terminal.out(clean(text));
  return 'done';
};

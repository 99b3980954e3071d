// Ordering and cancelling as steps of a plan, with what they cost and when a contract ends.
import type { PlanNote, Side, Step } from '../operations/plan.ts';
import { costOf, priceInWords, priceOf } from './cost.ts';
import { type Circuit, circuitTitle, type Lan } from './lan.ts';
import { lanCapacity, tunnelMtu } from './mtu.ts';
import { kinds, type Quote, step } from './planSteps.ts';
import { exchangeOf, type Topology } from './topology.ts';
import type { LanChanges } from './wantedChanges.ts';

export type Drafted = { readonly steps: readonly Step[]; readonly notes: readonly PlanNote[] };

/** What the exchange says of a contract before it is made; empty where it says nothing. */
export type Terms = Readonly<Record<string, string>>;

const broker: Side = { role: 'broker' };

const titleOf = (topology: Topology, name: string): string => exchangeOf(topology, name)?.title ?? name;
/** Whoever's connection it is, the order goes by the account of the one who orders. */
const sideOf = (topology: Topology, { exchange }: Circuit): Side => ({ role: 'exchange', exchange: titleOf(topology, exchange) });
const isManual = (topology: Topology, name: string): boolean => exchangeOf(topology, name)?.api.kind === 'manual';

const atHost = ({ ipv4, capacityMbps }: Circuit): string =>
  [...(capacityMbps === null ? [] : [`${capacityMbps} Mbit/s`]), ...(ipv4 === null ? [] : [ipv4])].join(', ');

const orderTitle = (topology: Topology, circuit: Circuit): string => {
  const at = titleOf(topology, circuit.exchange);
  const price = priceInWords(priceOf(topology, circuit));
  const by = isManual(topology, circuit.exchange) ? 'Have a person order' : 'Order';
  switch (circuit.kind) {
    case 'segment':
      return `${by} a private segment at ${at} (${price})`;
    case 'attachment':
      return `${by} the attachment of ${circuit.member} at ${at}: connection ${circuit.connection}, VLAN ${circuit.vlan}, ${atHost(circuit)} (${price})`;
    case 'spliceEnd':
      return `${by} the end of splice ${circuit.member} at ${at}: connection ${circuit.connection}, VLAN ${circuit.vlan}, ${atHost(circuit)} (${price})`;
  }
};

const undoTitle = (topology: Topology, { exchange }: Circuit): string =>
  isManual(topology, exchange) ? 'Have a person cancel it, if it was ordered' : 'Cancel it at the earliest date that the exchange names';

const segmentOf = (all: readonly Circuit[], { exchange }: Circuit): Circuit | undefined =>
  all.find((one) => one.kind === 'segment' && one.exchange === exchange);

const orderStep = (topology: Topology, { lan, keep, order }: LanChanges, circuit: Circuit): Step => {
  const segment = circuit.kind === 'segment' ? undefined : segmentOf([...keep, ...order], circuit);
  return step(lan, {
    kind: kinds.order,
    title: orderTitle(topology, circuit),
    side: sideOf(topology, circuit),
    undo: { kind: 'undo', title: undoTitle(topology, circuit) },
    circuits: [circuit],
    ...(segment === undefined ? {} : { more: { segment: segment.ref } }),
  });
};

const joinNotes = (topology: Topology, changes: LanChanges, terms: Terms): readonly PlanNote[] => {
  const { lan, tree, clusters, order, keep, mtu } = changes;
  const capacity = lanCapacity(topology, tree, clusters);
  const ordered = costOf(topology, order);
  // a splice whose ends stand is rented already
  const all = costOf(topology, [...keep, ...order]);
  const spans = [...tree.exchanges.map((name) => titleOf(topology, name)), ...tree.splices.map((name) => `splice ${name}`)].join(', ');
  return [
    {
      topic: 'layer 2',
      text: `LAN ${lan.name} (${lan.ipv4}, ${lan.ipv6}) spans ${spans}; on it stand ${clusters.join(', ')}.`,
      data: { id: lan.id, exchanges: [...tree.exchanges], splices: [...tree.splices], clusters: [...clusters] },
    },
    {
      topic: 'MTU',
      text: `${mtu.bytes} bytes, because of ${mtu.because}; ${tunnelMtu(mtu.bytes, 'ipv4')} inside a WireGuard tunnel.${capacity === null ? '' : ` The narrowest part carries ${capacity} Mbit/s.`}`,
      data: { bytes: mtu.bytes, tunnelBytes: tunnelMtu(mtu.bytes, 'ipv4') },
    },
    {
      topic: 'cost',
      text: `This orders ${priceInWords(ordered)}; the whole LAN is ${priceInWords(all)} then.`,
      data: { ordered: { ...ordered }, lan: { ...all } },
    },
    ...Object.entries(terms).map(([exchange, text]): PlanNote => ({ topic: 'contract', text: `${titleOf(topology, exchange)}: ${text}` })),
    {
      topic: 'sites',
      text: `The nodes need their addresses on the LAN: hanse lan config ${lan.name} --format nmstate (or netplan) prints them. The real MTU, loss and round trip are measured from ${lan.name} before anything is peered, and unknown until then.`,
    },
  ];
};

/** From home: nothing of ours runs at a provider before it is peered. */
const measureSteps = ({ lan, order, mtu }: LanChanges): readonly Step[] => {
  const circuits = order.filter(({ kind, member }) => kind === 'attachment' && member !== lan.name);
  if (circuits.length === 0) return [];
  return [
    step(lan, {
      kind: kinds.measure,
      title: `Measure the way from ${lan.name} to ${circuits.map(({ member }) => member).join(', ')}: loss, round trip, and whether ${mtu.bytes} bytes pass`,
      side: { role: 'consumer', cluster: lan.name },
      undo: { kind: 'undo', title: 'Delete the probes' },
      circuits,
      more: { mtuBytes: mtu.bytes },
      attempts: 3,
      timeoutSeconds: 300,
    }),
  ];
};

export const joinSteps = (topology: Topology, changes: LanChanges, terms: Terms): Drafted => {
  const { lan, order, keep, cancel } = changes;
  if (order.length === 0) return { steps: [], notes: [] };
  return {
    steps: [
      step(lan, {
        kind: kinds.reserve,
        title: `Write down the addresses and VLANs of LAN ${lan.name}`,
        side: broker,
        undo: { kind: 'undo', title: 'Forget what was not ordered' },
        circuits: order,
        more: { standing: [...keep, ...cancel].map(({ ref }) => ref) },
      }),
      ...order.map((circuit) => orderStep(topology, changes, circuit)),
      step(lan, {
        kind: kinds.inService,
        title: `Wait until every order of LAN ${lan.name} is in production`,
        side: broker,
        undo: { kind: 'nothing' },
        circuits: order,
      }),
      ...measureSteps(changes),
    ],
    notes: joinNotes(topology, changes, terms),
  };
};

/** Attachments before the segment that they hang on. */
const cancelOrder: Readonly<Record<Circuit['kind'], number>> = { attachment: 0, spliceEnd: 1, segment: 2 };

/** null: the exchange says nothing (it has no API). */
export type Quotes = Readonly<Record<string, Quote | null>>;

const cancelTitle = (topology: Topology, circuit: Circuit, quote: Quote | null): string => {
  const what = `${circuitTitle(circuit)}`;
  if (isManual(topology, circuit.exchange)) return `Have a person cancel ${what}`;
  return quote === null ? `Cancel ${what}` : `Cancel ${what}: it ends on ${quote.decommissionAt} and is charged until ${quote.chargedUntil}`;
};

const quoteText = (topology: Topology, circuit: Circuit, quote: Quote | null): string => {
  const price = priceInWords(priceOf(topology, circuit));
  return quote === null
    ? `${circuitTitle(circuit)} (${price}): ${titleOf(topology, circuit.exchange)} has no API; ask for the dates when you cancel.`
    : `${circuitTitle(circuit)} (${price}): ends on ${quote.decommissionAt}, charged until ${quote.chargedUntil}.`;
};

export const leaveSteps = (topology: Topology, lan: Lan, cancel: readonly Circuit[], quotes: Quotes): Drafted => {
  if (cancel.length === 0) return { steps: [], notes: [] };
  const sorted = [...cancel].sort((a, b) => cancelOrder[a.kind] - cancelOrder[b.kind] || (a.ref < b.ref ? -1 : 1));
  const quoteOf = ({ ref }: Circuit): Quote | null => quotes[ref] ?? null;
  return {
    steps: [
      ...sorted.map((circuit) => {
        const quote = quoteOf(circuit);
        return step(lan, {
          kind: kinds.cancel,
          title: cancelTitle(topology, circuit, quote),
          side: sideOf(topology, circuit),
          undo: { kind: 'irreversible', why: 'Federate again to have it ordered again.' },
          circuits: [circuit],
          more: { quote: quote === null ? null : { ...quote } },
          destructive: true,
        });
      }),
      step(lan, {
        kind: kinds.prove,
        title: 'Ask the exchanges what is left of these orders, and until when it is charged',
        side: broker,
        undo: { kind: 'nothing' },
        circuits: sorted,
      }),
    ],
    notes: sorted.map((circuit): PlanNote => ({ topic: 'cancelled', text: quoteText(topology, circuit, quoteOf(circuit)) })),
  };
};

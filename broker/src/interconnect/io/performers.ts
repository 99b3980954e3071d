// One performer for each kind of step of layer 2. Each asks the exchange what is there before it orders or cancels anything.
import { HanseError } from '../../errors.ts';
import type { Outcome, Performer, Performers, StepContext } from '../../operations/io/performer.ts';
import { type Circuit, circuitTitle } from '../lan.ts';
import { kinds, type StepInput, stepSchema } from '../planSteps.ts';
import { cancelTask, orderTask } from '../task.ts';
import { exchangeOf, type Exchange, type Topology } from '../topology.ts';
import type { Driver, Observed } from './exchanges/driver.ts';
import { measuring, type Probing } from './measure.ts';
import type { Records } from './records.ts';

export type Hands = {
  readonly topology: Topology;
  readonly records: Records;
  /** null: the exchange has no API. */
  driver(exchange: Exchange): Driver | null;
  readonly probing: Probing;
};

type Stage = { readonly context: StepContext; readonly input: StepInput };
type Act = (stage: Stage) => Promise<Outcome>;

const done = (result?: Outcome & { kind: 'done' }): Outcome => result ?? { kind: 'done' };

/** Provisioning takes minutes to days; the watch over circuits is as slow. */
const lookAgainSeconds = 10;

export const asObserved = (circuit: Circuit, { id, state, told, messages, vlan, decommissionAt, chargedUntil }: Observed): Circuit => ({
  ...circuit,
  id,
  state,
  told,
  messages,
  vlan: vlan ?? circuit.vlan,
  decommissionAt,
  chargedUntil,
  since: state === circuit.state ? circuit.since : new Date().toISOString(),
});

const said = ({ told, messages }: Pick<Circuit, 'told' | 'messages'>): string => [told, ...messages].join('; ');

const only = ({ input: { circuits } }: Stage): Circuit => {
  const [circuit, ...more] = circuits;
  if (circuit === undefined || more.length > 0) throw new Error('a step about one circuit is about one');
  return circuit;
};

type Room = Hands & { exchangeAt(circuit: Circuit): Exchange };

const reserving = ({ records }: Room): { readonly reserve: Act; readonly unreserve: Act } => {
  const reserve: Act = async ({ context: { owner }, input: { lan, circuits, standing } }) => {
    await records.reserve(owner, lan, circuits, standing);
    return done();
  };
  const unreserve: Act = async ({ context: { owner }, input: { lan, circuits } }) => {
    for (const circuit of circuits) if ((await records.find(owner, circuit.ref))?.state === 'reserved') await records.forget(owner, circuit);
    await records.tidy(owner, lan.id);
    return done();
  };
  return { reserve, unreserve };
};

const ordering = (room: Room): Act => {
  const { records, exchangeAt } = room;
  const note = async (owner: string, circuit: Circuit, as: Observed): Promise<Outcome> => {
    await records.put(owner, asObserved(circuit, as));
    return { kind: 'done', result: { id: as.id, state: as.told } };
  };

  const order: Act = async (stage) => {
    const { context, input } = stage;
    const circuit = only(stage);
    const exchange = exchangeAt(circuit);
    const driver = room.driver(exchange);
    if (driver === null) return orderByHand(stage, exchange, circuit);
    const segment = input.segment === undefined ? null : await records.find(context.owner, input.segment);
    const observed = await driver.order({ lan: input.lan, circuit, segmentId: segment?.id ?? null }, context);
    if (observed.vlan !== null && observed.vlan !== circuit.vlan)
      throw new HanseError('CONFLICT', `${exchange.title} gave VLAN ${observed.vlan} to ${circuit.ref}, not ${circuit.vlan}.`, {
        fix: 'Keep the tag free on that connection, or narrow sites.vlans to what the exchange gives.',
      });
    return note(context.owner, circuit, observed);
  };
  const orderByHand = async ({ context, input }: Stage, exchange: Exchange, circuit: Circuit): Promise<Outcome> => {
    if (context.answer === undefined) return { kind: 'ask', question: orderTask(exchange, input.lan, circuit) };
    if (context.answer !== 'done') {
      await records.forget(context.owner, circuit);
      throw new HanseError('PROVIDER_REFUSED', `${exchange.title}: ${circuitTitle(circuit)} cannot be ordered, a person said.`);
    }
    await records.put(context.owner, { ...circuit, state: 'ready', told: 'confirmed by a person', since: new Date().toISOString() });
    return { kind: 'done', result: { confirmed: true } };
  };
  return order;
};

const cancelling = (room: Room): { readonly cancel: Act; readonly unorder: Act } => {
  const { records, exchangeAt } = room;
  const cancelIt = async ({ context }: Stage, circuit: Circuit, quote: StepInput['quote']): Promise<Outcome> => {
    const { owner } = context;
    const exchange = exchangeAt(circuit);
    const driver = room.driver(exchange);
    if (driver === null) {
      const wasOrdered = circuit.state !== 'reserved';
      if (context.answer === undefined) return { kind: 'ask', question: cancelTask(exchange, circuit, wasOrdered) };
      await records.forget(owner, circuit);
      return { kind: 'done', result: { confirmed: true } };
    }
    const answer = await driver.cancel(circuit, quote, context);
    if (answer.kind === 'otherDates') return otherDates(context, exchange, circuit, answer.quote);
    if (answer.as === null || answer.as.state === 'ended') {
      await records.forget(owner, circuit);
      return { kind: 'done', result: { left: false } };
    }
    const { decommissionAt, chargedUntil } = answer.as;
    await records.put(owner, asObserved(circuit, { ...answer.as, state: 'ending', vlan: circuit.vlan }));
    return { kind: 'done', result: { left: true, decommissionAt, chargedUntil } };
  };
  /** The plan was approved with a date that has gone by: whoever pays decides again. */
  const otherDates = async (context: StepContext, exchange: Exchange, circuit: Circuit, quote: NonNullable<StepInput['quote']>): Promise<Outcome> => {
    if (context.answer === undefined)
      return {
        kind: 'ask',
        question: {
          text: `${exchange.title} now ends ${circuitTitle(circuit)} on ${quote.decommissionAt} at the earliest and charges it until ${quote.chargedUntil}.`,
          options: [{ key: 'accept', title: 'Cancel it with the dates of now' }],
        },
      };
    return { kind: 'wait', reason: `${exchange.title} changes its dates`, seconds: lookAgainSeconds };
  };

  const cancel: Act = async (stage) => {
    const circuit = only(stage);
    const recorded = await records.find(stage.context.owner, circuit.ref);
    if (recorded === null) return done();
    // accepted: whatever the exchange names now
    return cancelIt(stage, recorded, stage.context.answer === 'accept' ? null : stage.input.quote);
  };

  /** What was ordered by a step that failed or is taken back: cancelled at the earliest date, and recorded until it has ended. */
  const unorder: Act = async (stage) => {
    const { context } = stage;
    const circuit = only(stage);
    const recorded = await records.find(context.owner, circuit.ref);
    if (recorded === null) return done(); // refused by a person, or taken back already
    return cancelIt(stage, recorded, null);
  };
  return { cancel, unorder };
};

const looking = (room: Room): { readonly inService: Act; readonly prove: Act } => {
  const { records, exchangeAt } = room;
  const look = async (owner: string, circuit: Circuit): Promise<Circuit> => {
    const driver = room.driver(exchangeAt(circuit));
    const recorded = (await records.find(owner, circuit.ref)) ?? circuit;
    if (driver === null) return recorded;
    const observed = await driver.find(circuit);
    if (observed === null)
      throw new HanseError('CONFLICT', `${exchangeAt(circuit).title} no longer has ${circuit.ref}.`, { fix: 'Find out who cancelled it there.' });
    const now = asObserved(recorded, observed);
    await records.put(owner, now);
    return now;
  };

  const inService: Act = async ({ context, input: { circuits } }) => {
    const now = await Promise.all(circuits.map((circuit) => look(context.owner, circuit)));
    const [failed] = now.filter(({ state }) => state === 'failed' || state === 'ending' || state === 'ended');
    if (failed)
      throw new HanseError('EXCHANGE_REFUSED', `${exchangeAt(failed).title}: ${circuitTitle(failed)} will not come into production: ${said(failed)}.`);
    const open = now.filter(({ state }) => state !== 'ready' && state !== 'degraded');
    const [first] = open;
    if (first === undefined) return { kind: 'done', result: { circuits: now.length } };
    context.progress(`${now.length - open.length} of ${now.length} are in production`, (now.length - open.length) / now.length);
    return {
      kind: 'wait',
      reason: `${exchangeAt(first).title}: ${circuitTitle(first)} is ${said(first)}${open.length === 1 ? '' : `, and ${open.length - 1} more`}`,
      seconds: lookAgainSeconds,
    };
  };

  const prove: Act = async ({ context: { owner }, input: { lan, circuits } }) => {
    const left: Circuit[] = [];
    for (const circuit of circuits) {
      const driver = room.driver(exchangeAt(circuit));
      const recorded = await records.find(owner, circuit.ref);
      const observed = driver === null ? null : await driver.find(circuit);
      if (observed !== null && observed.state !== 'ending' && observed.state !== 'ended')
        throw new HanseError('CONFLICT', `${exchangeAt(circuit).title} still has ${circuit.ref} as ${observed.told}.`, { fix: 'Cancel it at the exchange.' });
      if (recorded === null) continue;
      if (observed === null || observed.state === 'ended') await records.forget(owner, circuit);
      else left.push(asObserved(recorded, { ...observed, vlan: recorded.vlan }));
    }
    await records.tidy(owner, lan.id);
    return {
      kind: 'done',
      result: { left: left.map(({ ref, decommissionAt, chargedUntil }) => ({ ref, decommissionAt, chargedUntil })) },
    };
  };
  return { inService, prove };
};

export const interconnectPerformers = (hands: Hands): Performers => {
  const { topology } = hands;
  const exchangeAt = (circuit: Circuit): Exchange => {
    const exchange = exchangeOf(topology, circuit.exchange);
    if (exchange === undefined)
      throw new HanseError('NOT_FOUND', `The exchange ${circuit.exchange} is no longer configured.`, { fix: 'Put it back until its circuits have ended.' });
    return exchange;
  };
  const room: Room = { ...hands, exchangeAt };
  const { reserve, unreserve } = reserving(room);
  const { cancel, unorder } = cancelling(room);
  const { inService, prove } = looking(room);
  const { measure, unmeasure } = measuring(room);
  const acts: Readonly<Record<string, { readonly perform: Act; readonly undo?: Act }>> = {
    [kinds.reserve]: { perform: reserve, undo: unreserve },
    [kinds.order]: { perform: ordering(room), undo: unorder },
    [kinds.inService]: { perform: inService },
    [kinds.measure]: { perform: measure, undo: unmeasure },
    [kinds.cancel]: { perform: cancel },
    [kinds.prove]: { perform: prove },
  };
  const staged =
    (act: Act) =>
    (context: StepContext): Promise<Outcome> =>
      act({ context, input: stepSchema.parse(context.step.input) });
  return Object.fromEntries(
    Object.entries(acts).map(([kind, { perform, undo }]): [string, Performer] => [kind, { perform: staged(perform), ...(undo ? { undo: staged(undo) } : {}) }]),
  );
};

// Measures a LAN from home before anything is peered, and leaves nothing of its probes.
import { hasEnded, readPodReport } from '../../clusters/index.ts';
import type { Kube, Ref } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Question } from '../../operations/journal.ts';
import type { Outcome, StepContext } from '../../operations/io/performer.ts';
import type { Circuit } from '../lan.ts';
import { inWords, judge, type Measured, readProbe, type Reading, sizesToTry } from '../measurement.ts';
import type { StepInput } from '../planSteps.ts';
import { lanProbe, lanProbeName, lanProbeNamespace, lanProbeSpace, probeSecondsMax } from '../probe.ts';
import type { Records } from './records.ts';

export type Probing = {
  kube(owner: string, cluster: string): Promise<Kube>;
  /** null: not known. */
  liqoIdOf(owner: string, cluster: string): Promise<string | null>;
  readonly image: string;
};

type Room = { readonly records: Pick<Records, 'find' | 'put'>; readonly probing: Probing };
type Stage = { readonly context: StepContext; readonly input: StepInput };
type Target = { readonly circuit: Circuit; readonly reading: Reading };

const refOf = (operation: string): Ref => ({ apiVersion: 'v1', kind: 'Namespace', name: lanProbeNamespace(operation) });

const silentQuestion = (home: string, lan: string, silent: readonly Circuit[]): Question => ({
  text: `Nothing comes back from ${silent.map(({ member, ipv4 }) => `${member} (${ipv4})`).join(', ')}: a node of the site has its address not yet (hanse lan config ${lan}), ${home} has no way there, or the circuit carries nothing.`,
  options: [
    { key: 'again', title: 'Measure again' },
    { key: 'goOn', title: 'Peer without having measured it' },
    { key: 'refused', title: 'Take everything back' },
  ],
});

export const measuring = ({ records, probing }: Room) => {
  const homeKube = async ({ context, input }: Stage): Promise<Kube> =>
    (await probing.kube(context.owner, input.lan.name)).with({ guard: context.guard, signal: context.signal });

  const startRemoving = async (kube: Kube, operation: string): Promise<void> => {
    const found = await kube.get(refOf(operation));
    const { labels, uid, deletionTimestamp } = found?.metadata ?? {};
    if (labels?.['hanse.dev/operation'] !== operation || uid === undefined || deletionTimestamp !== undefined) return;
    await kube.delete(refOf(operation), { uid });
  };
  const remove = async (kube: Kube, operation: string): Promise<void> => {
    await startRemoving(kube, operation);
    await kube.until(refOf(operation), (object) => object === null, { what: 'the namespace of the probes to be gone', timeoutSeconds: 90 });
  };

  const ask = async (kube: Kube, { context, input }: Stage, circuit: Circuit): Promise<Reading> => {
    const peer = await probing.liqoIdOf(context.owner, circuit.member);
    if (peer === null || circuit.ipv4 === null) return { kind: 'unknown', why: 'it has no address or no identity yet' };
    const namespace = lanProbeNamespace(context.operation);
    const name = lanProbeName(circuit);
    const { operation } = context;
    await kube.create(
      lanProbe({ namespace, name, operation, image: probing.image, lan: input.lan, peer, address: circuit.ipv4, sizes: sizesToTry(input.mtuBytes ?? 1500) }),
    );
    const ended = await kube.until({ apiVersion: 'v1', kind: 'Pod', namespace, name }, hasEnded, {
      what: `the probe of the way to ${circuit.member} to report`,
      timeoutSeconds: probeSecondsMax,
    });
    return readProbe(readPodReport(ended).message, { at: new Date().toISOString(), from: input.lan.name });
  };

  /** A measurement that cannot be made leaves what it would have said unknown, and is no reason not to peer. */
  const readAll = async (kube: Kube, stage: Stage): Promise<readonly Target[]> => {
    const { context, input } = stage;
    const unknown = (why: string): readonly Target[] => input.circuits.map((circuit) => ({ circuit, reading: { kind: 'unknown', why } }));
    try {
      await remove(kube, context.operation);
      await kube.create(lanProbeSpace(context.operation));
      return await Promise.all(input.circuits.map(async (circuit) => ({ circuit, reading: await ask(kube, stage, circuit) })));
    } catch (error) {
      if (!(error instanceof HanseError) || error.code === 'LEASE_LOST' || context.signal.aborted) throw error;
      return unknown(error.message);
    } finally {
      await startRemoving(kube, context.operation).catch(() => {}); // undone, or done by the next attempt
    }
  };

  const keep = async (owner: string, circuit: Circuit, measured: Measured): Promise<void> => {
    const recorded = await records.find(owner, circuit.ref);
    if (recorded !== null) await records.put(owner, { ...recorded, measured });
  };

  const measure = async (stage: Stage): Promise<Outcome> => {
    const { context, input } = stage;
    const { name: home } = input.lan;
    if (context.answer === 'refused') throw new HanseError('REFUSED', `Nothing came back over the LAN of ${home}, and a person decided not to peer over it.`);
    if (context.answer === 'goOn') return { kind: 'done', result: { notMeasured: input.circuits.map(({ member }) => member) } };
    const targets = await readAll(await homeKube(stage), stage);
    const planned = input.mtuBytes ?? 0;
    const verdicts = targets.flatMap(({ circuit, reading }) =>
      reading.kind === 'measured' ? [{ circuit, measured: reading.measured, verdict: judge(reading.measured, planned) }] : [],
    );
    for (const { circuit, measured, verdict } of verdicts) if (verdict !== 'silent') await keep(context.owner, circuit, measured);
    const narrow = verdicts.find(({ verdict }) => verdict === 'narrow');
    if (narrow !== undefined)
      throw new HanseError(
        'PREFLIGHT_FAILED',
        `Packets of ${planned} bytes do not pass whole between ${home} and ${narrow.circuit.member}: ${inWords(narrow.measured)}.`,
        { fix: `Ask who carries the way which MTU it has, and set mtuBytes of that exchange, splice or site in the configuration.` },
      );
    const silent = verdicts.filter(({ verdict }) => verdict === 'silent').map(({ circuit }) => circuit);
    if (silent.length > 0) return { kind: 'ask', question: silentQuestion(home, input.lan.name, silent) };
    const said = targets.map(({ circuit: { member }, reading }) =>
      reading.kind === 'measured' ? { member, measured: inWords(reading.measured) } : { member, unknown: reading.why },
    );
    for (const { member, measured, unknown } of said) context.progress(`${home} to ${member}: ${measured ?? `not measured, ${unknown}`}`);
    return { kind: 'done', result: { ways: said } };
  };

  const unmeasure = async (stage: Stage): Promise<Outcome> => {
    await remove(await homeKube(stage), stage.context.operation);
    return { kind: 'done' };
  };
  return { measure, unmeasure };
};

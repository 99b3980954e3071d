// What a provider does: see who uses its clusters, and answer.
import type { Consumer } from '../../../contract/src/consumer.ts';
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import { type Exit, failWith } from '../failure.ts';
import { ageOf, type Format, show, tableOf } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { type ChangeOptions, undertake } from '../undertake.ts';

export const requests = async (terminal: Terminal, options: { output: Format }): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listConsumers, {});
  const words = (resources: Readonly<Record<string, string>>): string =>
    ['cpu', 'memory', 'pods'].flatMap((name) => (resources[name] === undefined ? [] : [`${name} ${resources[name]}`])).join(', ');
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['CONSUMER', ({ consumer }) => consumer],
        ['CLUSTER', ({ cluster }) => cluster],
        ['SINCE', ({ since, federatedSince }) => (since === null ? null : ageOf(federatedSince ?? since, Date.now()))],
        ['ANSWER', ({ answer, standing }) => (standing === 'open' ? answer : `${answer} (${standing})`)],
        [
          'AT MOST',
          ({ maxCpu, maxMemory, maxPods }) =>
            words(
              Object.fromEntries(
                Object.entries({ cpu: maxCpu, memory: maxMemory, pods: maxPods }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
              ),
            ),
        ],
        ['USES', ({ wishes }) => wishes.map(({ resources, state }) => `${words(resources)} (${state})`).join('; ')],
        ['RUNS', ({ running }) => (running.pods === 0 ? null : `${running.pods} pods, cpu ${running.cpuMillis / 1000}`)],
        ['UNDER', ({ plan }) => plan],
        ['REASON', ({ reason }) => reason],
      ],
      'No consumer has an account at a cluster of yours.',
    ),
  );
  return 'done';
};

export type LendOptions = ChangeOptions & { cluster?: string; reason?: string; cpu?: string; memory?: string; pods?: string; force?: boolean };
type Said = { readonly answer?: 'yes' | 'ask' | 'no'; readonly standing?: Consumer['standing'] };

/** What is not said stays as it is. */
export const lend = async (terminal: Terminal, consumer: string, said: Said, options: LendOptions): Promise<Exit> => {
  const { cluster, reason, cpu, memory, pods, force } = options;
  const says = [...Object.values(said), reason, cpu, memory, pods].some((value) => value !== undefined);
  if (!says) throw failWith('usage', 'Nothing says what is limited.', "Give --cpu, --memory or --pods; '' takes a limit away (--cpu '').");
  const request = { consumer, cluster, ...said, reason, maxCpu: cpu, maxMemory: memory, maxPods: pods, force };
  return undertake(terminal, 'lend', Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)), options);
};

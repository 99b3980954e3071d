// Pods whose script asks a Service and writes into /dev/termination-log when `arriving` answered first and `leaving` last. The script itself is never run: what it does
// is done here, with real requests through the tables of the cluster that the pod runs in.
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from '../apiServer.ts';
import { isSender, text } from '../controllers/read.ts';
import type { Stored } from '../object.ts';
import type { World } from '../world.ts';
import type { Lan } from '../lan.ts';
import { isPing } from './pings.ts';
import { runsHere, type PodListeners } from './pods.ts';
import type { Proxy } from './proxy.ts';
import { end } from './report.ts';

const askEveryMs = 60;
const answerMsMax = 1_000;
const lifeMs = 60_000;

/**
 * `quietMs` without the endpoint that goes: it is gone. `patienceMs` without the one that should come after the other went: it does not come here.
 */
export type SenderPace = { readonly quietMs: number; readonly patienceMs: number };
type Options = { readonly pods: PodListeners; readonly pace: SenderPace; readonly lan: Lan; proxyOf(member: Member): Proxy };

export function keepSenders(world: World, { pods, pace: { quietMs, patienceMs }, proxyOf, lan }: Options): { close(): void } {
  const running = new Set<string>();
  let isClosed = false;
  const look = (member: Member, pod: Stored): void => {
    const { uid } = pod.metadata;
    if (running.has(uid) || !isSender(pod) || isPing(pod) || text(pod, 'status.phase') !== 'Running' || !runsHere(member, pod)) return;
    running.add(uid);
    void send(member, pod)
      .then((message) => end(member, pod, message))
      .finally(() => running.delete(uid));
  };
  const send = async (member: Member, { metadata: { namespace = '', uid } }: Stored): Promise<string | null> => {
    const proxy = proxyOf(member);
    const service = member.objects.all('v1', 'Service', namespace)[0]?.metadata.name ?? '';
    const stillThere = (): boolean => !isClosed && member.objects.all('v1', 'Pod', namespace).some((pod) => pod.metadata.uid === uid);
    let [first, last, failed, sent] = [0, 0, 0, 0];
    for (const until = Date.now() + lifeMs; Date.now() < until; await pause(askEveryMs)) {
      if (!stillThere()) return null;
      const target = pods.at(proxy.pick(namespace, service) ?? '');
      const way = target && lan.way(member.name, target.member);
      if (way) await pause(way.roundTripMs);
      const name = await ask(way ? target.port : undefined);
      const now = Date.now();
      if (name !== null || sent > 0) sent += 1; // from the first that was answered on
      if (name === null && sent > 0) failed += 1;
      if (name === 'leaving') last = now;
      if (name === 'arriving' && first === 0) first = now;
      if ((first !== 0 && now - last > quietMs) || (last !== 0 && now - last > patienceMs)) break;
    }
    return `${first} ${last} ${failed} ${sent}\n`;
  };
  const stops = world.members.map((member) => member.objects.onChange(({ kind, object }) => kind.kind === 'Pod' && look(member, object)));
  for (const member of world.members) for (const pod of member.objects.all('v1', 'Pod')) look(member, pod);
  return {
    close() {
      isClosed = true;
      for (const stop of stops) stop();
    },
  };
}

/** The first line of the answer on a connection of its own; null: there was none in time. */
const ask = (port: number | undefined): Promise<string | null> =>
  new Promise((resolve) => {
    if (port === undefined) return resolve(null);
    const request = get({ port, host: '127.0.0.1', path: '/hostname', agent: false, timeout: answerMsMax }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      response.on('end', () => resolve(body.trim()));
      response.on('error', () => resolve(null));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });

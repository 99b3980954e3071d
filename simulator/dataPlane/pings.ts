// Pods that ping an address on a LAN and write what came back into /dev/termination-log. The script itself is never run: what it is told (COUNT, SIZES) is done over the
// way as it is. Nobody tells an exchange which address belongs to whom; the pod's label does. Sites have laid the addresses that they were given.
import type { Member } from '../apiServer.ts';
import { isSender, label, rows, text } from '../controllers/read.ts';
import type { Way } from '../exchanges/ways.ts';
import type { Lan } from '../lan.ts';
import type { Stored } from '../object.ts';
import type { World } from '../world.ts';
import { runsHere } from './pods.ts';
import { end } from './report.ts';

/** Whom it measures, by its Liqo cluster id: here the member's name. */
const peerLabel = 'hanse.dev/measures';
const interfaceMtuBytes = 9000;

export const isPing = (pod: Stored): boolean => isSender(pod) && label(pod, peerLabel) !== '';

export function keepPings(world: World, lan: Pick<Lan, 'way'>): { close(): void } {
  const running = new Map<string, NodeJS.Timeout>();
  const look = (member: Member, pod: Stored): void => {
    const { uid } = pod.metadata;
    if (running.has(uid) || !isPing(pod) || text(pod, 'status.phase') !== 'Running' || !runsHere(member, pod)) return;
    const way = lan.way(member.name, label(pod, peerLabel));
    const report = (): void => {
      running.delete(uid);
      const now = member.objects.find('v1', 'Pod', pod.metadata.namespace, pod.metadata.name);
      if (now?.metadata.uid === uid) end(member, now, said(pod, way));
    };
    running.set(uid, setTimeout(report, way?.roundTripMs ?? 0));
  };
  const stops = world.members.map((member) => member.objects.onChange(({ kind, object }) => kind.kind === 'Pod' && look(member, object)));
  for (const member of world.members) for (const pod of member.objects.all('v1', 'Pod')) look(member, pod);
  return {
    close() {
      for (const stop of stops) stop();
      for (const timer of running.values()) clearTimeout(timer);
    },
  };
}

function said(pod: Stored, way: Way | null): string {
  const told = (name: string): string => text(rows(rows(pod, 'spec.containers')[0], 'env').find((one) => one['name'] === name) ?? {}, 'value');
  const sent = Number(told('COUNT'));
  if (way === null) return `own=${interfaceMtuBytes} sent=${sent} received=0 rtt= mtu=\n`;
  const lost = Array.from({ length: sent }, () => Math.random() * 100 < way.lossPercent).filter(Boolean).length;
  const passes = told('SIZES')
    .split(' ')
    .find((size) => Number(size) <= Math.min(way.mtuBytes, interfaceMtuBytes));
  return `own=${interfaceMtuBytes} sent=${sent} received=${sent - lost} rtt=${way.roundTripMs.toFixed(3)} mtu=${passes ?? ''}\n`;
}

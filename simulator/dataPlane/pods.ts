// A simulated pod is a real HTTP listener on a port of its own: it is there from the moment its containers run, and ends with the pod, connections and all.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Member } from '../apiServer.ts';
import { label, text } from '../controllers/read.ts';
import type { Stored } from '../object.ts';
import type { World } from '../world.ts';

/** The same pod has the same address and name at home and at its provider; addresses alone may be used twice where pod ranges collide. */
export const podKey = (address: string, name: string): string => `${address}/${name}`;

export type PodListeners = {
  /** With the member where it runs. undefined: nothing listens there (any more). */
  at(key: string): { readonly port: number; readonly member: string } | undefined;
  close(): void;
};

type Listener = { readonly server: Server; readonly member: string; port: number | undefined };

export function keepListeners(world: World): PodListeners {
  const listeners = new Map<string, Listener>();
  const open = (key: string, member: Member, { metadata: { name, namespace } }: Stored): void => {
    const server = createServer((request, response) => {
      if (request.url === '/hostname') return void response.end(`${name}\n`);
      response.setHeader('content-type', 'application/json');
      response.end(`${JSON.stringify({ pod: name, namespace, cluster: member.name })}\n`);
    });
    const listener: Listener = { server, member: member.name, port: undefined };
    listeners.set(key, listener);
    server.listen(0, '127.0.0.1', () => void (listener.port = (server.address() as AddressInfo).port));
    server.unref();
  };
  const end = (key: string): void => {
    const found = listeners.get(key);
    listeners.delete(key);
    found?.server.close();
    found?.server.closeAllConnections();
  };
  const look = (member: Member, pod: Stored, isGone: boolean): void => {
    const address = text(pod, 'status.podIP');
    if (!address || !runsHere(member, pod)) return;
    const key = podKey(address, pod.metadata.name);
    if (isGone || text(pod, 'status.phase') !== 'Running') end(key);
    else if (!listeners.has(key)) open(key, member, pod);
  };
  for (const member of world.members) for (const pod of member.objects.all('v1', 'Pod')) look(member, pod, false);
  const stops = world.members.map((member) =>
    member.objects.onChange(({ kind, object, type }) => {
      if (kind.kind === 'Pod') look(member, object, type === 'DELETED');
    }),
  );
  return {
    at(key) {
      const { port, member } = listeners.get(key) ?? {};
      return port === undefined || member === undefined ? undefined : { port, member };
    },
    close() {
      for (const stop of stops) stop();
      for (const key of listeners.keys()) end(key);
    },
  };
}

/** On a node of the member's own, not on one that stands for a provider. */
export function runsHere(member: Member, pod: Stored): boolean {
  const node = member.objects.find('v1', 'Node', undefined, text(pod, 'spec.nodeName'));
  return node !== undefined && label(node, 'liqo.io/type') !== 'virtual-node';
}

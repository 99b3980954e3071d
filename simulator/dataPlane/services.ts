// Every Service of the home cluster has a real address on this machine that forwards each connection to one of its pods, for as long as the connection lives.
import { createServer, type Server, type Socket } from 'node:net';
import type { Member } from '../apiServer.ts';
import { plain } from '../controllers/read.ts';
import type { Disk } from '../disk.ts';
import type { Stored } from '../object.ts';
import type { Lan } from '../lan.ts';
import { listenAt } from '../ports.ts';
import { carry } from './carry.ts';
import type { PodListeners } from './pods.ts';
import type { Proxy } from './proxy.ts';

export type ServiceAddresses = {
  /** `namespace/name` → `http://127.0.0.1:PORT` */
  list(): Readonly<Record<string, string>>;
  close(): void;
};

type Door = { readonly server: Server; readonly sockets: Set<Socket>; port: number | undefined };

export function keepServices(
  home: Member,
  { disk, proxy, pods, lan }: { readonly disk: Disk; readonly proxy: Proxy; readonly pods: PodListeners; readonly lan: Lan },
): ServiceAddresses {
  const doors = new Map<string, Door>();
  const keyOf = ({ metadata: { namespace = '', name } }: Stored): string => `${namespace}/${name}`;
  const open = (service: Stored): void => {
    const { namespace = '', name } = service.metadata;
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (client) => {
      sockets.add(client);
      client.once('close', () => sockets.delete(client));
      client.on('error', () => client.destroy());
      const target = pods.at(proxy.pick(namespace, name) ?? '');
      if (target === undefined) return void client.resetAndDestroy(); // as a node does that has no way to it
      carry(client, target.port, () => lan.way(home.name, target.member));
    });
    const door: Door = { server, sockets, port: undefined };
    doors.set(keyOf(service), door);
    listenAt(server, disk, `service.${namespace}.${name}`).then(
      (port) => {
        door.port = port;
        if (doors.get(keyOf(service)) !== door) end(door);
      },
      (error: unknown) => process.stderr.write(`${keyOf(service)}: ${error instanceof Error ? error.message : String(error)}\n`),
    );
  };
  const end = ({ server, sockets }: Door): void => {
    server.close(() => {});
    for (const socket of sockets) socket.destroy();
  };
  const look = (service: Stored, isGone: boolean): void => {
    const known = doors.get(keyOf(service));
    const isWanted = !isGone && Object.keys(plain(service, 'spec.selector')).length > 0;
    if (isWanted && !known) open(service);
    if (!isWanted && known) {
      doors.delete(keyOf(service));
      end(known);
    }
  };
  for (const service of home.objects.all('v1', 'Service')) look(service, false);
  const stop = home.objects.onChange(({ kind, object, type }) => {
    if (kind.kind === 'Service') look(object, type === 'DELETED');
  });
  return {
    list: () => Object.fromEntries([...doors].flatMap(([key, { port }]) => (port === undefined ? [] : [[key, `http://127.0.0.1:${port}`]]))),
    close() {
      stop();
      for (const door of doors.values()) end(door);
    },
  };
}

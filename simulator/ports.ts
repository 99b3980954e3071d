// Every part listens where it listened the last time: what the broker was told of it stays true.
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isPlain } from './fields.ts';
import type { Disk } from './disk.ts';

/** Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 elsewhere). */
const firstPort = 17_480;
const portsMax = 15_000;
/** A killed process's port is free again at once, a closing one's a little later. */
const patienceMs = 5_000;

/** Listens on 127.0.0.1 at this part's port, remembered from its first start on. Answers the port. */
export async function listenAt(server: Server, disk: Disk, part: string): Promise<number> {
  const ports = remembered(disk);
  const own = ports[part];
  if (own !== undefined) {
    for (const end = Date.now() + patienceMs; ; await pause(50)) {
      if (await listens(server, own)) return own;
      if (Date.now() > end)
        throw new Error(
          `port ${own} of 127.0.0.1, where ${part} of the demo listens, is taken by another program: end that one, or move the folder of the demo away`,
        );
    }
  }
  // somewhere in the range: of two demos on one machine neither takes what the other had before a pause
  const start = Math.floor(Math.random() * portsMax);
  for (let n = 0; n < portsMax; n += 1) {
    const port = firstPort + ((start + n) % portsMax);
    if (Object.values(ports).includes(port)) continue;
    if (!(await listens(server, port))) continue;
    ports[part] = port;
    await disk.write('ports', ports);
    return port;
  }
  throw new Error(`no port from ${firstPort} on is free`);
}

type Ports = Record<string, number>;
/** Several parts start at once and share one record. */
const known = new WeakMap<Disk, Ports>();

function remembered(disk: Disk): Ports {
  const there = known.get(disk);
  if (there) return there;
  const found = disk.read('ports');
  const ports: Ports = {};
  if (isPlain(found)) for (const [part, port] of Object.entries(found)) if (typeof port === 'number') ports[part] = port;
  known.set(disk, ports);
  return ports;
}

const listens = (server: Server, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      server.off('listening', listening);
      if ('code' in error && error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    const listening = (): void => {
      server.off('error', failed);
      resolve(true);
    };
    server.once('error', failed);
    server.once('listening', listening);
    server.listen(port, '127.0.0.1');
  });

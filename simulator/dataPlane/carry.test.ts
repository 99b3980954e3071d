import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Way } from '../exchanges/ways.ts';
import { carry } from './carry.ts';

const well: Way = { roundTripMs: 20, lossPercent: 0, mtuBytes: 9000 };
const long = 'x'.repeat(200_000);
const open: (Server | HttpServer)[] = [];
const listen = async <S extends Server | HttpServer>(server: S): Promise<number> => {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Answers the port of a door to a pod that answers with `long`, over a way that may change. */
const door = async (way: () => Way | null): Promise<number> => {
  const pod = await listen(createHttpServer((_, response) => void response.end(long)));
  return listen(createServer({ allowHalfOpen: true }, (client) => carry(client, pod, way)));
};

describe('a connection between two members', () => {
  it('brings the whole answer, also of a pod that closes at once and to a client that said all that it had to say', async () => {
    const port = await door(() => well);
    const text = await new Promise<string>((resolve, reject) => {
      let got = '';
      const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => client.end('GET / HTTP/1.0\r\nconnection: close\r\n\r\n'));
      client.on('data', (piece: Buffer) => (got += piece.toString()));
      client.on('end', () => resolve(got));
      client.on('error', reject);
    });
    expect(text.endsWith(long)).toBe(true);
  });

  it('is refused where there is no way, and breaks off where it ends', async () => {
    let way: Way | null = null;
    const port = await door(() => way);
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow(/fetch failed/);
    way = well;
    const client = connect({ port, host: '127.0.0.1' }, () => client.write('GET / HTTP/1.1\r\nhost: x\r\n'));
    const gone = new Promise((resolve) => client.on('close', resolve).on('error', () => {}));
    way = null;
    client.write('\r\n');
    await gone;
  });
});

// What strangers serve is read no further than the limit, in whatever wrapping, and leads nowhere inside.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newAuthority } from '../../../../simulator/pki.ts';
import { fetchText } from './fetchText.ts';

const mebibyte = 1024 * 1024;
let server: Server;
let ca = '';
let sent = 0;
beforeAll(async () => {
  const authority = await newAuthority('fetched');
  ca = authority.caPem;
  server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://x');
    if (pathname === '/to') return void response.writeHead(302, { location: searchParams.get('at') ?? '' }).end();
    if (pathname === '/packed') return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100 * mebibyte)));
    response.writeHead(200);
    const more = (): void => {
      while (sent < 100 * mebibyte && !response.destroyed) {
        sent += mebibyte;
        if (!response.write(Buffer.alloc(mebibyte, 65))) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const hostOf = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
const fetched = (path: string) => fetchText(`https://${hostOf()}${path}`, { allowed: [hostOf()], bytesMax: mebibyte, ca });

test('of a hundred megabytes no more is taken than the limit', async () => {
  expect(await fetched('/endless')).toEqual({ failure: expect.stringContaining('too large') });
  // what lies in the buffers of the way was sent, the rest was not
  expect(sent).toBeLessThan(50 * mebibyte);
});

test('what comes packed is not unpacked', async () => {
  const found = await fetched('/packed');
  expect('failure' in found || found.text.length < mebibyte).toBe(true);
});

test.each(['https://169.254.169.254/', 'https://[::1]/', 'https://localhost/', 'http://example.com/', 'file:///etc/passwd', '//127.0.0.1:1/'])(
  'is not led to %s',
  async (at) => {
    expect(await fetched(`/to?at=${encodeURIComponent(at)}`)).toHaveProperty('failure');
  },
);

test('is not led in a circle', async () => {
  expect(await fetched('/to?at=/to%3Fat%3D/to')).toHaveProperty('failure');
});

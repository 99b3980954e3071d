import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAuthority } from '../../../../simulator/pki.ts';
import { fetchManifests } from './fetchManifests.ts';

let server: Server;
let ca: string;
let at: string;
const answers: Record<string, RequestListener> = {
  '/app.yaml': (_request, response) => response.end('kind: Service\n'),
  '/again': (_request, response) => response.writeHead(302, { location: '/app.yaml' }).end(),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/inside': (_request, response) => response.writeHead(302, { location: 'https://169.254.169.254/latest/meta-data' }).end(),
  '/plain': (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1/app.yaml' }).end(),
  '/endless': (_request, response) => {
    const chunk = Buffer.alloc(65_536, 'x');
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  },
  '/binary': (_request, response) => response.end(Buffer.from([0xff, 0xfe, 0x00])),
};

beforeAll(async () => {
  const { caPem, certPem, keyPem } = await newAuthority('files');
  ca = caPem;
  server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  at = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, allowed: readonly string[] = [at]) => fetchManifests(`https://${at}${path}`, allowed, { ca });

describe('fetching manifests from an address that someone named', () => {
  it('answers the text and where it is from, also after a redirect', async () => {
    expect(await get('/app.yaml')).toEqual({ file: `https://${at}/app.yaml`, text: 'kind: Service\n' });
    expect(await get('/again')).toMatchObject({ text: 'kind: Service\n' });
  });

  it('never connects to an address of this machine or its network that is not allowed by name and port', async () => {
    await expect(get('/app.yaml', [])).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('loopback') });
    await expect(fetchManifests(`https://localhost:${at.split(':')[1]}/app.yaml`, [], { ca })).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(get('/inside')).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('metadata') });
  });

  it.each([
    ['http://example.com/x', /http:\/\/ is not taken/],
    ['file:///etc/passwd', /file:\/\/ is not taken/],
    ['https://user:secret@example.com/x', /password/],
    ['nonsense', /no address/],
  ])('refuses %s', async (url, message) => {
    await expect(fetchManifests(url, [])).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringMatching(message) });
    await expect(fetchManifests(url, [])).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it('verifies the certificate', async () => {
    await expect(fetchManifests(`https://${at}/app.yaml`, [at])).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(/certificate/),
    });
  });

  it.each([
    ['/loop', 'INVALID_REQUEST', /more than 3 times/],
    ['/plain', 'INVALID_REQUEST', /not taken/],
    ['/endless', 'TOO_LARGE', /more than/],
    ['/binary', 'INVALID_REQUEST', /UTF-8/],
    ['/missing', 'INVALID_REQUEST', /404/],
  ])('ends at %s', async (path, code, message) => {
    await expect(get(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

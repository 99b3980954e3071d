// What stands in front of a broker that others reach: it speaks https, and calls the broker by its own name.
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newAuthority } from '../simulator/pki.ts';

export type Front = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** PEM of the authority of its certificate. */
  readonly authority: string;
  close(): void;
};

/** `urlOf`: of the broker, asked at each request. */
export async function startFront(urlOf: () => string): Promise<Front> {
  const authority = await newAuthority('front');
  const server = createServer({ cert: authority.certPem, key: authority.keyPem }, (asked, answer) => {
    request(`${urlOf()}${asked.url}`, (got) => void got.pipe(answer.writeHead(got.statusCode ?? 500)))
      .on('error', () => answer.destroy())
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: authority.caPem,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

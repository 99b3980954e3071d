// What stands in front of a broker that others reach: it speaks https, and calls the broker by its own name.
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { newAuthority } from '../simulator/pki.ts';

export type Front = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** PEM of the authority of its certificate. */
  readonly authority: string;
  /** What was asked through it, and what the answer was. */
  readonly passed: { readonly path: string; readonly body: string }[];
  close(): void;
};

/** `urlOf`: of the broker, asked at each request. `bend`: what of an answer is passed on. */
export async function startFront(urlOf: () => string, bend: (body: string) => string = (body) => body): Promise<Front> {
  const authority = await newAuthority('front');
  const passed: Front['passed'] = [];
  const server = createServer({ cert: authority.certPem, key: authority.keyPem }, (asked, answer) => {
    request(`${urlOf()}${asked.url}`, (got) => {
      const pass = async (): Promise<void> => {
        const body = bend(await text(got));
        passed.push({ path: asked.url ?? '', body });
        answer.writeHead(got.statusCode ?? 500).end(body);
      };
      pass().catch(() => answer.destroy());
    })
      .on('error', () => answer.destroy())
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: authority.caPem,
    passed,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

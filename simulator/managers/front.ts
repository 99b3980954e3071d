// A member's API server as another system shows it: tokens of that system are let in, and what it adds is answered before the member is asked.
import { createServer, request as ask } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Member } from '../apiServer.ts';
import type { Disk } from '../disk.ts';
import { listenAt } from '../ports.ts';
import { bearerOf, closeServer, listener } from './serve.ts';

export type Front = { readonly url: string; close(): Promise<void> };

export type FrontOptions = {
  readonly member: Member;
  readonly disk: Disk;
  /** Under which its port is remembered. */
  readonly part: string;
  /** Name of the person to whom this token belongs; null: not one of this system's. */
  whose(token: string): string | null;
  /** true: it was answered. `user`: of this system, or null. */
  answer?(request: IncomingMessage, response: ServerResponse, url: URL, user: string | null): Promise<boolean>;
};

/** It has the member's own certificate: both are one API server to whoever looks. */
export async function startFront({ member, disk, part, whose, answer }: FrontOptions): Promise<Front> {
  const server = createServer(
    { cert: member.authority.certPem, key: member.authority.keyPem },
    listener(
      async (request, response, url) => {
        const user = whose(bearerOf(request));
        if ((await answer?.(request, response, url, user)) === true) return;
        const headers = { ...request.headers };
        if (user !== null) headers.authorization = `Bearer ${member.access.issueFor({ user, groups: ['system:masters', 'system:authenticated'] }, null)}`;
        await forward(member, request, response, headers);
      },
      ({ status, message }) => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status }),
    ),
  );
  const port = await listenAt(server, disk, part);
  return { url: `https://127.0.0.1:${port}`, close: () => closeServer(server) };
}

const forward = (member: Member, request: IncomingMessage, response: ServerResponse, headers: IncomingMessage['headers']): Promise<void> =>
  new Promise((resolve) => {
    const onward = ask(`${member.server}${request.url ?? '/'}`, { method: request.method, headers, ca: member.authority.caPem }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('close', resolve);
    });
    onward.once('error', () => {
      response.destroy();
      resolve();
    });
    // whoever stops watching stops the watch behind it
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  });

// What the managers' servers have in common: a bounded body, an answer in JSON, a fault that is an answer, and an end.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

const bodyMost = 1 << 20;

export class Fault extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyMost) throw new Fault(413, 'too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function sendJson(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(value === undefined ? '' : JSON.stringify(value));
}

/** `bodyOfFault`: how this system writes its errors. */
export const listener =
  (answer: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>, bodyOfFault: (fault: Fault) => unknown): RequestListener =>
  (request, response) => {
    answer(request, response, new URL(request.url ?? '/', 'http://simulator')).catch((error: unknown) => {
      const fault = error instanceof Fault ? error : new Fault(500, error instanceof Error ? error.message : 'unknown');
      if (response.headersSent) response.destroy();
      else sendJson(response, fault.status, bodyOfFault(fault), fault.headers);
    });
  };

export const bearerOf = (request: IncomingMessage): string => /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';

/** Name and password of Basic authentication; null: none was sent. */
export function basicOf(request: IncomingMessage): { readonly user: string; readonly password: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? null : { user: text.slice(0, at), password: text.slice(at + 1) };
}

export async function closeServer(server: Server): Promise<void> {
  if ('closeAllConnections' in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

// One pool of TLS connections for one cluster and one credential: requests with a time limit, bounded answers, the guard held before the bytes leave.
import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { HanseError } from '../../../errors.ts';
import { type Allowed, parseAddress, refuseAddress } from '../../address.ts';
import { checkedLookup } from '../checkedLookup.ts';

/** A token is asked for at each request, because tokens are renewed; a certificate lives as long as its connections. */
export type Credential =
  | { readonly kind: 'token'; readonly token: () => string }
  | { readonly kind: 'certificate'; readonly cert: string; readonly key: string };

export type Target = {
  readonly server: string;
  readonly ca: string;
  readonly credential: Credential;
  readonly allowedAddresses: Allowed;
  /** The name in the server's certificate, where it is reached at another one. */
  readonly tlsServerName?: string;
};

export type Ask = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Called when the request is about to be written to its connection; what it throws ends the request unsent. */
  readonly beforeSending?: () => void;
};

export type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: Readable };

export type Transport = { send(ask: Ask): Promise<Answer>; close(): Promise<void> };

// The API server keeps idle connections for minutes; 30 s is below every load balancer in front of it.
const keepAliveMs = 30_000;
const connectLimitMs = 10_000;
// Watches hold a connection each (HTTP/1.1); requests wait for a free one beyond this.
const connections = 128;

/** Streams the body with back pressure; the request ends when the stream is destroyed. */
const handler = (ask: Ask, resolve: (answer: Answer) => void, reject: (error: Error) => void): Dispatcher.DispatchHandler => {
  let body: Readable | undefined;
  let stopListening = (): void => {};
  return {
    onRequestStart(controller) {
      const abort = (): void => controller.abort(ask.signal.reason instanceof Error ? ask.signal.reason : new Error('aborted'));
      if (ask.signal.aborted) return abort();
      ask.signal.addEventListener('abort', abort, { once: true });
      stopListening = () => ask.signal.removeEventListener('abort', abort);
      try {
        ask.beforeSending?.();
      } catch (error) {
        controller.abort(error instanceof Error ? error : new Error(String(error)));
      }
    },
    onResponseStart(controller, status, headers) {
      if (status < 200) return;
      body = new Readable({
        read: () => controller.resume(),
        destroy: (error, done) => {
          if (body?.readableEnded !== true && !controller.aborted) controller.abort(error ?? new Error('not read to its end'));
          done(error);
        },
      });
      resolve({ status, headers, body });
    },
    onResponseData(controller, chunk) {
      if (body?.push(chunk) === false) controller.pause();
    },
    onResponseEnd() {
      stopListening();
      body?.push(null);
    },
    onResponseError(_controller, error) {
      stopListening();
      if (body === undefined) reject(error);
      else body.destroy(error);
    },
  };
};

/** An idle connection that the server ended as it was being used again: nothing was answered, and what only reads may be asked once more (RFC 9110 §9.2.2). */
const hasHungUp = (error: Error): boolean => 'code' in error && (error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE');

/** REFUSED if the server's address is one that may not be spoken to. */
export const openTransport = (target: Target): Transport => {
  const url = new URL(target.server);
  if (url.protocol !== 'https:') throw new HanseError('REFUSED', `${target.server} is not an https address`);
  const port = Number(url.port || '443');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Node resolves no name for an address and would not call the lookup below
  const refusal = parseAddress(host) === null ? null : refuseAddress(host, host, port, target.allowedAddresses);
  if (refusal !== null) throw new HanseError('REFUSED', refusal);
  const { credential } = target;
  const agent = new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      ca: target.ca,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      timeout: connectLimitMs,
      lookup: checkedLookup(port, target.allowedAddresses),
      ...(target.tlsServerName === undefined ? {} : { servername: target.tlsServerName }),
      ...(credential.kind === 'certificate' ? { cert: credential.cert, key: credential.key } : {}),
    },
  });
  return {
    send: (ask) =>
      new Promise<Answer>((resolve, reject) => {
        if (ask.signal.aborted) return reject(ask.signal.reason instanceof Error ? ask.signal.reason : new Error('aborted'));
        // a request that waits for a connection is given up as well
        const giveUp = (): void => reject(ask.signal.reason instanceof Error ? ask.signal.reason : new Error('aborted'));
        ask.signal.addEventListener('abort', giveUp, { once: true });
        const settled = (): void => ask.signal.removeEventListener('abort', giveUp);
        const headers = credential.kind === 'token' ? { ...ask.headers, authorization: `Bearer ${credential.token()}` } : ask.headers;
        const dispatch = (again: boolean): void => {
          const failed = (error: Error): void => {
            if (again && ask.method === 'GET' && hasHungUp(error) && !ask.signal.aborted) return dispatch(false);
            settled();
            reject(error);
          };
          const answered = (answer: Answer): void => (settled(), resolve(answer));
          agent.dispatch({ origin: url.origin, method: ask.method, path: ask.path, headers, body: ask.body ?? null }, handler(ask, answered, failed));
        };
        dispatch(true);
      }),
    close: () => agent.destroy(),
  };
};

/** An AbortSignal that follows several others and a time limit, and lets go of them at the end (AbortSignal.any keeps them alive in Node 20). */
export const limited = (limitMs: number | null, signals: readonly AbortSignal[]): { signal: AbortSignal; expired(): boolean; end(): void } => {
  const controller = new AbortController();
  // one end of an operation or of a connection is followed by all their requests and watches: more than ten is no leak
  for (const signal of signals) setMaxListeners(0, signal);
  let expired = false;
  const follow = signals.map((signal) => {
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
  const timer =
    limitMs === null
      ? undefined
      : setTimeout(() => {
          expired = true;
          controller.abort(new Error('time limit'));
        }, limitMs);
  return {
    signal: controller.signal,
    expired: () => expired,
    end: () => {
      clearTimeout(timer);
      for (const stop of follow) stop();
    },
  };
};

/** The whole body, or TOO_LARGE. */
export const readBody = async (body: Readable, limitBytes: number, what: string): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw new HanseError('TOO_LARGE', `${what}: the answer is larger than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

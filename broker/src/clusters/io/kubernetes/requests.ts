// One request: time limit, Retry-After, guard, bounded answer, errors with names.
import type { EffectGuard } from '../../../operations/io/performer.ts';
import { answered, describe, interrupted, retryAfterSeconds, unanswered, type What } from './failure.ts';
import { type Answer, limited, readBody, type Transport } from './transport.ts';

export type Scope = { readonly guard: EffectGuard | undefined; readonly signals: readonly AbortSignal[]; readonly timeLimitMs: number };

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  readonly contentType?: string;
  readonly what: What;
};

export type Reply = {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly body: unknown;
  readonly receivedAtMs: number;
  readonly sentAtMs: number;
};

// A list page of 500 objects at etcd's limit of 1.5 MiB would be larger; none seen was above 20 MiB.
export const bodyLimitBytes = 64 * 1024 * 1024;

export const withQuery = (path: string, query: Call['query'] = {}): string => {
  const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`]));
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
};

const parse = (bytes: Buffer): unknown => {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });

export const wait = async (ms: number, signals: readonly AbortSignal[]): Promise<void> => {
  const limit = limited(null, signals);
  await pause(ms, limit.signal).finally(() => limit.end());
};

export const readJson = async (body: Answer['body'], what: What): Promise<unknown> => parse(await readBody(body, bodyLimitBytes, describe(what)));

export const request = async (transport: Transport, scope: Scope, call: Call): Promise<Reply> => {
  const endsAtMs = performance.now() + scope.timeLimitMs;
  const remainingMs = (): number => Math.max(1, Math.ceil(endsAtMs - performance.now()));
  const changes = call.method !== 'GET';
  const { guard } = scope;
  // the server gives up when we do, so that a change that was answered with silence is not made much later
  const query = changes ? { ...call.query, timeout: `${Math.ceil(scope.timeLimitMs / 1000)}s` } : call.query;
  const limit = limited(scope.timeLimitMs, scope.signals);
  try {
    for (;;) {
      if (changes) guard?.(remainingMs());
      const sentAtMs = Date.now();
      const answer = await transport.send({
        method: call.method,
        path: withQuery(call.path, query),
        headers: {
          accept: 'application/json',
          'user-agent': 'hanse',
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: limit.signal,
        ...(changes && guard !== undefined ? { beforeSending: () => guard(remainingMs()) } : {}),
      });
      const receivedAtMs = Date.now();
      const body = await readJson(answer.body, call.what);
      const busy = answer.status === 429 || (answer.status === 503 && answer.headers['retry-after'] !== undefined);
      const delayMs = busy ? retryAfterSeconds(answer.headers['retry-after'], body) * 1000 : 0;
      if (!busy || delayMs >= remainingMs()) return { status: answer.status, headers: answer.headers, body, receivedAtMs, sentAtMs };
      await pause(delayMs, limit.signal);
    }
  } catch (error) {
    const asked = scope.signals.find((signal) => signal.aborted);
    if (asked !== undefined) throw interrupted(call.what, asked.reason);
    throw unanswered(call.what, error, limit.expired() ? scope.timeLimitMs : null);
  } finally {
    limit.end();
  }
};

/** The body of a success; null for 404; any other status throws. */
export const successOrNull = async (transport: Transport, scope: Scope, call: Call): Promise<Reply | null> => {
  const reply = await request(transport, scope, call);
  if (reply.status === 404) return null;
  if (reply.status < 200 || reply.status > 299) throw answered(call.what, reply.status, reply.body);
  return reply;
};

export const success = async (transport: Transport, scope: Scope, call: Call): Promise<Reply> => {
  const reply = await request(transport, scope, call);
  if (reply.status < 200 || reply.status > 299) throw answered(call.what, reply.status, reply.body);
  return reply;
};

// Speaks to the broker: every route of the contract as one call.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { problem } from '../../contract/src/problem.ts';
import type { Route } from '../../contract/src/routes.ts';
import { failWith, failureOf } from './failure.ts';
import type { Terminal } from './terminal.ts';

type Part<R extends Route, P extends 'params' | 'query' | 'body'> = R[P] extends z.ZodType ? { readonly [K in P]: z.input<R[P]> } : object;
type Input<R extends Route> = Part<R, 'params'> & Partial<Part<R, 'query'>> & Part<R, 'body'>;
type Output<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : undefined;

export type Client = {
  readonly url: string;
  /** Failure with the broker's own words. `repeatable`: it does no harm twice, so a connection that breaks is tried again. */
  call<R extends Route>(route: R, input: Input<R>, options?: { headers?: Record<string, string>; repeatable?: boolean }): Promise<Output<R>>;
  /** An answered request whose body is still to be read. Failures of the network are thrown as they are. */
  open(path: string, init: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>;
};

export const connect = async (terminal: Terminal): Promise<Client> => {
  const url = brokerUrl(terminal);
  const token = await readToken(terminal);
  const open: Client['open'] = (path, { headers, signal }) =>
    send(url + path, { headers: { authorization: `Bearer ${token}`, ...headers }, ...(signal && { signal }) });

  return {
    url,
    open,
    async call(route, input, { headers = {}, repeatable = route.method === 'GET' } = {}) {
      const { params, query, body }: { params?: object; query?: object; body?: unknown } = input;
      const init: RequestInit = {
        method: route.method,
        headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      const response = await reach(url, repeatable ? 4 : 1, () => send(url + pathOf(route.path, params ?? {}) + queryOf(query ?? {}), init));
      if (!response.ok) throw await refusalOf(response, url);
      if (route.answer === null) return undefined as Output<typeof route>;
      const answer = await bodyOf(response, url);
      const parsed = route.answer.safeParse(answer);
      if (!parsed.success)
        throw failWith('error', `The broker at ${url} answers in a way that this version does not understand.`, 'Use the same version of both.');
      // parsed with the route's own schema just above
      return parsed.data as Output<typeof route>;
    },
  };
};

const send = (url: string, init: RequestInit): Promise<Response> => fetch(url, { redirect: 'error', ...init });

const bodyBytesMax = 64 * 1024 * 1024;
const bodyMs = 120_000;

/** What came as JSON; null: it is none. No more of it is held, and it is awaited no longer, than a broker needs: whoever answers there may be another. */
const bodyOf = async (response: Response, url: string): Promise<unknown> => {
  const reader = response.body?.getReader();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(failWith('error', `${url} did not come to the end of its answer within ${bodyMs / 1000} s.`, 'Try again, or check HANSE_URL.')),
      bodyMs,
    );
  });
  try {
    return JSON.parse(await Promise.race([textOf(reader, url), late]));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  } finally {
    clearTimeout(timer);
    reader?.cancel().catch(() => {});
  }
};

const textOf = async (reader: ReadableStreamDefaultReader<Uint8Array> | undefined, url: string): Promise<string> => {
  const parts: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const read = await reader?.read().catch((error: unknown) => {
      throw failWith('error', `The connection to the broker at ${url} broke (${networkCode(error)}).`, 'Look with `hanse operations list` how far it came.');
    });
    if (read?.value === undefined) return Buffer.concat(parts).toString();
    bytes += read.value.length;
    if (bytes > bodyBytesMax)
      throw failWith('error', `${url} answers with more than ${bodyBytesMax / 1024 / 1024} MiB, which no broker of Hanse does.`, 'Check HANSE_URL.');
    parts.push(read.value);
  }
};

export const brokerUrl = ({ env }: Terminal): string => {
  const given = env['HANSE_URL'] || `http://127.0.0.1:${env['HANSE_PORT'] || '7480'}`;
  try {
    const url = new URL(given);
    if ((url.protocol === 'http:' || url.protocol === 'https:') && url.username === '') return url.href.replace(/\/+$/, '');
  } catch {}
  throw failWith('usage', `HANSE_URL is not an address of a broker: ${given}`, 'Set it to something like http://127.0.0.1:7480.');
};

/** The same places as the broker's, the likelier first: HANSE_CONFIG_DIR, or /etc/hanse for root, or the account's configuration folder. */
export const configDirs = ({ env, home }: Terminal): string[] => {
  if (env['HANSE_CONFIG_DIR']) return [env['HANSE_CONFIG_DIR']];
  const folders = [join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'hanse'), '/etc/hanse'];
  return process.getuid?.() === 0 ? folders.toReversed() : folders;
};

const readToken = async (terminal: Terminal): Promise<string> => {
  if (terminal.env['HANSE_TOKEN']) return terminal.env['HANSE_TOKEN'];
  for (const folder of configDirs(terminal)) {
    const text = await readFile(join(folder, 'token'), 'utf8').catch(() => null);
    if (text !== null) return text.trim();
  }
  // no broker ran here yet: what is wrong is told better by trying to reach it
  return 'none';
};

const reach = async (url: string, attempts: number, attempt: () => Promise<Response>): Promise<Response> => {
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      const code = networkCode(error);
      if (code === 'ECONNREFUSED' || (left <= 0 && neverThere.has(code))) throw notThere(url, code);
      if (left <= 0) throw failWith('error', `The connection to the broker at ${url} broke (${code}).`, 'Look with `hanse operations list` how far it came.');
      await pause(400);
    }
  }
};

/** No connection came about, so that nothing can have been begun. */
const neverThere: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'bad port',
]);

const notThere = (url: string, code: string) =>
  failWith(
    'error',
    `No broker answers at ${url}${code === 'ECONNREFUSED' ? '' : ` (${code})`}.`,
    'Start one with `hanse serve` (or `npm start`), or set HANSE_URL to where it runs.',
  );

export const networkCode = (error: unknown): string => {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : 'no connection';
};

export const refusalOf = async (response: Response, url: string): Promise<Error> => {
  const parsed = problem.safeParse(await bodyOf(response, url));
  if (!parsed.success) return failWith('error', `${url} answers ${response.status}, but not as a broker of Hanse does.`, 'Check HANSE_URL.');
  if (parsed.data.code !== 'UNAUTHENTICATED') return failureOf(parsed.data);
  return failWith(
    'error',
    `The broker at ${url} does not accept the token.`,
    'Set HANSE_TOKEN to what stands in the token file that the broker names when it starts (or HANSE_CONFIG_DIR to its folder).',
  );
};

const pathOf = (path: string, params: object): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(Object.entries(params).find(([key]) => key === name)?.[1] ?? '')));

const queryOf = (query: object): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) search.append(key, String(each));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
};

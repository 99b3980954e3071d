// Requests to one IX-API server: a token that is fetched and renewed, bounded answers, failures in our words. Neither key, secret nor token leaves this file.
import { readFile } from 'node:fs/promises';
import { Agent, errors as undiciErrors, request } from 'undici';
import { z } from 'zod';
import { type Allowed, parseAddress, refuseAddress } from '../../../clusters/index.ts';
import { HanseError } from '../../../errors.ts';
import type { Acting } from './driver.ts';
import { problem, said, tokens } from './ixApiShapes.ts';
import { checkedLookup } from '../../../clusters/io/checkedLookup.ts';

export type IxApiOptions = {
  readonly title: string;
  /** With the path of the API. */
  readonly url: string;
  readonly keyFile: string;
  readonly secretFile: string;
  readonly allowedAddresses: Allowed;
};

type Method = 'GET' | 'POST' | 'DELETE';
type Ask = {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly acting?: Acting;
};
export type Answer = { readonly status: number; readonly body: unknown };

export type IxApiClient = {
  get<T>(path: string, schema: z.ZodType<T>, query?: Readonly<Record<string, string>>): Promise<T>;
  /** Every page of it. */
  list<T>(path: string, schema: z.ZodType<T>, query: Readonly<Record<string, string>>): Promise<T[]>;
  post<T>(path: string, schema: z.ZodType<T>, body: unknown, acting: Acting): Promise<T>;
  /** Any status below 500, for the caller to judge. */
  remove(path: string, body: unknown, acting: Acting): Promise<Answer>;
  /** What a refusal is in our words. */
  refusal(what: string, answer: Answer): HanseError;
  close(): Promise<void>;
};

/** Of one request; a changing one needs that much of the lease. */
const timeLimitMs = 10_000;
const connectLimitMs = 5_000;
const bytesMax = 8 << 20;
const pagesMax = 200;
/** A token is renewed so long before it expires. */
const earlyMs = 30_000;
/** Of a token that does not say how long it lives. */
const usualLifeMs = 60_000;

const claims = z.looseObject({ exp: z.number() });

/** Read, not verified: only to know when to ask for another one. */
const expiryMs = (token: string): number => {
  try {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    return claims.parse(JSON.parse(text)).exp * 1000;
  } catch {
    return Date.now() + usualLifeMs;
  }
};

type Held = { readonly access: string; readonly refresh: string | null; readonly untilMs: number };

const secretIn = async (file: string, title: string): Promise<string> => {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new HanseError('EXCHANGE_REFUSED', `${title}: its key cannot be read from ${file}.`, { fix: 'Check the path and who may read it.', cause: error });
  }
};

type Send = (ask: Ask, token: string | null) => Promise<Answer>;

/** Requests with a token that is fetched, renewed and kept here alone. */
const signedIn = (options: IxApiOptions, send: Send): ((ask: Ask) => Promise<Answer>) => {
  const { title } = options;
  let held: Held | null = null;
  let fetching: Promise<Held> | null = null;

  const hold = (answer: Answer): Held => {
    const read = tokens.safeParse(answer.body);
    if (answer.status >= 300 || !read.success)
      throw new HanseError('EXCHANGE_REFUSED', `${title} does not accept our key (${answer.status}).`, {
        fix: 'Check keyFile and secretFile of the exchange.',
      });
    return { access: read.data.access_token, refresh: read.data.refresh_token ?? null, untilMs: expiryMs(read.data.access_token) };
  };
  const authenticate = async (): Promise<Held> => {
    if (held?.refresh != null) {
      const answer = await send({ method: 'POST', path: '/auth/refresh', body: { refresh_token: held.refresh } }, null);
      if (answer.status < 300) return hold(answer);
    }
    const [key, secret] = await Promise.all([secretIn(options.keyFile, title), secretIn(options.secretFile, title)]);
    return hold(await send({ method: 'POST', path: '/auth/token', body: { api_key: key, api_secret: secret } }, null));
  };
  /** One at a time: whoever needs a token meanwhile gets the same. */
  const token = async (): Promise<string> => {
    if (held !== null && held.untilMs - earlyMs > Date.now()) return held.access;
    fetching ??= authenticate().finally(() => (fetching = null));
    held = await fetching;
    return held.access;
  };
  const ask = async (asked: Ask): Promise<Answer> => {
    const used = await token();
    const answer = await send(asked, used);
    if (answer.status !== 401) return answer;
    // expired earlier than it said, or revoked: once more with a new one
    if (held?.access === used) held = { access: '', refresh: held.refresh, untilMs: 0 };
    const again = await send(asked, await token());
    if (again.status === 401) held = null;
    return again;
  };
  return ask;
};

const refusalOf = (title: string) => {
  const refusal = (what: string, { status, body }: Answer): HanseError => {
    const { success, data } = problem.safeParse(body);
    const fields = (success ? data.properties : null) ?? [];
    const reasons = fields
      .slice(0, 10)
      .map(({ name, reason }) => `${said(name, 100)}: ${said(typeof reason === 'string' ? reason : JSON.stringify(reason ?? ''))}`);
    const words = success ? [said(data.title, 200), said(data.detail ?? '', 300), ...reasons].filter((word) => word !== '') : [];
    return new HanseError('EXCHANGE_REFUSED', `${title} refused ${what} (${status}): ${words.length === 0 ? 'without a reason' : words.join('; ')}.`);
  };
  return refusal;
};

export const openIxApiClient = (options: IxApiOptions): IxApiClient => {
  const { title, allowedAddresses } = options;
  const base = new URL(options.url);
  const port = Number(base.port || (base.protocol === 'https:' ? 443 : 80));
  const host = base.hostname.replace(/^\[|\]$/g, '');
  // Node resolves no name for an address and would not call the lookup
  const refused = parseAddress(host) === null ? null : refuseAddress(host, host, port, allowedAddresses);
  const agent = new Agent({
    connect: { lookup: checkedLookup(port, allowedAddresses), timeout: connectLimitMs },
    connections: 8,
    maxResponseSize: bytesMax,
    headersTimeout: timeLimitMs,
    bodyTimeout: timeLimitMs,
  });

  const unreachable = (error: unknown): HanseError => {
    if (error instanceof HanseError) return error;
    if (error instanceof undiciErrors.ResponseExceededMaxSizeError)
      return new HanseError('TOO_LARGE', `${title}: its answer is larger than ${bytesMax} bytes.`);
    const why =
      error instanceof Error && error.name === 'TimeoutError'
        ? `within ${timeLimitMs / 1000} s`
        : said(error instanceof Error ? error.message : 'for an unknown reason', 200);
    return new HanseError('EXCHANGE_UNREACHABLE', `${title} did not answer: ${why}.`, { cause: error });
  };

  const send = async (ask: Ask, token: string | null): Promise<Answer> => {
    if (refused !== null) throw new HanseError('REFUSED', refused);
    const url = new URL(`${base.href.replace(/\/$/, '')}${ask.path}`);
    for (const [name, value] of Object.entries(ask.query ?? {})) url.searchParams.set(name, value);
    ask.acting?.guard(timeLimitMs);
    const limit = AbortSignal.timeout(timeLimitMs);
    try {
      const { statusCode, body } = await request(url, {
        dispatcher: agent,
        method: ask.method,
        signal: limit,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      });
      const text = await body.text();
      if (statusCode >= 500 || statusCode === 429)
        throw new HanseError('EXCHANGE_UNREACHABLE', `${title} answered ${statusCode} to ${ask.method} ${ask.path}.`);
      return { status: statusCode, body: parsed(text) };
    } catch (error) {
      throw unreachable(error);
    }
  };

  const ask = signedIn(options, send);

  const refusal = refusalOf(title);
  const checked = <T>(what: string, schema: z.ZodType<T>, answer: Answer): T => {
    if (answer.status >= 300) throw refusal(what, answer);
    const read = schema.safeParse(answer.body);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw new HanseError(
      'EXCHANGE_REFUSED',
      `${title} answered ${what} in a form that is not IX-API 2: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    );
  };

  return {
    get: async (path, schema, query = {}) => checked(`GET ${path}`, schema, await ask({ method: 'GET', path, query })),
    async list(path, schema, query) {
      const items: unknown[] = [];
      for (let page = 0; page < pagesMax; page += 1) {
        // 206: there is more (from 2.5 on); what came before is where to go on
        const answer = await ask({ method: 'GET', path, query: page === 0 ? query : { ...query, page_offset: String(items.length) } });
        const found = checked(`GET ${path}`, z.array(z.unknown()).max(100_000), answer);
        items.push(...found);
        if (answer.status !== 206 || found.length === 0) return checked(`GET ${path}`, z.array(schema), { status: 200, body: items });
      }
      throw new HanseError('TOO_LARGE', `${title}: ${path} has more than ${pagesMax} pages.`);
    },
    post: async (path, schema, body, acting) => checked(`POST ${path}`, schema, await ask({ method: 'POST', path, body, acting })),
    remove: (path, body, acting) => ask({ method: 'DELETE', path, body, acting }),
    refusal,
    close: () => agent.destroy(),
  };
};

const parsed = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null; // an error page of a proxy
  }
};

// Requests to a manager: one address, no redirect followed, everything bounded, and nothing of the credential in what is said about a failure.
import { Agent, request } from 'undici';
import type { z } from 'zod';
import { type ErrorCode, HanseError } from '../../../errors.ts';
import type { EffectGuard } from '../../../operations/io/performer.ts';
import { type Allowed, parseAddress, refuseAddress } from '../../address.ts';
import { checkedLookup } from '../checkedLookup.ts';

export type Base = {
  /** Said in errors: Rancher, OneKS, the OAuth server of amstel. */
  readonly who: string;
  readonly url: string;
  readonly ca: string | null;
  readonly allowed: Allowed;
  /** The Authorization header; null: none. */
  readonly authorization: string | null;
  /** Never shown, in whatever an answer quotes. */
  readonly secrets: readonly string[];
};

export type Scope = { readonly guard?: EffectGuard; readonly signal?: AbortSignal };
export type Call = Scope & {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the base, with its query. */
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly text: string };

const timeLimitMs = 15_000;
const connectLimitMs = 5_000;
const bytesMost = 16 * 1024 * 1024;

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** REFUSED unless it is an https address that may be spoken to; http only for an exact `host:port` of the configuration, since the password would be readable on the way. */
export const readBase = (text: string, who: string, allowed: Allowed): URL => {
  // it may hold a password, or a token
  const shown = who.replace(/\/\/[^/]*@/, '//…@').replace(/[?#].*$/s, '');
  const refuse = (why: string, fix: string): HanseError => new HanseError('REFUSED', `The address of ${shown}: ${why}.`, { fix });
  if (!URL.canParse(text)) throw refuse('it is not an address', 'Give it as https://host:port.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refuse('it carries a user name or a password', 'Remove everything before the "@".');
  if (url.search !== '' || url.hash !== '') throw refuse('it has a query or a fragment', 'Give only scheme, host, port and path.');
  const host = hostOf(url);
  const named = allowed.includes(`${url.hostname}:${portOf(url)}`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && named)) {
    throw refuse(
      `${url.protocol}// would send the credential readably`,
      `Put a reverse proxy with TLS in front of it; or, for a network of your own, list ${url.hostname}:${portOf(url)} in allowedAddresses.`,
    );
  }
  const refusal = parseAddress(host) === null ? null : refuseAddress(host, host, portOf(url), allowed);
  if (refusal !== null) throw refuse(refusal, 'If this is the one that you mean, add the address to allowedAddresses in the configuration of the broker.');
  return url;
};

const clean = (text: string, secrets: readonly string[]): string => {
  const without = secrets.filter((secret) => secret.length > 3).reduce((left, secret) => left.replaceAll(secret, '…'), text);
  return without.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300);
};

const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'it could not be reached';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `no answer within ${timeLimitMs / 1000} s`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' ? error.message : code;
};

/** What was asked and what came back, without what was sent. */
export const failure = ({ who, secrets }: Base, code: ErrorCode, what: string, why: string, fix?: string): HanseError =>
  new HanseError(code, `${who}: ${what}: ${clean(why, secrets)}`, fix === undefined ? {} : { fix });

/** Any answer. MANAGER_UNREACHABLE when there is none. */
export const send = async (base: Base, call: Call): Promise<Reply> => {
  const url = readBase(base.url, base.who, base.allowed);
  const [path = '', query] = call.path.split('?');
  const what = `${call.method} ${path}`;
  const dispatcher = new Agent({
    connect: { ...(base.ca === null ? {} : { ca: base.ca }), lookup: checkedLookup(portOf(url), base.allowed), timeout: connectLimitMs },
    maxResponseSize: bytesMost,
  });
  const limit = AbortSignal.timeout(timeLimitMs);
  try {
    if (call.method !== 'GET') call.guard?.(timeLimitMs);
    const { statusCode, headers, body } = await request(`${url.origin}${url.pathname.replace(/\/$/, '')}${path}${query === undefined ? '' : `?${query}`}`, {
      dispatcher,
      method: call.method,
      signal: call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]),
      headers: {
        accept: 'application/json',
        'user-agent': 'hanse',
        ...(base.authorization === null ? {} : { authorization: base.authorization }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    return { status: statusCode, headers, text: await body.text() };
  } catch (error) {
    if (error instanceof HanseError) throw error;
    if (error instanceof Error && error.cause instanceof HanseError) throw error.cause;
    throw failure(base, 'MANAGER_UNREACHABLE', what, causeOf(error));
  } finally {
    await dispatcher.destroy();
  }
};

/** What an error answer says of itself: `message`, as Rancher, OneKS and Kubernetes write it. */
const saidBy = (text: string): string => {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return '';
    const found = ['message', 'error'].map((name): unknown => Reflect.get(parsed, name)).find((value) => typeof value === 'string');
    return typeof found === 'string' ? found : '';
  } catch {
    return '';
  }
};

const codeOf = (status: number): ErrorCode => {
  if (status === 401 || status === 403) return 'MANAGER_UNAUTHORIZED';
  return status === 429 || status >= 500 ? 'MANAGER_UNREACHABLE' : 'MANAGER_REJECTED';
};

/** The answer of a success; otherwise an error with its status and what it says. */
export const succeed = async (base: Base, call: Call): Promise<Reply> => {
  const reply = await send(base, call);
  if (reply.status >= 200 && reply.status < 300) return reply;
  const said = saidBy(reply.text);
  throw failure(base, codeOf(reply.status), `${call.method} ${call.path.split('?')[0] ?? ''}`, `it answered ${reply.status}${said === '' ? '' : `: ${said}`}`);
};

/** MANAGER_REJECTED with the place, never the content, when the answer has another shape. */
export const json = async <Value>(base: Base, call: Call, shape: z.ZodType<Value>): Promise<Value> => {
  const { text } = await succeed(base, call);
  let value: unknown;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch {
    throw failure(base, 'MANAGER_REJECTED', `${call.method} ${call.path.split('?')[0] ?? ''}`, 'the answer is not JSON');
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw failure(
    base,
    'MANAGER_REJECTED',
    `${call.method} ${call.path.split('?')[0] ?? ''}`,
    `unexpected answer at ${parsed.error.issues[0]?.path.join('.') ?? 'its root'}`,
  );
};

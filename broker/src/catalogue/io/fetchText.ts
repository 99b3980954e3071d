// GET, and POST of a question, over https under the rules for what strangers serve: bounded in size, time and redirects, and no address inside unless the configuration lists it.
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { Agent, request } from 'undici';
import { parseAddress, refuseAddress } from '../../clusters/index.ts';
import type { Allowed } from '../../clusters/index.ts';
import { checkedLookup } from '../../clusters/io/checkedLookup.ts';

export type Fetched = { readonly text: string } | { readonly failure: string };
export type FetchRules = { readonly allowed: Allowed; readonly bytesMax: number; readonly ca?: string };
/** `body`: JSON that is posted; a refusal of what was asked is an answer too. `token`: for the host of the address, and for none that it redirects to. */
export type Asked = { readonly body?: string | null; readonly token?: string | null };

const redirectsMax = 3;
const timeLimitMs = 10_000;
/** Of one connection; a slow server ends at the time limit. */
const connectLimitMs = 5_000;

/** Never throws: what could not be had is a finding, in words. */
export async function fetchText(address: string, rules: FetchRules, { body = null, token = null }: Asked = {}): Promise<Fetched> {
  const signal = AbortSignal.timeout(timeLimitMs);
  let url = address;
  try {
    for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
      const refusal = refused(url, rules.allowed);
      if (refusal !== null) return { failure: refusal };
      const isOwn = new URL(url).origin === new URL(address).origin;
      const got = await ask(new URL(url), rules, { body, signal, token: isOwn ? token : null });
      if (!('location' in got)) return got;
      url = new URL(got.location, url).href;
    }
    return { failure: `${address} redirects more than ${redirectsMax} times` };
  } catch (error) {
    return { failure: `${address}: ${reasonOf(error)}` };
  }
}

/** Why an address is not spoken to; null: as far as its words go, it may be. */
export function refused(text: string, allowed: Allowed): string | null {
  if (!URL.canParse(text)) return 'it is not an address';
  const url = new URL(text);
  if (url.protocol !== 'https:') return `${url.protocol}// is not taken: on the way anyone could change what is fetched`;
  if (url.username !== '' || url.password !== '') return 'an address with a password in it is not taken';
  // a literal address is never looked up, so it is held against the rule here
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return parseAddress(host) === null ? null : refuseAddress(host, host, portOf(url), allowed);
}

const portOf = (url: URL): number => Number(url.port || 443);

type Asking = { readonly body: string | null; readonly token: string | null; readonly signal: AbortSignal };

/** Conflict and unprocessable: what registries answer about a chain that they do not take. */
const refusals = [409, 422];

async function ask(url: URL, { allowed, bytesMax, ca }: FetchRules, { body: asked, token, signal }: Asking): Promise<Fetched | { readonly location: string }> {
  const connect = { ...(ca === undefined ? {} : { secureContext: contextWith(ca) }), lookup: checkedLookup(portOf(url), allowed), timeout: connectLimitMs };
  const dispatcher = new Agent({ connect, maxResponseSize: bytesMax });
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal,
      ...(asked !== null && { method: 'POST', body: asked }),
      headers: {
        ...(asked !== null && { 'content-type': 'application/json' }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        accept: 'application/vc+jwt, application/did+json, application/json, application/x-pem-file, text/plain',
      },
    });
    const { location } = headers;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') return { location };
    const isAnswer = statusCode === 200 || (asked !== null && (statusCode === 201 || refusals.includes(statusCode)));
    if (!isAnswer) return { failure: `${url.href} answered ${statusCode}` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await body.arrayBuffer()) };
  } finally {
    await dispatcher.destroy();
  }
}

/** Reading all roots takes a tenth of a second, and there is one authority of the configuration. */
const contexts = new Map<string, SecureContext>();

function contextWith(ca: string): SecureContext {
  const context = contexts.get(ca) ?? createSecureContext({ ca: [...rootCertificates, ca] });
  contexts.set(ca, context);
  return context;
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'it could not be fetched';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `it did not answer within ${timeLimitMs / 1000} s`;
  if (error.name === 'ResponseExceededMaxSizeError') return 'its answer is too large';
  return error.message.slice(0, 200);
};

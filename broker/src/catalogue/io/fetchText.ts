// GET over https under the rules for what strangers serve: bounded in size, time and redirects, and no address inside unless the configuration lists it.
import { rootCertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { parseAddress, refuseAddress } from '../../clusters/index.ts';
import type { Allowed } from '../../clusters/index.ts';
import { checkedLookup } from '../../clusters/io/checkedLookup.ts';

export type Fetched = { readonly text: string } | { readonly failure: string };
export type FetchRules = { readonly allowed: Allowed; readonly bytesMax: number; readonly ca?: string };

const redirectsMax = 3;
const timeLimitMs = 10_000;
/** Of one connection; a slow server ends at the time limit. */
const connectLimitMs = 5_000;

/** Never throws: what could not be had is a finding, in words. */
export async function fetchText(address: string, rules: FetchRules): Promise<Fetched> {
  const signal = AbortSignal.timeout(timeLimitMs);
  let url = address;
  try {
    for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
      const refusal = refused(url, rules.allowed);
      if (refusal !== null) return { failure: refusal };
      const got = await get(new URL(url), rules, signal);
      if (!('location' in got)) return got;
      url = new URL(got.location, url).href;
    }
    return { failure: `${address} redirects more than ${redirectsMax} times` };
  } catch (error) {
    return { failure: `${address}: ${reasonOf(error)}` };
  }
}

function refused(text: string, allowed: Allowed): string | null {
  if (!URL.canParse(text)) return 'it is not an address';
  const url = new URL(text);
  if (url.protocol !== 'https:') return `${url.protocol}// is not taken: on the way anyone could change what is fetched`;
  if (url.username !== '' || url.password !== '') return 'an address with a password in it is not taken';
  // a literal address is never looked up, so it is held against the rule here
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return parseAddress(host) === null ? null : refuseAddress(host, host, portOf(url), allowed);
}

const portOf = (url: URL): number => Number(url.port || 443);

async function get(url: URL, { allowed, bytesMax, ca }: FetchRules, signal: AbortSignal): Promise<Fetched | { readonly location: string }> {
  const connect = { ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }), lookup: checkedLookup(portOf(url), allowed), timeout: connectLimitMs };
  const dispatcher = new Agent({ connect, maxResponseSize: bytesMax });
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal,
      headers: { accept: 'application/vc+jwt, application/did+json, application/json, text/plain' },
    });
    const { location } = headers;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') return { location };
    if (statusCode !== 200) return { failure: `${url.href} answered ${statusCode}` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await body.arrayBuffer()) };
  } finally {
    await dispatcher.destroy();
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'it could not be fetched';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `it did not answer within ${timeLimitMs / 1000} s`;
  if (error.name === 'ResponseExceededMaxSizeError') return 'its answer is too large';
  return error.message.slice(0, 200);
};

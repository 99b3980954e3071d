// Manifests at an address that someone named: fetched with suspicion, once; what was fetched is what the plan holds.
import { Agent, request } from 'undici';
import { parseAddress, refuseAddress } from '../../clusters/index.ts';
import { HanseError } from '../../errors.ts';
import { limits, type ManifestFile } from '../deployment/readManifests.ts';
import { checkedLookup } from '../../clusters/io/checkedLookup.ts';

const redirectsMost = 3;
const timeLimitMs = 15_000;
/** A character is at most four bytes of UTF-8. */
const bytesMost = limits.fileCharacters * 4;

/** INVALID_REQUEST, REFUSED (an address that is not allowed), TOO_LARGE, TIMED_OUT. Only https, no credentials in the address, each redirect under the same rules. */
export async function fetchManifests(address: string, allowed: readonly string[], tls: { readonly ca?: string } = {}): Promise<ManifestFile> {
  const signal = AbortSignal.timeout(timeLimitMs);
  try {
    let url = checked(address, allowed);
    for (let redirects = 0; redirects <= redirectsMost; redirects += 1) {
      const got = await get(url, { allowed, signal, tls });
      if ('text' in got) return { file: url.href, text: got.text };
      url = checked(new URL(got.location, url).href, allowed);
    }
    throw new HanseError('INVALID_REQUEST', `${address} redirects more than ${redirectsMost} times.`, { place: { path: 'url' } });
  } catch (error) {
    throw asHanseError(error, address);
  }
}

type Fetching = { readonly allowed: readonly string[]; readonly signal: AbortSignal; readonly tls: { readonly ca?: string } };

async function get(url: URL, { allowed, signal, tls }: Fetching): Promise<{ text: string } | { location: string }> {
  const dispatcher = new Agent({
    connect: { ...tls, lookup: checkedLookup(portOf(url), allowed, (reason) => `The manifests are not fetched: ${reason}.`), timeout: 5_000 },
    maxResponseSize: bytesMost,
  });
  try {
    const { statusCode, headers, body } = await request(url, { dispatcher, signal, headers: { accept: 'application/yaml, application/json, text/plain' } });
    const { location } = headers;
    if (statusCode === 200) return { text: await read(body, url.href) };
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') return { location };
    throw new HanseError('INVALID_REQUEST', `${url.href} answered ${statusCode}; manifests were expected.`, {
      place: { path: 'url' },
      fix: 'Check the address.',
    });
  } finally {
    await dispatcher.destroy();
  }
}

function checked(text: string, allowed: readonly string[]): URL {
  const place = { path: 'url' };
  if (!URL.canParse(text)) throw new HanseError('INVALID_REQUEST', `"${text.slice(0, 200)}" is no address.`, { place, fix: 'Write https://host/path.' });
  const url = new URL(text);
  if (url.protocol !== 'https:')
    throw new HanseError('INVALID_REQUEST', `${url.protocol}// is not taken for manifests: on the way anyone could change them.`, {
      place,
      fix: 'Write an https address.',
    });
  if (url.username !== '' || url.password !== '')
    throw new HanseError('INVALID_REQUEST', 'An address with a password in it is not taken: plans and logs would show it.', {
      place,
      fix: 'Fetch the file yourself and send it.',
    });
  // A literal address is never looked up, so it is held against the rule here.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const refusal = parseAddress(host) === null ? null : refuseAddress(host, host, portOf(url), allowed);
  if (refusal !== null) throw new HanseError('REFUSED', `The manifests are not fetched: ${refusal}.`, { place });
  return url;
}

const portOf = (url: URL): number => Number(url.port || 443);

async function read(body: AsyncIterable<Uint8Array>, from: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > bytesMost) throw new HanseError('TOO_LARGE', `${from} has more than ${bytesMost} bytes.`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new HanseError('INVALID_REQUEST', `${from} is not text in UTF-8.`, { place: { path: 'url' } });
  }
}

function asHanseError(error: unknown, address: string): HanseError {
  if (error instanceof HanseError) return error;
  if (error instanceof Error && error.cause instanceof HanseError) return error.cause;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') return new HanseError('TIMED_OUT', `${address} did not answer within ${timeLimitMs / 1000} s.`);
  if (name === 'ResponseExceededMaxSizeError') return new HanseError('TOO_LARGE', `${address} has more than ${bytesMost} bytes.`);
  return new HanseError('INVALID_REQUEST', `${address} could not be fetched: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown reason'}.`, {
    place: { path: 'url' },
    fix: 'Check the address, or fetch the file yourself and send it.',
  });
}

// What was gathered beforehand, as received: a judgement reads nothing else of the world, and so can be made again at any time.
import { sha256Hex } from './pure-crypto.ts';

/** `fetchedAt`: RFC 3339. `failure`: why it could not be had, in words. */
export type Found = { readonly text: string; readonly fetchedAt: string } | { readonly failure: string };

/** By address (`addresses` below). What is not in it was not asked for. */
export type Evidence = ReadonlyMap<string, Found>;

/**
 * How the answer of a Gaia-X registry about a chain is kept. It is sent the certificates themselves (`certs`, PEM, as the registry's own service reads them): asked
 * by their address only, it might be served others there than we were.
 */
export const registryQuestion = (registry: string, chain: readonly string[]): string => `POST ${registryUrl(registry)} ${sha256Hex(chainText(chain))}`;

export const registryUrl = (registry: string): string => `${registry.replace(/\/+$/, '')}/api/trustAnchor/chain`;

/** `chain`: PEM or base64 of DER. One PEM text, with one certificate for each: an x5c is a stranger's, and could hold a second one that only the registry reads. */
export const chainText = (chain: readonly string[]): string =>
  chain
    .map((each) => (onePem.test(each) ? each : `-----BEGIN CERTIFICATE-----\n${wrapped(each.replaceAll(/[^A-Za-z0-9+/=]/g, ''))}\n-----END CERTIFICATE-----`))
    .join('\n');

const onePem = /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----$/;
const wrapped = (base64: string): string => base64.replaceAll(/.{64}/g, '$&\n').trimEnd();

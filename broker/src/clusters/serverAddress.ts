// The address of an API server as text: https, a host, a port, nothing else.
import { type Allowed, parseAddress, refuseAddress } from './address.ts';

export type ServerAddress = { readonly server: string; readonly host: string; readonly port: number };
export type ServerOutcome =
  | { readonly kind: 'accepted'; readonly address: ServerAddress }
  | { readonly kind: 'rejected'; readonly why: string; readonly fix: string };

const shape = /^https:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/;
const label = /^[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?$/;

const rejected = (why: string, fix: string): ServerOutcome => ({ kind: 'rejected', why, fix });

/** "127.1", "0x7f.1" and "2130706433" are addresses to some resolvers: a name may not end like one. */
const isName = (host: string): boolean => {
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  return host.length <= 253 && labels.every((part) => label.test(part)) && !/^(\d+|0x[0-9a-f]*)$/.test(last);
};

/** A name is accepted here and judged again by the addresses it resolves to. The text is never quoted: it may hold a password. */
export const readServer = (text: string, allowed: Allowed): ServerOutcome => {
  if (/^http:/i.test(text)) return rejected('the connection would not be encrypted', 'Give the https address of the API server.');
  if (/^https:\/\/[^/]*@/.test(text)) return rejected('it carries a user name or a password', 'Remove everything before the "@".');
  const [, rawHost, rawPort] = shape.exec(text) ?? [];
  if (rawHost === undefined) {
    return rejected(
      'it is not https://host:port',
      'Give the address of the API server itself, without a path, a query or a fragment: a proxy of a manager is not accepted.',
    );
  }
  const host = rawHost.replace(/^\[|\]$/g, '').toLowerCase();
  const port = rawPort === undefined ? 443 : Number(rawPort);
  if (port < 1 || port > 65535) return rejected('its port is not between 1 and 65535', 'Correct the port.');
  const literal = parseAddress(host);
  if (literal === null && (host.includes(':') || !isName(host)))
    return rejected('its host is neither a name nor an IP address in its usual form', 'Correct the host.');
  const refusal = literal === null ? null : refuseAddress(host, host, port, allowed);
  if (refusal !== null)
    return rejected(refusal, 'If this is the cluster that you mean, add the address to allowedAddresses in the configuration of the broker.');
  const canonical = host.includes(':') ? `[${host}]` : host;
  return { kind: 'accepted', address: { server: `https://${canonical}:${port}`, host, port } };
};

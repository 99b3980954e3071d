// Which addresses Hanse may speak to. The rule is held against the address that a name resolved to, not against the name, so that a name that is
// resolved again (DNS rebinding) gains nothing.

/** 4 or 16 bytes. */
export type Address = readonly number[];

export type AddressKind = 'public' | 'private' | 'loopback' | 'link-local' | 'metadata' | 'special';

const octet = /^(0|[1-9]\d{0,2})$/;

const parseIpv4 = (text: string): Address | null => {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!octet.test(part) || Number(part) > 255) return null;
    bytes.push(Number(part));
  }
  return bytes;
};

const groups = (text: string): number[] | null => {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const tail = parseIpv4(part);
      if (tail === null) return null;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
};

const parseIpv6 = (text: string): Address | null => {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
};

const isMapped = (bytes: Address): boolean => bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;

/** null: not an address, a name perhaps. An IPv4 address inside IPv6 (::ffff:…) is the IPv4 address. No zone, no brackets, no octal. */
export const parseAddress = (text: string): Address | null => {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return bytes !== null && isMapped(bytes) ? bytes.slice(12) : bytes;
};

export type Range = { readonly network: Address; readonly bits: number };

/** `10.0.0.0/8`, `fd00::/8`; null if it is not a range. */
export const parseRange = (text: string): Range | null => {
  const [address = '', bits = '', ...rest] = text.split('/');
  const network = parseAddress(address);
  if (network === null || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > network.length * 8) return null;
  return { network, bits: Number(bits) };
};

export const contains = (range: Range, address: Address): boolean => {
  if (range.network.length !== address.length) return false;
  return address.every((byte, index) => {
    const kept = Math.min(8, Math.max(0, range.bits - index * 8));
    const mask = (0xff << (8 - kept)) & 0xff;
    return (byte & mask) === ((range.network[index] ?? 0) & mask);
  });
};

/** Whether two ranges have an address in common. */
export const overlap = (left: Range, right: Range): boolean => (left.bits <= right.bits ? contains(left, right.network) : contains(right, left.network));

const table: readonly (readonly [AddressKind, readonly string[]])[] = [
  // the metadata services of clouds: AWS, Azure, GCE and OpenStack; AWS over IPv6; Alibaba; Oracle
  ['metadata', ['169.254.169.254/32', '169.254.170.2/32', 'fd00:ec2::254/128', '100.100.100.200/32', '192.0.0.192/32']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10']],
  // IANA special-purpose registries (RFC 6890): this network, documentation, benchmarking, multicast, reserved, translation and tunnels
  [
    'special',
    [
      '0.0.0.0/8',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '224.0.0.0/4',
      '240.0.0.0/4',
      '::/96',
      '64:ff9b::/96',
      '64:ff9b:1::/48',
      '100::/64',
      '2001::/23',
      '2001:db8::/32',
      '2002::/16',
      'ff00::/8',
    ],
  ],
];

const kinds: readonly (readonly [AddressKind, Range])[] = table.flatMap(([kind, ranges]) =>
  ranges.flatMap((text) => {
    const range = parseRange(text);
    return range === null ? [] : [[kind, range] as const];
  }),
);

export const kindOf = (address: Address): AddressKind => kinds.find(([, range]) => contains(range, address))?.[0] ?? 'public';

/** What the configuration allows beside public addresses: exact `host:port` entries, and ranges for private networks. */
export type Allowed = readonly string[];

const hostAndPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/**
 * null: Hanse may connect. Otherwise the reason, in words. `host` is what was asked for, `address` what it resolved to (the same when it is one).
 * Public addresses are allowed; private ones by range or exact entry; loopback by exact entry; link-local and metadata by an exact entry of the address itself.
 */
export const refuseAddress = (host: string, address: string, port: number, allowed: Allowed): string | null => {
  const parsed = parseAddress(address);
  if (parsed === null) return `"${address}" is not an IP address`;
  const kind = kindOf(parsed);
  if (kind === 'public' || allowed.includes(hostAndPort(address, port))) return null;
  const byName = allowed.includes(hostAndPort(host.toLowerCase(), port));
  if (byName && (kind === 'private' || kind === 'loopback')) return null;
  const byRange = allowed.some((entry) => {
    const range = parseRange(entry);
    return range !== null && contains(range, parsed);
  });
  if (byRange && kind === 'private') return null;
  const where = host === address ? address : `${host} is ${address}, which`;
  return `${where} is a ${kind} address that the configuration does not allow (allowedAddresses: ${hostAndPort(address, port)})`;
};

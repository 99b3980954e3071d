// Address ranges that must not meet when pods are routed natively: a packet can have one destination only.
export type Ranges = { readonly cluster: string; readonly podCidrs: readonly string[]; readonly serviceCidrs: readonly string[] };

type Range = { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint };

const bits = { 4: 32n, 6: 128n } as const;

const ipv4 = (text: string): bigint | null => {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
};

const ipv6 = (text: string): bigint | null => {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 39) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const head = groups[0] ?? [];
  const tail = groups[1] ?? [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
};

/** null: not a range. */
export const parseRange = (cidr: string): Range | null => {
  const match = /^([0-9a-fA-F:.]{2,39})\/(\d{1,3})$/.exec(cidr);
  if (match === null) return null;
  const [, address = '', prefix = ''] = match;
  const family = address.includes(':') ? 6 : 4;
  const value = family === 6 ? ipv6(address) : ipv4(address);
  if (value === null || BigInt(prefix) > bits[family]) return null;
  const size = 1n << (bits[family] - BigInt(prefix));
  const first = value - (value % size);
  return { family, first, last: first + size - 1n };
};

export const overlap = (a: string, b: string): boolean => {
  const one = parseRange(a);
  const other = parseRange(b);
  return one !== null && other !== null && one.family === other.family && one.first <= other.last && other.first <= one.last;
};

type Use = 'pods' | 'services';

const meetings = (a: Ranges, b: Ranges, useOfA: Use, useOfB: Use): string[] => {
  const of = (ranges: Ranges, use: Use): readonly string[] => (use === 'pods' ? ranges.podCidrs : ranges.serviceCidrs);
  return of(a, useOfA).flatMap((one) =>
    of(b, useOfB)
      .filter((other) => overlap(one, other))
      .map(
        (other) =>
          `The ${useOfA} of ${a.cluster} (${one}) and the ${useOfB} of ${b.cluster} (${other}) use the same addresses: they cannot be routed natively to each other.`,
      ),
  );
};

/** Services are reached by an address of the own cluster only, so two service ranges may be the same; a pod range must meet neither. */
export const between = (a: Ranges, b: Ranges): readonly string[] => [
  ...meetings(a, b, 'pods', 'pods'),
  ...meetings(a, b, 'pods', 'services'),
  ...meetings(a, b, 'services', 'pods'),
];

/** One sentence for each collision between any two of the clusters; unknown or unreadable ranges are named, since what is not known is not a pass. */
export const collisions = (clusters: readonly Ranges[]): readonly string[] => {
  const unreadable = clusters.flatMap((cluster) => [
    ...(cluster.podCidrs.length === 0 ? [`The pod range of ${cluster.cluster} is not known, so that a collision cannot be excluded.`] : []),
    ...[...cluster.podCidrs, ...cluster.serviceCidrs]
      .filter((cidr) => parseRange(cidr) === null)
      .map((cidr) => `${cluster.cluster} names "${cidr}", which is not an address range.`),
  ]);
  const pairs = clusters.flatMap((a, index) => clusters.slice(index + 1).flatMap((b) => between(a, b)));
  return [...unreadable, ...pairs];
};

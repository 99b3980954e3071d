// Addresses as Liqo's IPAM gives them out: what is asked for where it is free, else the free range of that size which splits the least (pkg/ipam/core).
type Range = { readonly first: number; readonly bits: number };

const pools = ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12'];

const rangeOf = (cidr: string): Range => {
  const [address = '', bits = '32'] = cidr.split('/');
  return { first: numberOf(address), bits: Number(bits) };
};
const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const addressOf = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
const sizeOf = ({ bits }: Range): number => 2 ** (32 - bits);
const meet = (a: Range, b: Range): boolean => a.first < b.first + sizeOf(b) && b.first < a.first + sizeOf(a);
const isWithin = (inner: Range, outer: Range): boolean => inner.first >= outer.first && inner.first + sizeOf(inner) <= outer.first + sizeOf(outer);

export const contains = (cidr: string, address: string): boolean => isWithin({ first: numberOf(address), bits: 32 }, rangeOf(cidr));

/** null: nothing of that size is left. */
export function giveOut(asked: string, taken: readonly string[]): string | null {
  const wanted = rangeOf(asked);
  return taken.map(rangeOf).some((one) => meet(one, wanted)) ? freeRange(wanted.bits, taken) : asked;
}

/** Any of that size; null: none is left. */
export function freeRange(bits: number, taken: readonly string[]): string | null {
  const used = taken.map(rangeOf);
  for (const pool of pools) {
    const found = freeIn(rangeOf(pool), bits, used);
    if (found !== null) return `${addressOf(found.first)}/${found.bits}`;
  }
  return null;
}

function freeIn(node: Range, bits: number, used: readonly Range[]): Range | null {
  if (node.bits > bits || used.some((one) => isWithin(node, one))) return null;
  const isSplit = ({ first, bits: own }: Range): boolean => used.some((one) => one.bits > own && isWithin(one, { first, bits: own }));
  if (node.bits === bits) return isSplit(node) ? null : node;
  const left: Range = { first: node.first, bits: node.bits + 1 };
  const right: Range = { first: node.first + sizeOf(left), bits: node.bits + 1 };
  const order = !isSplit(left) && isSplit(right) ? [right, left] : [left, right];
  for (const half of order) {
    const found = freeIn(half, bits, used);
    if (found !== null) return found;
  }
  return null;
}

/** The same place in another range. */
export const moved = (address: string, from: string, to: string): string => addressOf(rangeOf(to).first + numberOf(address) - rangeOf(from).first);

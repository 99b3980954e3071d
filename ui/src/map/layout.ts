// Where everything stands on the screen: members of one city fan out, names never cover a ring or each other. Pure: pixels in, pixels out.
export type Spot = { readonly x: number; readonly y: number };
export type Node = Spot & { readonly id: string; readonly r: number };
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Label = Box & { readonly anchor: 'start' | 'end' | 'middle' };

const goldenAngle = 2.399_963;

/** Those at one place go round it, the first in the middle: as dense as rings of this size allow, in the order given. */
export const fanOut = (nodes: readonly Node[]): Node[] => {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const key = `${Math.round(node.x / 6)} ${Math.round(node.y / 6)}`;
    const group = groups.get(key);
    if (group) group.push(node);
    else groups.set(key, [node]);
  }
  const placed = new Map<string, Node>();
  for (const group of groups.values()) {
    const largest = group.reduce((most, { r }) => Math.max(most, r), 0);
    const step = largest * 1.75 + 5;
    group.forEach((node, index) => {
      const away = step * Math.sqrt(index) * (group.length === 2 ? 1.15 : 1);
      const angle = 0.6 + (index - 1) * goldenAngle;
      placed.set(node.id, index === 0 ? node : { ...node, x: node.x + away * Math.cos(angle), y: node.y + away * Math.sin(angle) });
    });
  }
  return apart(nodes.map((node) => placed.get(node.id) ?? node));
};

const apartMost = 120; // beyond that a mass is a mass
/** Neighbours from different cities give way to each other, a little each round. */
const apart = (nodes: readonly Node[]): Node[] => {
  if (nodes.length > apartMost) return [...nodes];
  const moved = nodes.map((node) => ({ ...node }));
  for (let round = 0; round < 24; round += 1) {
    let isStill = true;
    for (const [index, a] of moved.entries()) {
      for (const b of moved.slice(index + 1)) {
        const [dx, dy] = [b.x - a.x || 0.1, b.y - a.y || 0.1];
        const gap = Math.hypot(dx, dy);
        const wanted = a.r + b.r + 8;
        if (gap >= wanted) continue;
        isStill = false;
        const push = (wanted - gap) / 2 / gap;
        a.x -= dx * push;
        a.y -= dy * push;
        b.x += dx * push;
        b.y += dy * push;
      }
    }
    if (isStill) break;
  }
  return moved;
};

export type Wanted = Node & { readonly width: number; readonly height: number };

/** A place for each name beside its ring, the important ones first; who finds none is named in the table and on hover. */
export const placeLabels = (wanted: readonly Wanted[], obstacles: readonly Node[], within: Box, lines: readonly Spot[] = []): Map<string, Label> => {
  const taken: Box[] = obstacles.map(({ x, y, r }) => ({ x: x - r - 2, y: y - r - 2, width: 2 * r + 4, height: 2 * r + 4 }));
  const labels = new Map<string, Label>();
  for (const one of wanted) {
    const own = { x: one.x - one.r - 2, y: one.y - one.r - 2 };
    const sides = sidesOf(one).filter(
      (box) => isInside(box, within) && !taken.some((other) => !(other.x === own.x && other.y === own.y) && overlap(box, other)),
    );
    const crossed = (box: Box): number => lines.filter((spot) => overlap(box, { x: spot.x - 2, y: spot.y - 2, width: 4, height: 4 })).length;
    const free = sides.toSorted((a, b) => crossed(a) - crossed(b))[0];
    if (!free) continue;
    labels.set(one.id, free);
    taken.push(free);
  }
  return labels;
};

const sidesOf = ({ x, y, r, width, height }: Wanted): Label[] => {
  const gap = r + 6;
  const middle = y - height / 2;
  return [
    { x: x + gap, y: middle, width, height, anchor: 'start' },
    { x: x - gap - width, y: middle, width, height, anchor: 'end' },
    { x: x - width / 2, y: y + gap, width, height, anchor: 'middle' },
    { x: x - width / 2, y: y - gap - height, width, height, anchor: 'middle' },
    { x: x + gap * 0.8, y: y + gap * 0.5, width, height, anchor: 'start' },
    { x: x + gap * 0.8, y: y - gap * 0.5 - height, width, height, anchor: 'start' },
    { x: x - gap * 0.8 - width, y: y + gap * 0.5, width, height, anchor: 'end' },
    { x: x - gap * 0.8 - width, y: y - gap * 0.5 - height, width, height, anchor: 'end' },
  ];
};

export const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const isInside = (a: Box, b: Box): boolean => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

/** Area by capacity, within what can be seen and what leaves room. */
export const radiusOf = (cores: number | null): number => (cores === null ? 11 : Math.min(21, Math.max(10, 7 + Math.sqrt(cores) * 0.62)));

/** A slightly bent way from one to the other, so that back and forth do not lie on each other. */
export const bow = (from: Spot, to: Spot, bend = 0.16): string => {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const [cx, cy] = [from.x + dx / 2 + dy * bend, from.y + dy / 2 - dx * bend];
  return `M${round(from.x)} ${round(from.y)}Q${round(cx)} ${round(cy)} ${round(to.x)} ${round(to.y)}`;
};

/** Spots along the same way, for what must not lie on it. */
export const along = (from: Spot, to: Spot, bend = 0.16): Spot[] => {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const [cx, cy] = [from.x + dx / 2 + dy * bend, from.y + dy / 2 - dx * bend];
  const count = Math.min(60, Math.ceil(Math.hypot(dx, dy) / 8));
  return Array.from({ length: count + 1 }, (_, index) => {
    const t = index / Math.max(1, count);
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return { x: a * from.x + b * cx + c * to.x, y: a * from.y + b * cy + c * to.y };
  });
};

const round = (value: number): number => Math.round(value * 10) / 10;

/** The way ends at the rings, not in their middles. */
export const between = (from: Node, to: Node): readonly [Spot, Spot] => {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const at = (node: Node, sign: number): Spot => ({ x: node.x + (dx / length) * (node.r + 2) * sign, y: node.y + (dy / length) * (node.r + 2) * sign });
  return [at(from, 1), at(to, -1)];
};

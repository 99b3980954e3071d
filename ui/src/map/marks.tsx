// What has a name on the map.
import type { Member } from '../members.ts';
import { hrefOf } from '../route.ts';
import { along, between, bow } from './layout.ts';
import type { Label, Node, Spot } from './layout.ts';
import type { Exchange } from './lans.tsx';
import type { Move } from './moves.ts';

const textX = ({ x, width, anchor }: Label): number => (anchor === 'start' ? x : anchor === 'end' ? x + width : x + width / 2);

type MemberProps = { readonly member: Member; readonly node: Node; readonly label: Label | undefined; readonly isSelected: boolean; readonly isShort: boolean };

export const MemberMark = ({ member, node, label, isSelected, isShort }: MemberProps) => {
  const { x, y, r } = node;
  const isFaded = member.standing === 'offered';
  return (
    <a
      href={hrefOf(`/members/${encodeURIComponent(member.id)}`)}
      data-thing={member.id}
      className={`mark ${member.standing}${isFaded && !member.matches ? ' off' : ''}`}
      aria-label={`${member.name}, ${member.about}`}
      aria-current={isSelected ? 'true' : undefined}
    >
      <title>{`${member.name}: ${member.about}`}</title>
      {(isSelected || member.standing === 'home') && <circle className="halo" cx={x} cy={y} r={r + (isSelected ? 8 : 5)} />}
      <circle className="ring" cx={x} cy={y} r={r} />
      {member.used > 0.005 && <path className="use" d={arc(x, y, r - 5, member.used)} />}
      {member.standing === 'home' && <path className="house" d={`M${x - 4.5} ${y + 0.5}L${x} ${y - 4}L${x + 4.5} ${y + 0.5}M${x - 3} ${y}v4.5h6V${y}`} />}
      {label && (
        <text x={textX(label)} y={label.y + 12} textAnchor={label.anchor}>
          <tspan className="name">{member.name}</tspan>
          {!isShort && (
            <tspan className="about" x={textX(label)} dy="14.5">
              {member.about}
            </tspan>
          )}
        </text>
      )}
    </a>
  );
};

/** From twelve o'clock, clockwise. */
const arc = (x: number, y: number, r: number, share: number): string => {
  const angle = Math.min(share, 0.999) * 2 * Math.PI;
  const [endX, endY] = [x + r * Math.sin(angle), y - r * Math.cos(angle)];
  return `M${x} ${y - r}A${r} ${r} 0 ${angle > Math.PI ? 1 : 0} 1 ${endX} ${endY}`;
};

export const ExchangeMark = ({ exchange, label }: { readonly exchange: Exchange & { readonly node: Node }; readonly label: Label | undefined }) => {
  const { x, y } = exchange.node;
  return (
    <g className="exchange">
      <title>{exchange.title}</title>
      <path d={`M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z`} />
      {label && (
        <text x={textX(label)} y={label.y + 11} textAnchor={label.anchor}>
          {exchange.title}
        </text>
      )}
    </g>
  );
};

/** Bowed to the side where fewer exchanges are in its way. */
const wayOfMove = (from: Node, to: Node, others: readonly Node[]): { readonly from: Spot; readonly to: Spot; readonly bend: number } => {
  const [start, end] = between(from, to);
  const room = (bend: number): number =>
    Math.min(...along(start, end, bend).flatMap((spot) => others.map((other) => Math.hypot(spot.x - other.x, spot.y - other.y))));
  return { from: start, to: end, bend: room(0.22) > room(-0.22) ? 0.22 : -0.22 };
};

export const moveLines = (
  moves: readonly Move[],
  nodes: ReadonlyMap<string, Node>,
  marks: readonly { readonly node: Node }[],
): { readonly move: Move; readonly line: ReturnType<typeof wayOfMove> }[] => {
  const others = marks.map(({ node }) => node);
  return moves.flatMap((move) => {
    const [from, to] = [nodes.get(move.from), nodes.get(move.to)];
    return from && to ? [{ move, line: wayOfMove(from, to, others) }] : [];
  });
};

type MoveProps = { readonly move: Move; readonly line: ReturnType<typeof wayOfMove> };

export const MoveLine = ({ move, line: { from, to, bend } }: MoveProps) => {
  const way = bow(from, to, bend);
  return (
    <g className="move">
      <title>{`${move.application} moves from ${move.from} to ${move.to}`}</title>
      <path d={way} />
      {[0, 1, 2].map((index) => (
        <rect key={index} x="-3.5" y="-3.5" width="7" height="7">
          <animateMotion dur="3.6s" begin={`${-index * 1.2}s`} repeatCount="indefinite" path={way} rotate="auto" />
        </rect>
      ))}
    </g>
  );
};

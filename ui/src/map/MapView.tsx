// The map: an instrument. Canvas for land and mass, SVG for what has a name, a table for who cannot see either.
import { useMemo, useRef } from 'react';
import type { Everything } from '../useKnown.ts';
import { going } from '../words.ts';
import type { Member } from '../members.ts';
import { go, hrefOf } from '../route.ts';
import { along, fanOut, placeLabels, radiusOf } from './layout.ts';
import type { Node, Spot } from './layout.ts';
import { MapTable } from './MapTable.tsx';
import { useLand, useMass, useSize } from './canvases.ts';
import { Edge, Legend, Zoom } from './MapFrame.tsx';
import { ExchangeMark, MemberMark, MoveLine, moveLines } from './marks.tsx';
import { movesOf } from './moves.ts';
import { CircuitLines, exchangesOf, spotsOf, useLans, waysOf } from './lans.tsx';
import type { Exchange } from './lans.tsx';
import { useView } from './useView.ts';
import { fitted, project } from './view.ts';
import type { Size, View } from './view.ts';

const namedMost = 60;
/** Below it there is room for names alone; what each is stands in its panel. */
const narrow = 520;

type Props = { readonly known: Everything; readonly selected: string | null };

export const MapView = ({ known, selected }: Props) => {
  const stage = useRef<HTMLDivElement>(null);
  const scene = useRef<HTMLDivElement>(null);
  const land = useRef<HTMLCanvasElement>(null);
  const mass = useRef<HTMLCanvasElement>(null);
  const size = useSize(stage);
  const moving = useView(stage, scene, size);
  const { view } = moving;
  const lans = useLans();
  const inside = useMemo(() => known.members.filter(({ place, outside }) => place !== null && outside === null), [known.members]);
  const outside = known.members.filter((member) => member.outside !== null);
  const exchanges = useMemo(() => exchangesOf(lans), [lans]);
  const fitKey = JSON.stringify([...inside.filter(({ matches, standing }) => matches || standing !== 'offered'), ...exchanges].map(({ place }) => place));
  const fit = useMemo(() => fitted(JSON.parse(fitKey), size), [fitKey, size]);
  const nodes = useMemo(() => nodesOf(inside, exchanges, fit, view), [inside, exchanges, fit, view]);
  const marks = exchanges.flatMap((exchange) => {
    const node = nodes.get(exchangeId(exchange));
    return node ? [{ ...exchange, node }] : [];
  });
  const [named, unnamed] = useMemo(() => apartOf(inside), [inside]);
  const ways = useMemo(() => waysOf(lans, nodes, marks), [lans, nodes]);
  const moves = moveLines(movesOf(known.operations, known.applications), nodes, marks);
  const lines = [...spotsOf(ways), ...moves.flatMap(({ line }) => along(line.from, line.to, line.bend))];
  const labels = useLabels(named, nodes, marks, lines, size);
  useLand(land, fit, view, size);

  useMass(mass, unnamed, nodes, size);

  const pick = (x: number, y: number): void => {
    const near = unnamed.find((member) => {
      const node = nodes.get(member.id);
      return node !== undefined && Math.hypot(node.x - x, node.y - y) <= node.r + 3;
    });
    if (near) go(hrefOf(`/members/${encodeURIComponent(near.id)}`));
  };

  return (
    <section className="map" aria-label="Map of the federation">
      <div
        ref={stage}
        className="stage"
        tabIndex={0}
        role="group"
        aria-label="Map. Arrow keys move it, plus and minus enlarge, zero fits it to the members. The members follow as links, and as a table below."
        {...moving.handlers}
        onClick={(event) => {
          if (moving.wasMoved()) return;
          const box = event.currentTarget.getBoundingClientRect();
          pick(event.clientX - box.left, event.clientY - box.top);
        }}
      >
        <div ref={scene} className="scene">
          <canvas ref={land} aria-hidden="true" />
          <canvas ref={mass} aria-hidden="true" />
          <svg width={size.width} height={size.height} role="presentation">
            <CircuitLines ways={ways} />
            {moves.map(({ move, line }) => (
              <MoveLine key={`${move.operation} ${move.from} ${move.to}`} move={move} line={line} />
            ))}
            {marks.map((exchange) => (
              <ExchangeMark key={exchange.name} exchange={exchange} label={labels.get(exchange.node.id)} />
            ))}
            {named.map((member) => {
              const node = nodes.get(member.id);
              return node ? (
                <MemberMark
                  key={member.id}
                  member={member}
                  node={node}
                  label={labels.get(member.id)}
                  isSelected={member.id === selected}
                  isShort={size.width < narrow}
                />
              ) : null;
            })}
          </svg>
        </div>
      </div>
      <Edge outside={outside} known={known} />
      <Legend hasLans={lans.length > 0} isMoving={known.operations.some(({ kind, state }) => kind === 'migrate' && going.includes(state))} />
      <Zoom moving={moving} />
      <MapTable members={known.members} />
    </section>
  );
};

const exchangeId = ({ name }: Pick<Exchange, 'name'>): string => `ix ${name}`;

/** Who has a name on the map, and who is part of the mass. */
const apartOf = (inside: readonly Member[]): readonly [readonly Member[], readonly Member[]] => {
  if (inside.length <= namedMost) return [inside, []];
  const isNamed = ({ standing }: Member, index: number): boolean => standing !== 'offered' || index < namedMost;
  return [inside.filter(isNamed), inside.filter((member, index) => !isNamed(member, index))];
};

/** Members of a city stand round its exchange. */
const nodesOf = (members: readonly Member[], exchanges: readonly Exchange[], fit: ReturnType<typeof fitted>, view: View): Map<string, Node> => {
  const isMany = members.length > namedMost;
  const things = [
    ...exchanges.map((exchange) => ({ id: exchangeId(exchange), place: exchange.place, r: 8 })),
    ...members.flatMap(({ id, place, cores, standing }) =>
      place === null ? [] : [{ id, place, r: radiusOf(cores) * (isMany && standing === 'offered' ? 0.42 : 1) }],
    ),
  ];
  const placed = things.flatMap(({ id, place, r }) => {
    const at = project(fit, place, view);
    return at === null ? [] : [{ id, ...at, r }];
  });
  return new Map(fanOut(placed).map((node) => [node.id, node]));
};

const useLabels = (
  named: readonly Member[],
  nodes: ReadonlyMap<string, Node>,
  marks: readonly { readonly title: string; readonly node: Node }[],
  lines: readonly Spot[],
  size: Size,
) => {
  const wanted = named.flatMap((member) => {
    const node = nodes.get(member.id);
    if (!node || node.x < 0 || node.y < 0 || node.x > size.width || node.y > size.height) return [];
    const about = size.width < narrow ? 0 : member.about.length * 6;
    return [{ ...node, width: Math.max(member.name.length * 7.8, about) + 4, height: about === 0 ? 16 : 30 }];
  });
  const all = [...wanted, ...marks.map(({ title, node }) => ({ ...node, width: title.length * 6.6 + 4, height: 15 }))];
  return placeLabels(all, all, { x: 4, y: 4, width: size.width - 8, height: size.height - 8 }, lines);
};

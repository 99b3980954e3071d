// The canvases of the map, and when they are painted.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { GeoProjection } from 'd3-geo';
import type { Member } from '../members.ts';
import type { Node } from './layout.ts';
import { loadLand, paintLand, paintMass } from './paint.ts';
import { bleedPx, shiftOf } from './view.ts';
import type { Size, View } from './view.ts';

/** Drawn as soon as its shapes are there; until then the last picture stands where it belongs. */
export const useLand = (canvas: RefObject<HTMLCanvasElement | null>, fit: GeoProjection, view: View, size: Size): void => {
  const painted = useRef<{ view: View; fit: unknown } | null>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = canvas.current;
    if (element === null || size.width === 0) return;
    const last = painted.current;
    if (last !== null && last.fit === fit) {
      // about the corner of the canvas, which lies outside
      const corner = ({ x, y, k }: View): View => ({ k, x: x + bleedPx, y: y + bleedPx });
      element.style.transform = shiftOf(corner(last.view), corner(view));
    }
    let isGone = false;
    const draw = async (): Promise<void> => {
      const shapes = await loadLand();
      if (isGone) return;
      paintLand(element, shapes, fit, view, size);
      element.style.transform = '';
      painted.current = { view, fit };
    };
    void draw();
    return () => {
      isGone = true;
    };
  }, [canvas, fit, view, size, theme]);
};

const useTheme = (): boolean => {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const look = (): void => setDark(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return isDark;
};

export const useSize = (stage: RefObject<HTMLElement | null>): Size => {
  const [size, setSize] = useState<Size>({ width: 800, height: 560 });
  useLayoutEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const look = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [stage]);
  return size;
};

/** With the marks, not after them. */
export const useMass = (canvas: RefObject<HTMLCanvasElement | null>, members: readonly Member[], nodes: ReadonlyMap<string, Node>, size: Size): void => {
  const theme = useTheme();
  useLayoutEffect(() => {
    if (canvas.current === null) return;
    const drawn = members.flatMap((member) => {
      const node = nodes.get(member.id);
      return node ? [{ node, member }] : [];
    });
    paintMass(canvas.current, drawn, size);
  }, [canvas, members, nodes, size, theme]);
};

// Moving and enlarging the map: wheel, drag, two fingers, keys. While a hand moves it the picture that was painted is moved as a whole, which costs no
// rendering and no layout; it is painted anew where the hand rests, lets go, or has come so far that there is nothing painted any more.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, RefObject } from 'react';
import { bleedPx, shiftOf, still, zoomed } from './view.ts';
import type { Size, View } from './view.ts';

export type Moving = {
  /** What is painted. */
  readonly view: View;
  readonly handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerUp(event: PointerEvent): void;
    onPointerCancel(event: PointerEvent): void;
    onKeyDown(event: KeyboardEvent): void;
  };
  /** Whether the hand that is lifted now had moved the map: then it meant no member. */
  wasMoved(): boolean;
  zoom(factor: number): void;
  fit(): void;
};

const stepPx = 60;
const restMs = 140;
const clickPx = 4;

/** `scene`: what is moved as a whole. */
const useHand = (scene: RefObject<HTMLElement | null>) => {
  const [view, setView] = useState(still);
  const painted = useRef(view);
  const wanted = useRef(view);
  const [frame, rest, isHeld] = [useRef(0), useRef(0), useRef(false)];

  const show = useCallback((): void => {
    frame.current = 0;
    if (scene.current) scene.current.style.transform = wanted.current === painted.current ? '' : shiftOf(painted.current, wanted.current);
  }, [scene]);
  const paint = useCallback((): void => {
    clearTimeout(rest.current);
    setView(wanted.current);
  }, []);
  const move = useCallback(
    (next: (now: View) => View): void => {
      wanted.current = next(wanted.current);
      if (frame.current === 0) frame.current = requestAnimationFrame(show);
      clearTimeout(rest.current);
      const { x, y, k } = painted.current;
      const isFar = Math.max(Math.abs(wanted.current.x - x), Math.abs(wanted.current.y - y)) > bleedPx || wanted.current.k < k * 0.7;
      if (!isHeld.current || isFar) rest.current = window.setTimeout(paint, isFar ? 0 : restMs);
    },
    [show, paint],
  );
  useLayoutEffect(() => {
    painted.current = view;
    show();
  }, [view, show]);
  return { view, move, paint, isHeld };
};

export const useView = (stage: RefObject<HTMLElement | null>, scene: RefObject<HTMLElement | null>, { width, height }: Size): Moving => {
  const { view, move, paint, isHeld } = useHand(scene);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const moved = useRef(0);

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      move((now) => zoomed(now, Math.exp(-event.deltaY * 0.0016), { x: event.clientX - box.left, y: event.clientY - box.top }));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [stage, move]);

  return useMemo(() => {
    const middle = { x: width / 2, y: height / 2 };
    const by = (dx: number, dy: number): void => move((now) => ({ ...now, x: now.x + dx, y: now.y + dy }));
    const end = (event: PointerEvent): void => {
      fingers.current.delete(event.pointerId);
      if (fingers.current.size > 0 || !isHeld.current) return;
      isHeld.current = false;
      paint();
    };
    const now = (next: (view: View) => View): void => {
      move(next);
      paint();
    };
    return {
      view,
      wasMoved: () => moved.current > clickPx,
      zoom: (factor) => now((at) => zoomed(at, factor, middle)),
      fit: () => now(() => still),
      handlers: {
        onPointerDown(event) {
          moved.current = 0;
          if (event.target instanceof Element && event.target.closest('[data-thing],button,a')) return;
          fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
          isHeld.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
        },
        onPointerMove(event) {
          const before = fingers.current.get(event.pointerId);
          if (!before) return;
          const at = { x: event.clientX, y: event.clientY };
          const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
          fingers.current.set(event.pointerId, at);
          moved.current += Math.abs(at.x - before.x) + Math.abs(at.y - before.y);
          if (!other) return by(at.x - before.x, at.y - before.y);
          const factor = Math.hypot(at.x - other.x, at.y - other.y) / (Math.hypot(before.x - other.x, before.y - other.y) || 1);
          const box = event.currentTarget.getBoundingClientRect();
          move((then) => zoomed(then, factor, { x: (at.x + other.x) / 2 - box.left, y: (at.y + other.y) / 2 - box.top }));
        },
        onPointerUp: end,
        onPointerCancel: end,
        onKeyDown(event) {
          if (event.target !== event.currentTarget) return;
          const acts: Readonly<Record<string, () => void>> = {
            '+': () => move((at) => zoomed(at, 1.3, middle)),
            '-': () => move((at) => zoomed(at, 1 / 1.3, middle)),
            '0': () => now(() => still),
            ArrowLeft: () => by(stepPx, 0),
            ArrowRight: () => by(-stepPx, 0),
            ArrowUp: () => by(0, stepPx),
            ArrowDown: () => by(0, -stepPx),
          };
          const act = acts[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        },
      },
    };
  }, [view, width, height, move, paint, isHeld]);
};

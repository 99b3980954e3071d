// Moving and enlarging the map: wheel, drag, two fingers, keys.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, RefObject } from 'react';
import { still, zoomed } from './view.ts';
import type { Size, View } from './view.ts';

export type Moving = {
  readonly view: View;
  readonly handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerUp(event: PointerEvent): void;
    onPointerCancel(event: PointerEvent): void;
    onKeyDown(event: KeyboardEvent): void;
  };
  zoom(factor: number): void;
  fit(): void;
};

const stepPx = 60;

export const useView = (stage: RefObject<HTMLElement | null>, { width, height }: Size): Moving => {
  const [view, setView] = useState(still);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const middle = { x: width / 2, y: height / 2 };

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      setView((now) => zoomed(now, Math.exp(-event.deltaY * 0.0016), { x: event.clientX - box.left, y: event.clientY - box.top }));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [stage]);

  const move = useCallback((dx: number, dy: number) => setView((now) => ({ ...now, x: now.x + dx, y: now.y + dy })), []);
  const end = (event: PointerEvent): void => void fingers.current.delete(event.pointerId);

  return {
    view,
    zoom: (factor) => setView((now) => zoomed(now, factor, middle)),
    fit: () => setView(still),
    handlers: {
      onPointerDown(event) {
        if (event.target instanceof Element && event.target.closest('[data-thing],button,a')) return;
        fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove(event) {
        const before = fingers.current.get(event.pointerId);
        if (!before) return;
        const now = { x: event.clientX, y: event.clientY };
        const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
        fingers.current.set(event.pointerId, now);
        if (!other) return move(now.x - before.x, now.y - before.y);
        const factor = Math.hypot(now.x - other.x, now.y - other.y) / (Math.hypot(before.x - other.x, before.y - other.y) || 1);
        const box = event.currentTarget.getBoundingClientRect();
        setView((then) => zoomed(then, factor, { x: (now.x + other.x) / 2 - box.left, y: (now.y + other.y) / 2 - box.top }));
      },
      onPointerUp: end,
      onPointerCancel: end,
      onKeyDown(event) {
        if (event.target !== event.currentTarget) return;
        const acts: Readonly<Record<string, () => void>> = {
          '+': () => setView((now) => zoomed(now, 1.3, middle)),
          '-': () => setView((now) => zoomed(now, 1 / 1.3, middle)),
          '0': () => setView(still),
          ArrowLeft: () => move(stepPx, 0),
          ArrowRight: () => move(-stepPx, 0),
          ArrowUp: () => move(0, stepPx),
          ArrowDown: () => move(0, -stepPx),
        };
        const act = acts[event.key];
        if (!act) return;
        event.preventDefault();
        act();
      },
    },
  };
};

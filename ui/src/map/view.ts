// What part of the globe is shown: it fits itself to the members, and can be moved and enlarged from there.
import { geoAzimuthalEqualArea } from 'd3-geo';
import type { GeoProjection } from 'd3-geo';
import type { Spot } from './layout.ts';
import type { Point } from './places.ts';

export type View = { readonly k: number; readonly x: number; readonly y: number };
export const still: View = { k: 1, x: 0, y: 0 };

export type Size = { readonly width: number; readonly height: number };

const scaleMax = 3_600; // pixels a radian: 1.8 km a pixel; one city alone is still shown with its country
const europe: readonly Point[] = [
  [59, -9],
  [59, 24],
  [37, -9],
  [37, 24],
];

export const fitted = (points: readonly Point[], { width, height }: Size): GeoProjection => {
  const shown = points.length === 0 ? europe : points;
  const north = shown.map(([one]) => one);
  const east = shown.map(([, one]) => one);
  const middle: Point = [(Math.min(...north) + Math.max(...north)) / 2, (Math.min(...east) + Math.max(...east)) / 2];
  const projection = geoAzimuthalEqualArea().rotate([-middle[1], -middle[0]]);
  const [sides, ends] = [Math.min(190, width * 0.2), Math.min(90, height * 0.16)];
  const object = { type: 'MultiPoint' as const, coordinates: shown.map(([n, e]) => [e, n]) };
  projection.fitExtent(
    [
      [sides, ends],
      [width - sides, height - ends],
    ],
    object,
  );
  if (projection.scale() > scaleMax || !Number.isFinite(projection.scale())) {
    projection.scale(scaleMax).translate([0, 0]);
    const [x, y] = projection([middle[1], middle[0]]) ?? [0, 0];
    projection.translate([width / 2 - x, height / 2 - y]);
  }
  return projection;
};

export const project = (projection: GeoProjection, [north, east]: Point, { k, x, y }: View): Spot | null => {
  const at = projection([east, north]);
  return at === null ? null : { x: at[0] * k + x, y: at[1] * k + y };
};

/** Painted beyond each edge, so that there is something when the picture is moved. */
export const bleedPx = 160;

/** What brings a picture of `painted` to where `wanted` is, about its own corner. */
export const shiftOf = (painted: View, wanted: View): string => {
  const k = wanted.k / painted.k;
  return `translate(${wanted.x - painted.x * k}px, ${wanted.y - painted.y * k}px) scale(${k})`;
};

export const zoomed = (view: View, factor: number, at: Spot): View => {
  const k = Math.min(24, Math.max(0.35, view.k * factor));
  const real = k / view.k;
  return { k, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real };
};

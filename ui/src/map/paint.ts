// The two canvases: the land, and the mass of members without a name; both drawn again when the map comes to rest.
import { geoPath } from 'd3-geo';
import type { GeoProjection } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import type { Topology, GeometryCollection } from 'topojson-specification';
import landUrl from 'world-atlas/countries-50m.json?url';
import type { Member } from '../members.ts';
import type { Node } from './layout.ts';
import { bleedPx } from './view.ts';
import type { Size, View } from './view.ts';

type Land = { readonly countries: Parameters<ReturnType<typeof geoPath>>[0]; readonly borders: Parameters<ReturnType<typeof geoPath>>[0] };

let loading: Promise<Land> | null = null;

export const loadLand = (): Promise<Land> => {
  loading ??= fetch(landUrl)
    .then((response) => response.json())
    .then((world: Topology<{ land: GeometryCollection; countries: GeometryCollection }>) => ({
      countries: feature(world, world.objects.land),
      borders: mesh(world, world.objects.countries, (a, b) => a !== b),
    }));
  return loading;
};

/** In pixels of the stage: its own lie `bleedPx` beyond each edge. */
const prepared = (canvas: HTMLCanvasElement, { width, height }: Size): { readonly context: CanvasRenderingContext2D; readonly ratio: number } | null => {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const [wide, high] = [Math.round((width + 2 * bleedPx) * ratio), Math.round((height + 2 * bleedPx) * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.setTransform(ratio, 0, 0, ratio, bleedPx * ratio, bleedPx * ratio);
  context.clearRect(-bleedPx, -bleedPx, width + 2 * bleedPx, height + 2 * bleedPx);
  return { context, ratio };
};

const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

type Shapes = { readonly countries: Path2D; readonly borders: Path2D };
/** In sizes of the stage to each side: made as small as it can be, the map shows three. */
const reach = 4;
const shapesOf = new WeakMap<GeoProjection, Shapes>();

/** Projected once for each fit: enlarging and moving are a matter of the canvas. */
const shaped = (land: Land, fit: GeoProjection, { width, height }: Size): Shapes => {
  const known = shapesOf.get(fit);
  if (known) return known;
  // what nobody comes to see is left out
  const clip = fit.clipExtent();
  fit.clipExtent([
    [-reach * width, -reach * height],
    [(reach + 1) * width, (reach + 1) * height],
  ]);
  const path = geoPath(fit);
  const made = { countries: new Path2D(path(land.countries) ?? ''), borders: new Path2D(path(land.borders) ?? '') };
  fit.clipExtent(clip);
  shapesOf.set(fit, made);
  return made;
};

export const paintLand = (canvas: HTMLCanvasElement, land: Land, fit: GeoProjection, view: View, size: Size): void => {
  const made = prepared(canvas, size);
  if (made === null) return;
  const { context, ratio } = made;
  const { countries, borders } = shaped(land, fit, size);
  context.setTransform(ratio * view.k, 0, 0, ratio * view.k, (view.x + bleedPx) * ratio, (view.y + bleedPx) * ratio);
  context.fillStyle = ink('--land');
  context.fill(countries);
  context.strokeStyle = ink('--border-land');
  context.lineWidth = 0.8 / view.k;
  context.stroke(borders);
};

export const paintMass = (canvas: HTMLCanvasElement, mass: readonly { readonly node: Node; readonly member: Member }[], size: Size): void => {
  const made = prepared(canvas, size);
  if (made === null) return;
  const { context } = made;
  const fill = ink('--bg');
  const colours = { matching: ink('--blue'), other: ink('--faint') };
  context.lineWidth = 1.6;
  for (const { node, member } of mass) {
    if (node.x < -bleedPx || node.y < -bleedPx || node.x > size.width + bleedPx || node.y > size.height + bleedPx) continue;
    context.beginPath();
    context.arc(node.x, node.y, Math.max(3, node.r), 0, 7);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = member.matches ? colours.matching : colours.other;
    context.stroke();
  }
};

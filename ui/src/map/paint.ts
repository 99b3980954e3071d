// The two canvases: the land, drawn again when the map comes to rest; and the mass of members without a name, drawn with every frame.
import { geoPath } from 'd3-geo';
import type { GeoProjection } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import type { Topology, GeometryCollection } from 'topojson-specification';
import landUrl from 'world-atlas/countries-50m.json?url';
import type { Member } from '../members.ts';
import type { Node } from './layout.ts';
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

const prepared = (canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null => {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
};

const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const paintLand = (canvas: HTMLCanvasElement, land: Land, fit: GeoProjection, view: View, size: Size): void => {
  const context = prepared(canvas, size);
  if (context === null) return;
  const [scale, [x, y], clip] = [fit.scale(), fit.translate(), fit.clipExtent()];
  fit
    .scale(scale * view.k)
    .translate([x * view.k + view.x, y * view.k + view.y])
    .clipExtent([
      [-40, -40],
      [size.width + 40, size.height + 40],
    ]);
  const path = geoPath(fit, context);
  context.beginPath();
  path(land.countries);
  context.fillStyle = ink('--land');
  context.fill();
  context.beginPath();
  path(land.borders);
  context.strokeStyle = ink('--border-land');
  context.lineWidth = 0.8;
  context.stroke();
  fit.scale(scale).translate([x, y]).clipExtent(clip);
};

export const paintMass = (canvas: HTMLCanvasElement, mass: readonly { readonly node: Node; readonly member: Member }[], size: Size): void => {
  const context = prepared(canvas, size);
  if (context === null) return;
  const fill = ink('--bg');
  const colours = { matching: ink('--blue'), other: ink('--faint') };
  context.lineWidth = 1.6;
  for (const { node, member } of mass) {
    if (node.x < -20 || node.y < -20 || node.x > size.width + 20 || node.y > size.height + 20) continue;
    context.beginPath();
    context.arc(node.x, node.y, Math.max(3, node.r), 0, 7);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = member.matches ? colours.matching : colours.other;
    context.stroke();
  }
};

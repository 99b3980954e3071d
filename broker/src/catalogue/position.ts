// Where on the earth, as Gaia-X says it: gx:GPSLocation, in decimal degrees or in degrees, minutes and seconds.
import { valuesOf } from './node.ts';
import type { Node } from './node.ts';

const decimalDegrees = /^[+-]?\d{1,3}(?:\.\d{1,15})?$/;

/** Latitude and longitude in degrees to six decimals, `52.37 4.9`; null: it is no place. Another reference system than WGS 84 may lie metres beside it. */
export function positionIn(location: unknown): string | null {
  if (!isNode(location)) return null;
  const [latitude, longitude] = ['latitude', 'longitude'].map((term) => degreesOf(valuesOf(location, 'gx', term)));
  if (latitude == null || longitude == null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  return `${rounded(latitude)} ${rounded(longitude)}`;
}

function degreesOf([angle, ...more]: readonly unknown[]): number | null {
  if (more.length > 0) return null;
  if (typeof angle === 'number') return Number.isFinite(angle) ? angle : null;
  if (typeof angle === 'string') return decimalDegrees.test(angle.trim()) ? Number(angle) : null;
  if (!isNode(angle)) return null;
  const part = (term: string, most: number): number | null => {
    const [value = 0, ...others] = valuesOf(angle, 'gx', term).map((each) => (typeof each === 'string' ? Number(each) : each));
    return others.length === 0 && typeof value === 'number' && Math.abs(value) <= most ? value : null;
  };
  const [degrees, minutes, seconds, decimals] = [part('degrees', 180), part('minutes', 60), part('seconds', 60), part('decimals', 1)];
  if (degrees === null || minutes === null || seconds === null || decimals === null || minutes < 0 || seconds < 0 || decimals < 0) return null;
  return (degrees < 0 ? -1 : 1) * (Math.abs(degrees) + minutes / 60 + (seconds + decimals) / 3600);
}

const rounded = (degrees: number): number => Math.round(degrees * 1e6) / 1e6 + 0;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

// Points on the earth: how they are written, and how far it is from one to another.
export type Point = { readonly latitude: number; readonly longitude: number };

/** Mean radius of the earth (IUGG). */
const radiusKm = 6371.0088;
/** Half of a great circle: nothing is farther from anything. */
export const farthestKm = 20_016;

const decimalDegrees = /^[+-]?\d{1,3}(?:\.\d{1,15})?$/;

/** Six decimals are a tenth of a metre. null: there is no such place. */
export function pointOf(latitude: number, longitude: number): Point | null {
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return { latitude: rounded(latitude, 1e6), longitude: rounded(longitude, 1e6) };
}

/** From `52.37,4.9`, or as a fact says it: `52.37 4.9`. null: neither. */
export function readPoint(text: string): Point | null {
  const [latitude = '', longitude = '', more] = text.trim().split(/\s*,\s*|\s+/);
  if (more !== undefined || !decimalDegrees.test(latitude) || !decimalDegrees.test(longitude)) return null;
  return pointOf(Number(latitude), Number(longitude));
}

export const printPoint = ({ latitude, longitude }: Point): string => `${latitude},${longitude}`;

/** Great circle, in kilometres, to the metre: what a criterion is held against must not hang on the last bit of a sine. */
export function kmBetween(one: Point, other: Point): number {
  const [from, to] = [radians(one.latitude), radians(other.latitude)];
  const [north, east] = [to - from, radians(other.longitude - one.longitude)];
  const half = Math.sin(north / 2) ** 2 + Math.cos(from) * Math.cos(to) * Math.sin(east / 2) ** 2;
  return rounded(2 * radiusKm * Math.asin(Math.sqrt(Math.min(1, half))), 1e3);
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Never -0, which would be written as 0 and read as another. */
const rounded = (value: number, per: number): number => Math.round(value * per) / per + 0;

/** How a position is told where it is asked how far it is, and read back. */
export const tellAway = (km: number, position: string): string => `${km} km away, at ${position}`;
export const withoutAway = (told: string): string => told.replace(/^[\d.]+ km away, at /, '');

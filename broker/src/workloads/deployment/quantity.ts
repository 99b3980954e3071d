// Kubernetes quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** null: it is no quantity, or a negative one. */
export function parseQuantity(text: string): number | null {
  const match = /^\+?(\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (!match) return null;
  const [, digits, suffix, exponent] = match;
  return Number(digits) * (exponent === undefined ? (factors[suffix ?? ''] ?? 1) : 10 ** Number(exponent));
}

/** Rounded up, as the scheduler does; null: no quantity. */
export const millisOf = (text: string): number | null => scaled(text, 1000);
export const bytesOf = (text: string): number | null => scaled(text, 1);

/** A hair is taken off before rounding up: 0.1 × 3 is no 301 thousandths of 1. */
function scaled(text: string, by: number): number | null {
  const value = parseQuantity(text);
  return value === null ? null : Math.max(0, Math.ceil(value * by - 1e-6));
}

// Kubernetes quantities (resource.Quantity): 500m, 2, 1.5Gi, 4e3. null: not one.
const shape = /^(\d+(?:\.\d*)?|\.\d+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,2})?$/;
const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
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

export function parseQuantity(text: string): number | null {
  const [, number, suffix = ''] = shape.exec(text) ?? [];
  if (number === undefined) return null;
  return Number(number) * (factors[suffix] ?? (suffix === '' ? 1 : 10 ** Number(suffix.slice(1))));
}

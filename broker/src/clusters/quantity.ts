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

const shape = /^\+?(\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/;

/** As written, not rounded; null: no quantity, or a negative one. */
export const quantityValue = (text: string): number | null => {
  const [matched, digits, suffix, exponent] = shape.exec(text) ?? [];
  if (matched === undefined) return null;
  return Number(digits) * (exponent === undefined ? (factors[suffix ?? ''] ?? 1) : 10 ** Number(exponent));
};

/** Times `by`, rounded up as the scheduler does (a hair is taken off first: 0.1 × 3 is no 301 thousandths of 1); null: no quantity, or a negative one. */
export const readQuantity = (text: string, by = 1): number | null => {
  const value = quantityValue(text);
  return value === null ? null : Math.max(0, Math.ceil(value * by - 1e-6));
};

export type Amount = { readonly cpuMillis: number; readonly memoryBytes: number; readonly pods: number; readonly gpus: number };

export const none: Amount = { cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 };

const gpu = /^(nvidia\.com\/(gpu|mig-.+)|amd\.com\/gpu|gpu\.intel\.com\/.+)$/;

/** Of a resource list; what is not named or cannot be read is 0. */
export const readAmount = (list: Readonly<Record<string, string | number>>): Amount => {
  const of = (name: string, by = 1): number => readQuantity(String(list[name] ?? '0'), by) ?? 0;
  const gpus = Object.keys(list).filter((name) => gpu.test(name));
  return { cpuMillis: of('cpu', 1000), memoryBytes: of('memory'), pods: of('pods'), gpus: gpus.reduce((sum, name) => sum + of(name), 0) };
};

const each = (left: Amount, right: Amount, how: (a: number, b: number) => number): Amount => ({
  cpuMillis: how(left.cpuMillis, right.cpuMillis),
  memoryBytes: how(left.memoryBytes, right.memoryBytes),
  pods: how(left.pods, right.pods),
  gpus: how(left.gpus, right.gpus),
});

export const plus = (left: Amount, right: Amount): Amount => each(left, right, (a, b) => a + b);
export const least = (left: Amount, right: Amount): Amount => each(left, right, Math.max);
/** Never below zero: more may be requested than there is left. */
export const minus = (left: Amount, right: Amount): Amount => each(left, right, (a, b) => Math.max(0, a - b));

// Units that a value may be written with. What is kept has none: it is in the unit of its fact.
import type { FactMeaning } from '../../catalogue/index.ts';

type Scale = readonly [numerator: bigint, denominator: bigint];
type Units = Readonly<Record<string, Scale>>;

const one: Scale = [1n, 1n];
const gib = 1024n ** 3n;
const bytes = (factor: bigint): Scale => [factor, gib];

/** By the unit of a fact; the first is its own. */
const byUnit: Readonly<Record<string, Units>> = {
  GiB: {
    GiB: one,
    Gi: one,
    KiB: bytes(1024n),
    Ki: bytes(1024n),
    MiB: bytes(1024n ** 2n),
    Mi: bytes(1024n ** 2n),
    TiB: [1024n, 1n],
    Ti: [1024n, 1n],
    PiB: [1024n ** 2n, 1n],
    kB: bytes(10n ** 3n),
    MB: bytes(10n ** 6n),
    GB: bytes(10n ** 9n),
    TB: bytes(10n ** 12n),
    PB: bytes(10n ** 15n),
  },
  '%': { '%': one },
  'L/kWh': { 'L/kWh': one, 'mL/kWh': [1n, 1000n] },
  ms: { ms: one, us: [1n, 1000n], s: [1000n, 1n] },
  km: { km: one, m: [1n, 1000n], mi: [1_609_344n, 1_000_000n] },
  'EUR per vCPU and hour': { 'EUR/h': one, 'EUR/vCPUh': one, 'ct/h': [1n, 100n], 'ct/vCPUh': [1n, 100n], 'EUR/d': [1n, 24n] },
};

/** Of facts that name no unit: a share may be written as a percentage, cores as Kubernetes writes them. */
const byFact: Readonly<Record<string, Units>> = {
  'cpu.cores': { cores: one, vCPU: one, m: [1n, 1000n] },
  availability: { '%': [1n, 100n] },
};

export const unitsOf = (fact: string, { type, unit }: Pick<FactMeaning, 'type' | 'unit'>): Units =>
  (type === 'position' ? byUnit['km'] : (byUnit[unit ?? ''] ?? byFact[fact])) ?? {};

export type Amount = { readonly digits: string; readonly unit: string };

/** Number and unit apart; null: it begins with no number. */
export function amountIn(text: string): Amount | null {
  const parts = /^(\d{1,15}(?:\.\d{1,60})?)\s*([A-Za-z%][A-Za-z0-9%/]{0,20})?$/.exec(text);
  const [, digits, unit = ''] = parts ?? [];
  // what is converted is written with more decimals, and has to be read again
  return digits === undefined || (unit !== '' && digits.length > 30) ? null : { digits, unit };
}

/** As the number would be written in the fact's own unit. Exact as far as a double is: 0.7ct/h is 0.007. */
export function converted({ digits }: Amount, [numerator, denominator]: Scale): string {
  if (numerator === denominator) return digits;
  const [whole = '', decimals = ''] = digits.split('.');
  const scaled = (BigInt(whole + decimals) * numerator * precision) / (denominator * 10n ** BigInt(decimals.length));
  const padded = scaled.toString().padStart(precisionDigits + 1, '0');
  return plainly(Number(`${padded.slice(0, -precisionDigits)}.${padded.slice(-precisionDigits)}`));
}

const precisionDigits = 40;
const precision = 10n ** BigInt(precisionDigits);

/** The shortest text that is read as the same double, without an exponent. */
export function plainly(value: number): string {
  const text = String(value);
  const parts = /^(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (parts === null) return text;
  return `0.${'0'.repeat(Number(parts[3]) - 1)}${parts[1] ?? ''}${parts[2] ?? ''}`;
}

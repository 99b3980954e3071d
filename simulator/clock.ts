// The time of the demo: it can run faster, and goes on where it would be after a pause. Kubernetes keeps the real time; what takes hours and days
// (orders, provisioning, notice periods) goes by this one.
import type { Disk } from './disk.ts';
import { isPlain } from './fields.ts';

export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  readonly factor: number;
  /** From now on this many times as fast as real time. */
  run(factor: number): Promise<void>;
};

type Setting = { readonly realAt: number; readonly shownAt: number; readonly factor: number };
const part = 'clock';

export function openClock(disk: Disk, real: () => number = Date.now): Clock {
  let setting = read(disk.read(part)) ?? { realAt: real(), shownAt: real(), factor: 1 };
  const now = (): number => setting.shownAt + (real() - setting.realAt) * setting.factor;
  return {
    now,
    get factor() {
      return setting.factor;
    },
    run(factor) {
      setting = { realAt: real(), shownAt: now(), factor };
      return disk.write(part, setting);
    },
  };
}

function read(found: unknown): Setting | undefined {
  if (!isPlain(found)) return undefined;
  const { realAt, shownAt, factor } = found;
  return typeof realAt === 'number' && typeof shownAt === 'number' && typeof factor === 'number' ? { realAt, shownAt, factor } : undefined;
}

// Quantities as Kubernetes writes them: 500m, 4, 8Gi, 1e3.
import { failWith } from './failure.ts';

const factors: Readonly<Record<string, number>> = { m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

export const quantityOf = (text: string, option: string): number => {
  const [, number, suffix = ''] = /^(\d+(?:\.\d+)?(?:e\d{1,2})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text.trim()) ?? [];
  const factor = factors[suffix];
  if (number === undefined || factor === undefined)
    throw failWith('usage', `${option} ${text} is not a quantity.`, 'Write it as Kubernetes does: 500m, 4, 8Gi.');
  return Number(number) * factor;
};

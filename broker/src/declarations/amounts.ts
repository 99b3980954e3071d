// Sizes as documents write them and as peerings keep them.
import type { Amount } from '../../../contract/src/index.ts';
import { readQuantity } from '../clusters/quantity.ts';

export type Size = { readonly cpuMillis: number; readonly memoryBytes: number; readonly pods: number; readonly gpus: number };

export type WrittenSize = { readonly cpu: string; readonly memory: string; readonly pods: number; readonly gpus: number };

/** What is not named stays as in `otherwise`. */
export const sizeOf = ({ cpu, memory, pods, gpus }: Amount, otherwise: Size): Size => ({
  cpuMillis: cpu === undefined ? otherwise.cpuMillis : (readQuantity(String(cpu), 1000) ?? otherwise.cpuMillis),
  memoryBytes: memory === undefined ? otherwise.memoryBytes : (readQuantity(String(memory)) ?? otherwise.memoryBytes),
  pods: pods ?? otherwise.pods,
  gpus: gpus ?? otherwise.gpus,
});

const units = ['Ti', 'Gi', 'Mi', 'Ki'] as const;

const memoryText = (bytes: number): string => {
  const unit = units.find((_, index) => bytes > 0 && bytes % 1024 ** (units.length - index) === 0);
  return unit === undefined ? String(bytes) : `${bytes / 1024 ** (units.length - units.indexOf(unit))}${unit}`;
};

/** Exactly: read again it is the same size. */
export const amountOf = ({ cpuMillis, memoryBytes, pods, gpus }: Size): WrittenSize => ({
  cpu: cpuMillis % 1000 === 0 ? String(cpuMillis / 1000) : `${cpuMillis}m`,
  memory: memoryText(memoryBytes),
  pods,
  gpus,
});

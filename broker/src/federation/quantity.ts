// Kubernetes quantities (resource.Quantity) as whole numbers and back.
import type { Peering } from './peering.ts';

export type SliceResources = Peering['resources'];

const units: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** The number a quantity stands for; null: not a quantity. */
export const quantityValue = (text: string): number | null => {
  const match = /^([+]?\d{1,16}(?:\.\d{1,9})?)(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|[eE][+-]?\d{1,2})?$/.exec(text);
  if (match === null) return null;
  const [, digits = '', unit = ''] = match;
  const factor = units[unit] ?? Number(`1${unit}`);
  const value = Number(digits) * factor;
  return Number.isFinite(value) ? value : null;
};

/** What a slice asks for or was granted, from the resource list of a ResourceSlice; what is not named or not readable is 0. */
export const readResources = (list: Readonly<Record<string, string | number>>): SliceResources => {
  const value = (name: string): number => quantityValue(String(list[name] ?? '0')) ?? 0;
  return {
    cpuMillis: Math.round(value('cpu') * 1000),
    memoryBytes: Math.round(value('memory')),
    pods: Math.round(value('pods')),
    gpus: Math.round(value('nvidia.com/gpu')),
  };
};

export const resourceList = (resources: SliceResources): Record<string, string> => ({
  cpu: `${resources.cpuMillis}m`,
  memory: String(resources.memoryBytes),
  pods: String(resources.pods),
  ...(resources.gpus > 0 ? { 'nvidia.com/gpu': String(resources.gpus) } : {}),
});

const binary = (bytes: number): string => {
  if (bytes >= 2 ** 30) return `${+(bytes / 2 ** 30).toFixed(2)} GiB`;
  return `${+(bytes / 2 ** 20).toFixed(2)} MiB`;
};

/** "4 CPU, 8 GiB, 110 pods". */
export const resourcesInWords = (resources: SliceResources): string =>
  [`${resources.cpuMillis / 1000} CPU`, binary(resources.memoryBytes), `${resources.pods} pods`, ...(resources.gpus > 0 ? [`${resources.gpus} GPU`] : [])].join(
    ', ',
  );

/** Names of what `wanted` has more of than `limit`; a limit that is not given does not limit. */
export const exceeds = (
  wanted: SliceResources,
  limit: { readonly cpuMillis?: number; readonly memoryBytes?: number; readonly pods?: number; readonly gpus?: number },
): readonly string[] => [
  ...(limit.cpuMillis !== undefined && wanted.cpuMillis > limit.cpuMillis ? [`${wanted.cpuMillis / 1000} CPU of at most ${limit.cpuMillis / 1000}`] : []),
  ...(limit.memoryBytes !== undefined && wanted.memoryBytes > limit.memoryBytes
    ? [`${binary(wanted.memoryBytes)} of at most ${binary(limit.memoryBytes)}`]
    : []),
  ...(limit.pods !== undefined && wanted.pods > limit.pods ? [`${wanted.pods} pods of at most ${limit.pods}`] : []),
  ...(limit.gpus !== undefined && wanted.gpus > limit.gpus ? [`${wanted.gpus} GPU of at most ${limit.gpus}`] : []),
];

export const sameResources = (a: SliceResources, b: SliceResources): boolean =>
  a.cpuMillis === b.cpuMillis && a.memoryBytes === b.memoryBytes && a.pods === b.pods && a.gpus === b.gpus;

// What a slice has, as Kubernetes and people write it.
import type { Peering } from './peering.ts';

export type SliceResources = Peering['resources'];

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

// From apiVersion and kind to a path, by asking the server: which resources a group's version has. Answers are kept; what is missing is asked again.
import type { ApiResource } from './kube.ts';

export type Resource = ApiResource & { readonly plural: string };

/** null: 404. */
type GetPath = (path: string) => Promise<unknown>;

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const groupPath = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

const parseResources = (apiVersion: string, answer: unknown): Resource[] =>
  list(record(answer)['resources']).flatMap((entry) => {
    const { name, kind, namespaced, verbs } = record(entry);
    if (typeof name !== 'string' || typeof kind !== 'string' || name.includes('/')) return [];
    return [{ name, plural: name, kind, apiVersion, namespaced: namespaced === true, verbs: list(verbs).filter((verb) => typeof verb === 'string') }];
  });

/** Group versions, the preferred one of each group first. */
const parseGroups = (answer: unknown): string[][] =>
  list(record(answer)['groups']).map((group) => {
    const versions = list(record(group)['versions']).flatMap((version) => {
      const { groupVersion } = record(version);
      return typeof groupVersion === 'string' ? [groupVersion] : [];
    });
    const { groupVersion: preferred } = record(record(group)['preferredVersion']);
    return typeof preferred === 'string' ? [preferred, ...versions.filter((version) => version !== preferred)] : versions;
  });

export type Discovery = {
  /** null: the server has no such kind. */
  find(apiVersion: string, kind: string, getPath: GetPath): Promise<Resource | null>;
  forget(apiVersion: string): void;
  all(getPath: GetPath): Promise<Resource[]>;
};

export const createDiscovery = (): Discovery => {
  const known = new Map<string, readonly Resource[]>();
  const ask = async (apiVersion: string, getPath: GetPath): Promise<readonly Resource[]> => {
    const resources = parseResources(apiVersion, await getPath(groupPath(apiVersion)));
    if (resources.length > 0) known.set(apiVersion, resources);
    return resources;
  };
  const among = (resources: readonly Resource[], kind: string): Resource | undefined => resources.find((resource) => resource.kind === kind);
  return {
    async find(apiVersion, kind, getPath) {
      const kept = among(known.get(apiVersion) ?? [], kind);
      return kept ?? among(await ask(apiVersion, getPath), kind) ?? null;
    },
    forget: (apiVersion) => void known.delete(apiVersion),
    async all(getPath) {
      const groups = [['v1'], ...parseGroups(await getPath('/apis'))];
      const found = await Promise.all(
        groups.map(async (versions) => {
          const kinds = new Map<string, Resource>();
          for (const version of versions) {
            for (const resource of await ask(version, getPath)) if (!kinds.has(resource.kind)) kinds.set(resource.kind, resource);
          }
          return [...kinds.values()];
        }),
      );
      return found.flat();
    },
  };
};

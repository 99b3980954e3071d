// A collection of objects kept up to date, of each only what is needed.
import type { Kube, KubeObject, Query } from './kube.ts';

export type Informer<Projected> = {
  /** Whether the first list has been read. */
  synced(): boolean;
  values(): IterableIterator<Projected>;
  /** Resolves when it has ended: by its signal, or because the account may not watch. */
  readonly ended: Promise<void>;
};

export type InformerOptions<Projected> = {
  readonly kube: Kube;
  readonly query: Query;
  /** null: not kept. */
  readonly project: (object: KubeObject) => Projected | null;
  readonly signal: AbortSignal;
  /** After every change, and once synced. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
};

export const startInformer = <Projected>({ kube, query, project, signal, onChange, onError }: InformerOptions<Projected>): Informer<Projected> => {
  const kept = new Map<string, Projected>();
  let isSynced = false;
  const onSynced = (): void => {
    isSynced = true;
    onChange();
  };
  const follow = async (): Promise<void> => {
    for await (const { type, object } of kube.watch(query, { signal, onSynced })) {
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const projected = type === 'DELETED' ? null : project(object);
      if (projected === null) kept.delete(key);
      else kept.set(key, projected);
      if (isSynced) onChange();
    }
  };
  return { synced: () => isSynced, values: () => kept.values(), ended: follow().catch(onError) };
};

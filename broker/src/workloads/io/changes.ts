// What an update would change, asked of the server itself: each object applied without being kept, and held against what is there.
import type { Kube, KubeObject } from '../../clusters/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import type { Application } from '../application.ts';
import { prunedFrom, titleOf } from '../deployment/makePlan.ts';
import { isFields, isSame } from '../json.ts';
import { applyOurs } from './objects.ts';
import { completeObjects } from './secrets.ts';

export type Change = { readonly owner: string; readonly kube: Kube; readonly application: Application; readonly before: Application };

/** `Deployment web: spec.replicas 3 → 6`. Values of Secrets are never shown. */
export async function changesOf({ store }: { store: Store }, { owner, kube, application, before }: Change): Promise<string[]> {
  const changes: string[] = [];
  for (const object of await completeObjects(store, owner, application)) {
    const applied = await applyOurs(kube, object, { application: application.name, operation: 'planned', dryRun: true });
    const title = `${object.kind} ${object.metadata.name}`;
    if (applied.before === null) changes.push(`${title} is made.`);
    else {
      const fields = differences(applied.before, applied.object);
      if (fields.length > 0) changes.push(`${title}: ${fields.slice(0, 8).join(', ')}${fields.length > 8 ? ` and ${fields.length - 8} more` : ''}.`);
    }
  }
  return [...changes, ...prunedFrom(application, before).map((manifest) => `${titleOf(manifest)} is deleted.`)];
}

const ofTheServer = ['metadata.managedFields', 'metadata.resourceVersion', 'metadata.generation', 'status'];

function differences(one: KubeObject, other: KubeObject): string[] {
  const isSecret = one.kind === 'Secret';
  return differing(one, other, '').map(({ path, from, to }) => (isSecret ? path : `${path} ${shown(from)} → ${shown(to)}`));
}

type Difference = { readonly path: string; readonly from: unknown; readonly to: unknown };

function differing(from: unknown, to: unknown, path: string): Difference[] {
  if (ofTheServer.includes(path) || isSame(from, to)) return [];
  if (isFields(from) && isFields(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])]
      .sort()
      .flatMap((key) => differing(from[key], to[key], path === '' ? key : `${path}.${key}`));
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.flatMap((item, index) => differing(item, to[index], `${path}[${index}]`));
  return [{ path, from, to }];
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

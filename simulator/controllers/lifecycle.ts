// Namespaces take everything with them; what lost its owners goes.
import { kinds } from '../kinds.ts';
import type { OwnerReference, Stored } from '../object.ts';
import type { Controller } from './controller.ts';

export const namespaces: Controller = (objects) => {
  for (const namespace of objects.all('v1', 'Namespace')) {
    const name = namespace.metadata.name;
    if (!namespace.metadata.deletionTimestamp) {
      objects.ensure({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } });
      objects.ensure({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: name }, data: {} });
      continue;
    }
    const content = kinds.filter((k) => k.namespaced).flatMap((k) => objects.list(k, name));
    for (const object of content) if (!object.metadata.deletionTimestamp) objects.drop(object);
    if (content.length === 0) objects.remove(namespace);
  }
  return null;
};

const owners = (object: Stored): OwnerReference[] => object.metadata.ownerReferences ?? [];

/** Owner references: what lost all its owners goes; what was deleted with Orphan lets its dependents go. */
export const garbage: Controller = (objects) => {
  const every = kinds.flatMap((k) => objects.list(k));
  for (const owner of every.filter((o) => o.metadata.deletionTimestamp && o.metadata.finalizers?.includes('orphan'))) {
    const { uid } = owner.metadata;
    for (const child of every.filter((c) => owners(c).some((o) => o.uid === uid)))
      objects.update(child, (c) => void (c.metadata.ownerReferences = owners(c).filter((o) => o.uid !== uid)));
    objects.update(owner, (o) => void (o.metadata.finalizers = (o.metadata.finalizers ?? []).filter((f) => f !== 'orphan')));
  }
  const uids = new Set(every.map((o) => o.metadata.uid));
  for (const object of kinds.flatMap((k) => objects.list(k)))
    if (owners(object).length > 0 && !owners(object).some((o) => uids.has(o.uid)) && !object.metadata.deletionTimestamp) objects.drop(object);
  return null;
};

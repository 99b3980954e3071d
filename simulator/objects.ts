// The state of one simulated API server: objects, versions, field owners, and what watchers missed.
import { randomUUID } from 'node:crypto';
import { isPlain, jsonPatch, leaves, mergePatch, removeAt, type JsonPatchOperation, type Plain } from './fields.ts';
import { apiVersionOf, kindOf, type Kind } from './kinds.ts';

export type Meta = {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
  finalizers?: string[];
};
// `any` below the metadata would be honest too; controllers read with small accessors instead.
export type Stored = {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  spec?: Plain;
  status?: Plain;
  data?: Record<string, string>;
  [field: string]: unknown;
};

export type Change = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; kind: Kind; object: Stored; version: number };

/** A Status object of the Kubernetes API, thrown. */
export class Refused extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Plain;
  constructor(code: number, reason: string, message: string, details: Plain = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

const HISTORY = 4000;
const clone = <T>(value: T): T => structuredClone(value);

export class Objects {
  readonly #objects = new Map<string, Stored>();
  readonly #managers = new Map<string, Map<string, Map<string, string>>>();
  readonly #watchers = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 1;
  #forgotten = 0;

  get version(): number {
    return this.#version;
  }
  /** Versions at and below this one are forgotten: a watch from there is answered 410. */
  get oldest(): number {
    return this.#forgotten;
  }

  onChange(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
  since(version: number): Change[] {
    return this.#history.filter((c) => c.version > version);
  }
  /** As after a compaction: every watch that has to resume is told 410. */
  forgetHistory(): void {
    this.#history = [];
    this.#forgotten = this.#version;
  }

  get(kind: Kind, namespace: string | undefined, name: string): Stored | undefined {
    return this.#objects.get(key(kind, namespace, name));
  }
  /** For controllers: by API version and kind name. */
  find(apiVersion: string, kindName: string, namespace: string | undefined, name: string): Stored | undefined {
    const kind = kindOf(apiVersion, kindName);
    return kind && this.get(kind, namespace, name);
  }
  list(kind: Kind, namespace?: string): Stored[] {
    const prefix = `${apiVersionOf(kind)}/${kind.plural}/${namespace === undefined ? '' : `${namespace}/`}`;
    return [...this.#objects].filter(([k]) => k.startsWith(prefix)).map(([, o]) => o);
  }
  all(apiVersion: string, kindName: string, namespace?: string): Stored[] {
    const kind = kindOf(apiVersion, kindName);
    return kind ? this.list(kind, namespace) : [];
  }

  create(kind: Kind, input: Plain, manager: string, dryRun = false): Stored {
    const object = withMeta(kind, input);
    const at = key(kind, object.metadata.namespace, object.metadata.name);
    if (kind.namespaced) this.#needNamespace(object.metadata.namespace ?? '');
    if (this.#objects.has(at))
      throw new Refused(409, 'AlreadyExists', `${kind.plural} "${object.metadata.name}" already exists`, { name: object.metadata.name, kind: kind.plural });
    if (kind.status && kind.kind !== 'Namespace') delete object.status;
    defaults(object);
    if (dryRun) return object;
    this.#managers.set(at, new Map([[manager, leaves(owned(object))]]));
    return this.#commit('ADDED', kind, object);
  }

  /** PUT: precondition when the object carries a resourceVersion. */
  replace(kind: Kind, namespace: string | undefined, name: string, input: Plain, manager: string, subresource?: string, dryRun = false): Stored {
    const before = this.#need(kind, namespace, name);
    const meta = isPlain(input.metadata) ? input.metadata : {};
    if (meta.resourceVersion && meta.resourceVersion !== before.metadata.resourceVersion)
      throw new Refused(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${kind.plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
        { name, kind: kind.plural },
      );
    if (meta.uid && meta.uid !== before.metadata.uid)
      throw new Refused(409, 'Conflict', `Precondition failed: UID in precondition: ${String(meta.uid)}, UID in object meta: ${before.metadata.uid}`);
    const next = clone(
      subresource === 'status' ? { ...before, status: input.status } : { ...input, ...(kind.status ? { status: before.status } : {}) },
    ) as Stored;
    if (subresource !== 'status') next.metadata = { ...keepIdentity(before.metadata, meta) };
    return this.#store(kind, before, next, manager, dryRun);
  }

  patch(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    type: 'merge' | 'json',
    manager: string,
    subresource?: string,
    dryRun = false,
  ): Stored {
    const before = this.#need(kind, namespace, name);
    const copy = clone(before) as unknown as Plain;
    if (type === 'json') {
      const failure = jsonPatch(copy, patch as JsonPatchOperation[]);
      if (failure) throw new Refused(422, 'Invalid', `the server rejected our request due to an error in our request: ${failure}`);
      return this.replace(kind, namespace, name, copy, manager, subresource, dryRun);
    }
    const merged = mergePatch(copy, patch) as Plain;
    if (!(isPlain(patch) && isPlain(patch.metadata) && patch.metadata.resourceVersion) && isPlain(merged.metadata)) delete merged.metadata.resourceVersion;
    return this.replace(kind, namespace, name, merged, manager, subresource, dryRun);
  }

  /** Server-side apply: fields this manager applied before and leaves out now are removed; another's fields conflict unless forced. */
  apply(kind: Kind, namespace: string | undefined, name: string, input: Plain, manager: string, force: boolean, dryRun = false): Stored {
    const before = this.get(kind, namespace, name);
    if (!before)
      return this.create(
        kind,
        { ...input, metadata: { ...(isPlain(input.metadata) ? input.metadata : {}), name, ...(namespace === undefined ? {} : { namespace }) } },
        manager,
        dryRun,
      );
    const managers = this.#managers.get(key(kind, namespace, name)) ?? new Map<string, Map<string, string>>();
    const wanted = leaves(owned(input));
    const conflicts = [...managers].flatMap(([other, fields]) =>
      other === manager ? [] : [...wanted].filter(([path, value]) => fields.has(path) && fields.get(path) !== value).map(([path]) => ({ other, path })),
    );
    if (conflicts.length > 0 && !force)
      throw new Refused(
        409,
        'Conflict',
        `Apply failed with ${conflicts.length} conflict${conflicts.length > 1 ? 's' : ''}: ${conflicts.map((c) => `conflict with "${c.other}": ${c.path.replaceAll('/', '.')}`).join(', ')}`,
        {
          causes: conflicts.map((c) => ({ reason: 'FieldManagerConflict', message: `conflict with "${c.other}"`, field: c.path.replaceAll('/', '.') })),
        },
      );
    const merged = mergePatch(clone(before), withoutServerFields(input)) as Plain;
    for (const path of managers.get(manager)?.keys() ?? []) {
      const shared = [...managers].some(([other, fields]) => other !== manager && fields.has(path));
      if (!wanted.has(path) && !shared) removeAt(merged, path);
    }
    const next = { ...merged, metadata: keepIdentity(before.metadata, merged.metadata as Plain), status: before.status } as Stored;
    if (before.status === undefined) delete next.status;
    const result = this.#store(kind, before, next, '', dryRun);
    if (!dryRun) {
      for (const [other, fields] of managers) if (other !== manager) for (const [path, value] of wanted) if (fields.get(path) !== value) fields.delete(path);
      managers.set(manager, wanted);
      this.#managers.set(key(kind, namespace, name), managers);
    }
    return result;
  }

  delete(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    options: { uid?: string; resourceVersion?: string; propagation?: string; grace?: number } = {},
  ): Stored {
    const object = this.#need(kind, namespace, name);
    if (options.uid && options.uid !== object.metadata.uid)
      throw new Refused(409, 'Conflict', `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${object.metadata.uid}`);
    if (options.resourceVersion && options.resourceVersion !== object.metadata.resourceVersion)
      throw new Refused(
        409,
        'Conflict',
        `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${object.metadata.resourceVersion}`,
      );
    const next = clone(object);
    if (options.propagation === 'Orphan') next.metadata.finalizers = [...(next.metadata.finalizers ?? []), 'orphan'];
    const held =
      (next.metadata.finalizers?.length ?? 0) > 0 ||
      kind.kind === 'Namespace' ||
      (kind.kind === 'Pod' && options.grace !== 0 && isPlain(object.spec) && object.spec.nodeName !== undefined);
    if (!held) {
      this.#remove(kind, object);
      return object;
    }
    if (next.metadata.deletionTimestamp === undefined) {
      next.metadata.deletionTimestamp = new Date().toISOString();
      if (kind.kind === 'Pod')
        next.metadata.deletionGracePeriodSeconds = options.grace ?? (isPlain(object.spec) ? Number(object.spec.terminationGracePeriodSeconds ?? 30) : 30);
      if (kind.kind === 'Namespace') next.status = { ...next.status, phase: 'Terminating' };
      return this.#commit('MODIFIED', kind, next);
    }
    return object;
  }

  /** For controllers: change in place; nothing happens when the change changes nothing. */
  update(object: Stored, change: (copy: Stored) => void): Stored | undefined {
    const kind = kindOf(object.apiVersion, object.kind);
    const current = kind && this.get(kind, object.metadata.namespace, object.metadata.name);
    if (!kind || !current || current.metadata.uid !== object.metadata.uid) return undefined;
    const next = clone(current);
    change(next);
    return this.#store(kind, current, next, '', false);
  }
  /** For controllers: end of a held deletion. */
  remove(object: Stored): void {
    const kind = kindOf(object.apiVersion, object.kind);
    const current = kind && this.get(kind, object.metadata.namespace, object.metadata.name);
    if (kind && current && current.metadata.uid === object.metadata.uid) this.#remove(kind, current);
  }
  /** For controllers: create unless it is there. */
  ensure(object: Plain & { apiVersion: string; kind: string }): Stored {
    const kind = kindOf(object.apiVersion, object.kind);
    if (!kind) throw new Error(`no kind ${object.apiVersion} ${object.kind}`);
    const meta = object.metadata as { name: string; namespace?: string };
    const existing = this.get(kind, meta.namespace, meta.name);
    if (existing) return existing;
    const made = this.create(kind, object, 'controller');
    return isPlain(object.status) ? (this.update(made, (o) => void (o.status = object.status as Plain)) ?? made) : made;
  }

  #store(kind: Kind, before: Stored, next: Stored, manager: string, dryRun: boolean): Stored {
    if (
      JSON.stringify({ ...before, metadata: { ...before.metadata, resourceVersion: '' } }) ===
      JSON.stringify({ ...next, metadata: { ...next.metadata, resourceVersion: '' } })
    )
      return before;
    if (JSON.stringify(before.spec) !== JSON.stringify(next.spec)) next.metadata.generation = before.metadata.generation + 1;
    defaults(next);
    if (dryRun) return next;
    if (manager) this.#takeOver(key(kind, before.metadata.namespace, before.metadata.name), before, next, manager);
    if (
      next.metadata.deletionTimestamp &&
      (next.metadata.finalizers?.length ?? 0) === 0 &&
      kind.kind !== 'Namespace' &&
      !(kind.kind === 'Pod' && next.metadata.deletionGracePeriodSeconds !== undefined)
    ) {
      this.#remove(kind, next);
      return next;
    }
    return this.#commit('MODIFIED', kind, next);
  }

  /** An update owns what it changed, and takes it from whoever applied it. */
  #takeOver(at: string, before: Stored, next: Stored, manager: string): void {
    const managers = this.#managers.get(at) ?? new Map<string, Map<string, string>>();
    const old = leaves(owned(before));
    const mine = managers.get(manager) ?? new Map<string, string>();
    for (const [path, value] of leaves(owned(next))) {
      if (old.get(path) === value) continue;
      for (const [other, fields] of managers) if (other !== manager) fields.delete(path);
      mine.set(path, value);
    }
    managers.set(manager, mine);
    this.#managers.set(at, managers);
  }

  #commit(type: 'ADDED' | 'MODIFIED', kind: Kind, object: Stored): Stored {
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    this.#objects.set(key(kind, object.metadata.namespace, object.metadata.name), object);
    this.#tell({ type, kind, object: clone(object), version: this.#version });
    return object;
  }
  #remove(kind: Kind, object: Stored): void {
    this.#version += 1;
    const at = key(kind, object.metadata.namespace, object.metadata.name);
    this.#objects.delete(at);
    this.#managers.delete(at);
    this.#tell({
      type: 'DELETED',
      kind,
      object: { ...clone(object), metadata: { ...clone(object.metadata), resourceVersion: String(this.#version) } },
      version: this.#version,
    });
  }
  #tell(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > HISTORY) this.#forgotten = this.#history.shift()?.version ?? 0;
    for (const watcher of this.#watchers) watcher(change);
  }
  #need(kind: Kind, namespace: string | undefined, name: string): Stored {
    const object = this.get(kind, namespace, name);
    if (!object) throw new Refused(404, 'NotFound', `${kind.plural}${kind.group ? `.${kind.group}` : ''} "${name}" not found`, { name, kind: kind.plural });
    return object;
  }
  #needNamespace(name: string): void {
    const namespace = this.find('v1', 'Namespace', undefined, name);
    if (!namespace) throw new Refused(404, 'NotFound', `namespaces "${name}" not found`, { name, kind: 'namespaces' });
    if (namespace.metadata.deletionTimestamp)
      throw new Refused(403, 'Forbidden', `unable to create new content in namespace ${name} because it is being terminated`);
  }
}

const key = (kind: Kind, namespace: string | undefined, name: string): string =>
  `${apiVersionOf(kind)}/${kind.plural}/${kind.namespaced ? namespace : ''}/${name}`;

function withMeta(kind: Kind, input: Plain): Stored {
  const meta = (isPlain(input.metadata) ? clone(input.metadata) : {}) as Partial<Meta>;
  const name = meta.name ?? (meta.generateName ? meta.generateName + randomUUID().replaceAll('-', '').slice(0, 5) : '');
  if (!name) throw new Refused(422, 'Invalid', `${kind.kind} "" is invalid: metadata.name: Required value: name or generateName is required`);
  if (!/^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/.test(name))
    throw new Refused(422, 'Invalid', `${kind.kind} "${name}" is invalid: metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain is required`);
  return {
    ...clone(input),
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { ...meta, name, uid: randomUUID(), generation: 1, resourceVersion: '', creationTimestamp: new Date().toISOString() },
  };
}

const keepIdentity = (before: Meta, next: Plain): Meta => ({
  ...(next as Partial<Meta>),
  name: before.name,
  ...(before.namespace === undefined ? {} : { namespace: before.namespace }),
  uid: before.uid,
  resourceVersion: before.resourceVersion,
  generation: before.generation,
  creationTimestamp: before.creationTimestamp,
  ...(before.deletionTimestamp === undefined ? {} : { deletionTimestamp: before.deletionTimestamp }),
});

const withoutServerFields = (input: Plain): Plain => {
  const { status: _status, ...rest } = clone(input);
  if (isPlain(rest.metadata)) for (const field of ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'generation']) delete rest.metadata[field];
  return rest;
};

/** What a manager can own: not the identity, not the status. */
function owned(object: Plain): Plain {
  const { apiVersion: _a, kind: _k, status: _s, metadata, ...rest } = object;
  const { labels, annotations, ownerReferences, finalizers } = (isPlain(metadata) ? metadata : {}) as Plain;
  return { ...rest, metadata: { labels, annotations, ownerReferences, finalizers } };
}

/** The few defaults of the real server that clients meet. */
function defaults(object: Stored): void {
  if (object.kind === 'Secret' && isPlain(object.stringData)) {
    object.data = { ...object.data, ...Object.fromEntries(Object.entries(object.stringData).map(([k, v]) => [k, Buffer.from(String(v)).toString('base64')])) };
    delete object.stringData;
  }
  if (object.kind === 'Namespace') object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  if (object.kind === 'Namespace' && !object.status) object.status = { phase: 'Active' };
  if (object.kind === 'Deployment' && object.spec) {
    object.spec.replicas ??= 1;
    object.spec.strategy ??= { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };
  }
}

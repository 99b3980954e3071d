// The state of one simulated API server: objects, versions, and what watchers missed.
import { isPlain, jsonPatch, mergePatch, removeAt, type JsonPatchOperation, type Plain } from './fields.ts';
import { apiVersionOf, kindOf, type Kind } from './kinds.ts';
import { born, isHeld, isReleased, keepIdentity, marked, Refused, withDefaults, withoutServerFields, type Stored } from './object.ts';
import type { ObjectLog } from './objectLog.ts';
import { FieldOwners } from './owners.ts';

export type Change = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; kind: Kind; object: Stored; version: number };
/** One object, named. */
export type Where = { readonly kind: Kind; readonly namespace: string | undefined; readonly name: string };
/** Who writes, and how. */
export type Write = { readonly manager: string; readonly dryRun?: boolean; readonly subresource?: string | undefined; readonly force?: boolean };
export type Deletion = {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: string | undefined;
  readonly grace?: number | undefined;
};

const HISTORY = 4000;
const clone = <T>(value: T): T => structuredClone(value);
const kindPrefix = (kind: Kind): string => `${apiVersionOf(kind)}/${kind.plural}/`;
const keyOf = ({ kind, namespace, name }: Where): string => `${kindPrefix(kind)}${kind.namespaced ? namespace : ''}/${name}`;
const sameBut = (object: Stored): string => JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: '' } });

export class Objects {
  readonly #objects = new Map<string, Stored>();
  /** The same, by the beginning of their keys: controllers list one kind at every look. */
  readonly #byKind = new Map<string, Map<string, Stored>>();
  readonly #owners = new FieldOwners();
  readonly #watchers = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 1;
  #forgotten = 0;
  readonly #log: ObjectLog | undefined;

  /** With a log it goes on where that one ends; who watched before is told 410. */
  constructor(log?: ObjectLog) {
    this.#log = log;
    for (const { key, object, owners, version } of log?.found ?? []) {
      this.#version = Math.max(this.#version, version);
      if (object === null) continue;
      this.#put(key, object);
      this.#owners.restore(key, owners);
    }
    this.#forgotten = this.#version > 1 ? this.#version : 0;
  }
  /** Resolves when everything that was changed so far is on disk; at once without one. */
  flushed(): Promise<void> {
    return this.#log?.flushed() ?? Promise.resolve();
  }

  get version(): number {
    return this.#version;
  }
  /** A watch from before this version is answered 410. */
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

  get(where: Where): Stored | undefined {
    return this.#objects.get(keyOf(where));
  }
  list(kind: Kind, namespace?: string): Stored[] {
    const all = this.#byKind.get(kindPrefix(kind)) ?? new Map<string, Stored>();
    if (namespace === undefined) return [...all.values()];
    const prefix = `${kindPrefix(kind)}${namespace}/`;
    return [...all].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object);
  }

  create(kind: Kind, input: Plain, { manager, dryRun }: Write): Stored {
    const object = born(kind, input);
    const { name, namespace } = object.metadata;
    const where = { kind, namespace, name };
    if (kind.namespaced) this.#needNamespace(namespace ?? '');
    if (this.get(where)) throw new Refused(409, 'AlreadyExists', `${kind.plural} "${name}" already exists`, { name, kind: kind.plural });
    if (dryRun) return object;
    this.#owners.created(keyOf(where), object, manager);
    return this.#commit('ADDED', kind, object);
  }

  /** PUT: precondition when the object carries a resourceVersion. */
  replace(where: Where, input: Plain, write: Write): Stored {
    const before = this.#need(where);
    const meta = isPlain(input.metadata) ? input.metadata : {};
    hold(where, before, { uid: textOf(meta.uid), resourceVersion: textOf(meta.resourceVersion) });
    if (write.subresource === 'status') return this.#store(where, before, clone({ ...before, status: input.status }) as Stored, write);
    const next = clone({ ...input, ...(where.kind.status ? { status: before.status } : {}), metadata: keepIdentity(before.metadata, meta) });
    return this.#store(where, before, next as Stored, write);
  }

  merge(where: Where, patch: unknown, write: Write, how: (target: unknown, patch: unknown) => unknown = mergePatch): Stored {
    const merged = how(clone(this.#need(where)), patch);
    if (!isPlain(merged)) throw new Refused(400, 'BadRequest', 'a merge patch of an object is an object');
    const versioned = isPlain(patch) && isPlain(patch.metadata) && patch.metadata.resourceVersion !== undefined;
    if (!versioned && isPlain(merged.metadata)) delete merged.metadata.resourceVersion;
    return this.replace(where, merged, write);
  }

  jsonPatch(where: Where, operations: readonly JsonPatchOperation[], write: Write): Stored {
    const copy = clone(this.#need(where)) as unknown as Plain;
    const failure = jsonPatch(copy, operations);
    if (failure) throw new Refused(422, 'Invalid', `the server rejected our request due to an error in our request: ${failure}`);
    return this.replace(where, copy, write);
  }

  /** Server-side apply: fields this manager applied before and leaves out now are removed; another's fields conflict unless forced. */
  apply(where: Where, input: Plain, write: Write): Stored {
    const before = this.get(where);
    if (!before) {
      const place = { name: where.name, ...(where.namespace === undefined ? {} : { namespace: where.namespace }) };
      const made = this.create(where.kind, { ...input, metadata: { ...(isPlain(input.metadata) ? input.metadata : {}), ...place } }, write);
      if (write.dryRun) return made;
      this.#owners.appliedAtBirth(keyOf(where), input, write.manager);
      this.#note(keyOf(where), made);
      return made;
    }
    const gone = this.#owners.applying(keyOf(where), input, write.manager, write.force ?? false);
    const merged = mergePatch(clone(before), withoutServerFields(input)) as Plain;
    for (const path of gone) removeAt(merged, path);
    const next = { ...merged, metadata: keepIdentity(before.metadata, merged.metadata as Plain), status: before.status } as Stored;
    if (before.status === undefined) delete next.status;
    const result = this.#store(where, before, next, { ...write, manager: '' });
    if (write.dryRun) return result;
    this.#owners.applied(keyOf(where), input, write.manager);
    this.#note(keyOf(where), this.get(where) ?? null);
    return result;
  }

  delete(where: Where, options: Deletion = {}): Stored {
    const object = this.#need(where);
    hold(where, object, options);
    const next = clone(object);
    if (options.propagation === 'Orphan') next.metadata.finalizers = [...(next.metadata.finalizers ?? []), 'orphan'];
    if (!isHeld(next, options.grace)) {
      this.#remove(where, object);
      return object;
    }
    return next.metadata.deletionTimestamp === undefined ? this.#commit('MODIFIED', where.kind, marked(next, options.grace)) : object;
  }

  // For controllers, by API version and kind.

  find(apiVersion: string, kindName: string, namespace: string | undefined, name: string): Stored | undefined {
    const kind = kindOf(apiVersion, kindName);
    return kind && this.get({ kind, namespace, name });
  }
  all(apiVersion: string, kindName: string, namespace?: string): Stored[] {
    const kind = kindOf(apiVersion, kindName);
    return kind ? this.list(kind, namespace) : [];
  }
  /** Change in place; nothing happens when the change changes nothing or the object is another one by now. */
  update(object: Stored, change: (copy: Stored) => void): Stored | undefined {
    const where = this.#whereIs(object);
    const current = where && this.get(where);
    if (!where || !current) return undefined;
    const next = clone(current);
    change(next);
    return this.#store(where, current, next, { manager: '' });
  }
  /** Deletes as a client would; nothing when it is gone. */
  drop(object: Stored, options: Deletion = {}): void {
    const where = this.#whereIs(object);
    if (where) this.delete(where, options);
  }
  /** The end of a held deletion. */
  remove(object: Stored): void {
    const where = this.#whereIs(object);
    if (where) this.#remove(where, object);
  }
  /** Create unless it is there, with its status. */
  ensure(object: Plain & { apiVersion: string; kind: string; metadata: { name: string; namespace?: string | undefined; [field: string]: unknown } }): Stored {
    const kind = kindOf(object.apiVersion, object.kind);
    if (!kind) throw new Error(`no kind ${object.apiVersion} ${object.kind}`);
    const existing = this.get({ kind, namespace: object.metadata.namespace, name: object.metadata.name });
    if (existing) return existing;
    const made = this.create(kind, object, { manager: 'controller' });
    const { status } = object;
    return isPlain(status) ? (this.update(made, (o) => void (o.status = status)) ?? made) : made;
  }

  #whereIs(object: Stored): Where | undefined {
    const kind = kindOf(object.apiVersion, object.kind);
    const where = kind && { kind, namespace: object.metadata.namespace, name: object.metadata.name };
    return where && this.get(where)?.metadata.uid === object.metadata.uid ? where : undefined;
  }
  #store(where: Where, before: Stored, next: Stored, { manager, dryRun }: Write): Stored {
    if (sameBut(before) === sameBut(next)) return before;
    if (JSON.stringify(before.spec) !== JSON.stringify(next.spec)) next.metadata.generation = before.metadata.generation + 1;
    withDefaults(next);
    if (dryRun) return next;
    if (manager) this.#owners.updated(keyOf(where), before, next, manager);
    if (isReleased(next)) {
      this.#remove(where, next);
      return next;
    }
    return this.#commit('MODIFIED', where.kind, next);
  }
  #commit(type: 'ADDED' | 'MODIFIED', kind: Kind, object: Stored): Stored {
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    const key = keyOf({ kind, namespace: object.metadata.namespace, name: object.metadata.name });
    this.#put(key, object);
    this.#note(key, object);
    this.#tell({ type, kind, object: clone(object), version: this.#version });
    return object;
  }
  #remove(where: Where, object: Stored): void {
    this.#version += 1;
    this.#objects.delete(keyOf(where));
    this.#byKind.get(kindPrefix(where.kind))?.delete(keyOf(where));
    this.#owners.forget(keyOf(where));
    this.#note(keyOf(where), null);
    this.#tell({
      type: 'DELETED',
      kind: where.kind,
      object: { ...clone(object), metadata: { ...clone(object.metadata), resourceVersion: String(this.#version) } },
      version: this.#version,
    });
  }
  #put(key: string, object: Stored): void {
    this.#objects.set(key, object);
    const kind = kindOf(object.apiVersion, object.kind);
    if (!kind) return;
    const all = this.#byKind.get(kindPrefix(kind)) ?? new Map<string, Stored>();
    this.#byKind.set(kindPrefix(kind), all.set(key, object));
  }
  #note(key: string, object: Stored | null): void {
    if (this.#log) this.#log.add({ version: this.#version, key, object, owners: this.#owners.of(key) });
  }
  #tell(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > HISTORY) this.#forgotten = this.#history.shift()?.version ?? 0;
    for (const watcher of this.#watchers) watcher(change);
  }
  #need(where: Where): Stored {
    const object = this.get(where);
    const { kind, name } = where;
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

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);

function hold({ kind, name }: Where, object: Stored, { uid, resourceVersion }: Deletion): void {
  if (uid && uid !== object.metadata.uid)
    throw new Refused(409, 'Conflict', `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`);
  if (resourceVersion && resourceVersion !== object.metadata.resourceVersion)
    throw new Refused(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${kind.plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      { name, kind: kind.plural },
    );
}

// Who owns which field of which object: the part of server-side apply that clients meet as conflicts.
import { isPlain, leaves, type Plain } from './fields.ts';
import { Refused, type Stored } from './object.ts';

type Fields = Map<string, string>;

/** The same manager owns apart what it applied and what it created or updated. */
const updating = (manager: string): string => `${manager}/Update`;
const nameOf = (manager: string): string => manager.replace(/\/Update$/, '');

/** What a manager can own: not the identity, not the status. */
function owned(object: Plain | Stored): Fields {
  const { apiVersion: _version, kind: _kind, status: _status, metadata, ...rest } = object as Plain;
  const { labels, annotations, ownerReferences, finalizers } = isPlain(metadata) ? metadata : {};
  return leaves({ ...rest, metadata: { labels, annotations, ownerReferences, finalizers } });
}

export class FieldOwners {
  readonly #objects = new Map<string, Map<string, Fields>>();

  forget(key: string): void {
    this.#objects.delete(key);
  }
  /** As a record, for the disk. */
  of(key: string): Record<string, Record<string, string>> {
    return Object.fromEntries([...(this.#objects.get(key) ?? [])].map(([manager, fields]) => [manager, Object.fromEntries(fields)]));
  }
  restore(key: string, owners: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
    this.#objects.set(key, new Map(Object.entries(owners).map(([manager, fields]) => [manager, new Map(Object.entries(fields))])));
  }
  created(key: string, object: Stored, manager: string): void {
    this.#objects.set(key, new Map([[updating(manager), owned(object)]]));
  }
  /** An update owns what it changed, and takes it from whoever had it. */
  updated(key: string, before: Stored, next: Stored, manager: string): void {
    const managers = this.#managers(key);
    const old = owned(before);
    const name = updating(manager);
    const mine = managers.get(name) ?? new Map<string, string>();
    for (const [path, value] of owned(next)) {
      if (old.get(path) === value) continue;
      for (const [other, fields] of managers) if (other !== name) fields.delete(path);
      mine.set(path, value);
    }
    managers.set(name, mine);
  }
  /** Throws the conflict; answers the paths to remove: applied before by this manager, left out now, shared with nobody. */
  applying(key: string, input: Plain, manager: string, force: boolean): string[] {
    const managers = this.#managers(key);
    const wanted = owned(input);
    const others = [...managers].filter(([other]) => other !== manager);
    const conflicts = others.flatMap(([other, fields]) =>
      [...wanted].filter(([path, value]) => fields.has(path) && fields.get(path) !== value).map(([path]) => ({ other, field: path.replaceAll('/', '.') })),
    );
    if (conflicts.length > 0 && !force) {
      const said = conflicts.map((c) => `conflict with "${nameOf(c.other)}": ${c.field}`).join(', ');
      const causes = conflicts.map((c) => ({ reason: 'FieldManagerConflict', message: `conflict with "${nameOf(c.other)}"`, field: c.field }));
      throw new Refused(409, 'Conflict', `Apply failed with ${conflicts.length} conflict${conflicts.length > 1 ? 's' : ''}: ${said}`, { causes });
    }
    return [...(managers.get(manager)?.keys() ?? [])].filter((path) => !wanted.has(path) && !others.some(([, fields]) => fields.has(path)));
  }
  appliedAtBirth(key: string, input: Plain, manager: string): void {
    this.#objects.set(key, new Map([[manager, owned(input)]]));
  }
  applied(key: string, input: Plain, manager: string): void {
    const managers = this.#managers(key);
    const wanted = owned(input);
    for (const [other, fields] of managers) {
      if (other === manager) continue;
      for (const [path, value] of wanted) if (fields.get(path) !== value) fields.delete(path);
    }
    managers.set(manager, wanted);
  }
  #managers(key: string): Map<string, Fields> {
    const found = this.#objects.get(key) ?? new Map<string, Fields>();
    this.#objects.set(key, found);
    return found;
  }
}

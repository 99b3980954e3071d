// Strategic merge patch, as kubectl sends it for kinds that it knows: lists of objects are merged by the key of their kind, and elements can be taken out.
import { isPlain, type Plain } from './fields.ts';

/** The first of these that every element has is the key (the schema's `patchMergeKey`, which is not known here). */
const keys = ['name', 'containerPort', 'port', 'mountPath', 'key', 'type', 'uid', 'ip', 'topologyKey'];

export function strategicMerge(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return mergeLists(Array.isArray(target) ? target : [], patch);
  if (!isPlain(patch)) return patch;
  if (patch.$patch === 'replace') return without(patch, '$patch');
  const result: Plain = isPlain(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$retainKeys')) {
      for (const own of Object.keys(result)) if (Array.isArray(value) && !value.includes(own)) delete result[own];
    } else if (key.startsWith('$deleteFromPrimitiveList/')) {
      const list = result[key.slice('$deleteFromPrimitiveList/'.length)];
      if (Array.isArray(list) && Array.isArray(value)) result[key.slice('$deleteFromPrimitiveList/'.length)] = list.filter((each) => !value.includes(each));
    } else if (key.startsWith('$')) continue; // the order of elements: nobody here depends on it
    else if (value === null) delete result[key];
    else result[key] = strategicMerge(result[key], value);
  }
  return result;
}

function mergeLists(target: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const key = keys.find((each) => patch.every((element) => isPlain(element) && each in element));
  if (key === undefined || !target.every(isPlain)) return patch.filter((element) => !(isPlain(element) && '$patch' in element));
  const result: unknown[] = [...target];
  for (const element of patch) {
    if (!isPlain(element)) continue;
    const at = result.findIndex((each) => isPlain(each) && each[key] === element[key]);
    if (element.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at >= 0) result[at] = strategicMerge(result[at], element);
    else result.push(element);
  }
  return result;
}

const without = (object: Plain, key: string): Plain => Object.fromEntries(Object.entries(object).filter(([each]) => each !== key));

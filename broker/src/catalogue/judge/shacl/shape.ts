// A shape as functions: what its constraints find of one node.
import type { Graph, Term } from '../rdf.ts';
import type { Path } from './path.ts';

export type Finding = {
  readonly focus: Term;
  /** Of the property shape that found it, or the predicate that must not be there; null: it is about the node as a whole. */
  readonly predicate: string | null;
  /** The path as it is told; empty for the node as a whole. */
  readonly path: string;
  /** `MinCount`, `Class`, … */
  readonly component: string;
  /** What it is about, where it is about one value. */
  readonly value: Term | null;
  /** In words, to be read after the path. */
  readonly reason: string;
  readonly severity: 'Violation' | 'Warning' | 'Info';
  /** It depends on a node that is not described here. */
  readonly isOpen: boolean;
};

export type Data = {
  readonly graph: Graph;
  /** The classes of a node with those above them; null: the node is not described, which leaves its class open. */
  classesOf(node: Term): ReadonlySet<string> | null;
};

export type Focus = { readonly focus: Term; readonly values: readonly Term[]; readonly data: Data; readonly depth: number };
export type Found = Pick<Finding, 'component' | 'reason' | 'value'> & { readonly isOpen?: boolean; readonly predicate?: string };
/** One constraint: everything that is wrong, empty: nothing. */
export type Constraint = (at: Focus) => readonly Found[];

export type Shape = {
  readonly path: Path | undefined;
  readonly severity: Finding['severity'];
  readonly isActive: boolean;
  readonly constraints: readonly Constraint[];
  /** Property shapes below. */
  readonly properties: readonly Shape[];
};

/** Deeper, shapes go round in circles. */
const depthMax = 50;
/** Of one judgement: a person reads the first few. */
export const findingsMax = 1000;

export function check(shape: Shape, focus: Term, data: Data, depth = 0): readonly Finding[] {
  if (!shape.isActive) return [];
  const { path, severity } = shape;
  if (depth > depthMax) return [{ focus, predicate: null, path: '', component: 'Depth', value: null, reason: 'is nested too deeply', severity, isOpen: true }];
  const values = path === undefined ? [focus] : path.from(data.graph, focus);
  const found: Finding[] = [];
  for (const constraint of shape.constraints) {
    for (const { isOpen = false, predicate = path?.predicate ?? null, ...each } of constraint({ focus, values, data, depth })) {
      found.push({ focus, predicate, path: path?.text ?? '', severity, isOpen, ...each });
      if (found.length > findingsMax) return found;
    }
  }
  for (const property of shape.properties) {
    for (const value of values) {
      found.push(...check(property, value, data, depth + 1));
      if (found.length > findingsMax) return found;
    }
  }
  return found;
}

/** Whether a node conforms to a shape; `open`: that depends on a node that is not described. */
export function conforms(shape: Shape, focus: Term, { data, depth }: Pick<Focus, 'data' | 'depth'>): 'yes' | 'no' | 'open' {
  const found = check(shape, focus, data, depth + 1);
  if (found.some(({ isOpen }) => !isOpen)) return 'no';
  return found.length > 0 ? 'open' : 'yes';
}

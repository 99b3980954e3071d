// Property paths of SHACL (§2.3.1): from a node to its values.
import { keyOfTerm, membersOf, shNamespace } from '../rdf.ts';
import type { Graph, Term } from '../rdf.ts';

export type Path = {
  /** The predicate of a path of one step, else null. */
  readonly predicate: string | null;
  /** As it is told. */
  readonly text: string;
  from(graph: Graph, node: Term): readonly Term[];
};

const distinct = (terms: readonly Term[]): readonly Term[] => (terms.length < 2 ? terms : [...new Map(terms.map((term) => [keyOfTerm(term), term])).values()]);
const shortName = (address: string): string => address.replace(/^.*[#/](?=.)/, '');

/** null: it is none that is known here. */
export function pathOf(shapes: Graph, given: Term, depth = 0): Path | null {
  if (depth > 20) return null;
  if (given.kind === 'iri') {
    const predicate = given.value;
    return { predicate, text: shortName(predicate), from: (graph, node) => graph.values(node, predicate) };
  }
  if (given.kind === 'literal') return null;
  const [sequence] = [membersOf(shapes, given)];
  if (sequence !== null && sequence.length > 1) {
    const steps = sequence.map((each) => pathOf(shapes, each, depth + 1));
    const known = steps.filter((step) => step !== null);
    if (known.length < steps.length) return null;
    const from = (graph: Graph, node: Term): readonly Term[] =>
      known.reduce<readonly Term[]>((nodes, step) => distinct(nodes.flatMap((each) => step.from(graph, each))), [node]);
    return { predicate: null, text: known.map(({ text }) => text).join('/'), from };
  }
  return otherPath(shapes, given, depth);
}

const one = (shapes: Graph, node: Term, name: string): Term | undefined => shapes.values(node, `${shNamespace}${name}`)[0];

function otherPath(shapes: Graph, given: Term, depth: number): Path | null {
  const inverse = one(shapes, given, 'inversePath');
  if (inverse?.kind === 'iri') return { predicate: null, text: `^${shortName(inverse.value)}`, from: (graph, node) => graph.havers(inverse.value, node) };
  const alternatives = one(shapes, given, 'alternativePath');
  if (alternatives !== undefined) {
    const ways = (membersOf(shapes, alternatives) ?? []).map((each) => pathOf(shapes, each, depth + 1));
    const known = ways.filter((way) => way !== null);
    if (known.length < ways.length || known.length === 0) return null;
    return { predicate: null, text: known.map(({ text }) => text).join('|'), from: (graph, node) => distinct(known.flatMap((way) => way.from(graph, node))) };
  }
  for (const [name, mark, from, to] of repeated) {
    const inner = one(shapes, given, name);
    const step = inner === undefined ? null : pathOf(shapes, inner, depth + 1);
    if (step !== null) return { predicate: null, text: `${step.text}${mark}`, from: (graph, node) => reached(graph, node, { step, from, to }) };
  }
  return null;
}

const repeated = [
  ['zeroOrMorePath', '*', 0, Infinity],
  ['oneOrMorePath', '+', 1, Infinity],
  ['zeroOrOnePath', '?', 0, 1],
] as const;

function reached(graph: Graph, node: Term, { step, from, to }: { readonly step: Path; readonly from: number; readonly to: number }): readonly Term[] {
  const found = new Map<string, Term>(from === 0 ? [[keyOfTerm(node), node]] : []);
  let edge: readonly Term[] = [node];
  for (let times = 1; times <= to && edge.length > 0; times += 1) {
    edge = distinct(edge.flatMap((each) => step.from(graph, each))).filter((each) => !found.has(keyOfTerm(each)));
    for (const each of edge) found.set(keyOfTerm(each), each);
  }
  return [...found.values()];
}

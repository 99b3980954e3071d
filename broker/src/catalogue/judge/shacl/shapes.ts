// Shapes as they were admitted, compiled once: a function for each shape, and who is held against which.
import { graphOf, iri, keyOfTerm, membersOf, owlNamespace, rdf, rdfsNamespace, sameTerm, shNamespace } from '../rdf.ts';
import type { Graph, Node, Term, Triple } from '../rdf.ts';
import { companions, components, shortOf } from './constraints.ts';
import { pathOf } from './path.ts';
import { check, findingsMax } from './shape.ts';
import type { Constraint, Data, Finding, Shape } from './shape.ts';

export type Shapes = {
  /** What of the shapes is not known here, by name: whoever they are about cannot be said to conform. */
  readonly unread: readonly string[];
  /** A class with those above it. */
  above(type: string): readonly string[];
  /** Shapes that are about nodes of these classes. */
  about(types: Iterable<string>): boolean;
  /** Every node of the data that a shape is about. `described`: classes of nodes that are described elsewhere; absent: what is not in the data has no class. */
  validate(graph: Graph, described?: (node: Term) => readonly string[] | null): readonly Finding[];
};

type Target = { readonly shape: Shape; nodes(graph: Graph, above: Shapes['above']): readonly Term[] };

const sh = (name: string): string => shNamespace + name;

export function compileShapes(triples: readonly Triple[]): Shapes {
  const shapes = graphOf(triples);
  const unread = new Set<string>();
  // the graph of the shapes itself is let go of: it is large
  const above = hierarchyOf(graphOf(triples.filter(({ predicate }) => predicate === `${rdfsNamespace}subClassOf`)));
  const compile = compiler(shapes, unread);
  const byClass = new Map<string, Shape[]>();
  const targets: Target[] = [];
  for (const node of shapes.subjects.values()) {
    const says = shapes.predicatesOf(node);
    const types = (says.get(rdf.type) ?? []).map(({ value }) => value);
    const isShape = types.includes(sh('NodeShape')) || types.includes(sh('PropertyShape'));
    const isClass = types.includes(`${rdfsNamespace}Class`) || types.includes(`${owlNamespace}Class`);
    const classes = [...(says.get(sh('targetClass')) ?? []), ...(isShape && isClass ? [node] : [])];
    for (const { value } of classes) byClass.set(value, [...(byClass.get(value) ?? []), compile(node)]);
    for (const target of otherTargets(shapes, node)) targets.push({ shape: compile(node), nodes: target });
    if (says.has(sh('target'))) unread.add('target');
  }
  return {
    unread: [...unread],
    above,
    about: (types) => [...types].some((type) => above(type).some((each) => byClass.has(each))),
    validate(graph, described) {
      const classes = new Map<string, ReadonlySet<string> | null>();
      const classesOf = (node: Term): ReadonlySet<string> | null => {
        const key = keyOfTerm(node);
        const known = classes.get(key);
        if (known !== undefined) return known;
        const own = graph.values(node, rdf.type).map(({ value }) => value);
        const types = own.length > 0 || described === undefined || graph.predicatesOf(node).size > 0 ? own : described(node);
        const made = types === null ? null : new Set(types.flatMap(above));
        classes.set(key, made);
        return made;
      };
      const data: Data = { graph, classesOf };
      const found: Finding[] = [];
      const done = new Map<Shape, Set<string>>();
      // a shape that is about a node in several ways is held against it once
      const hold = (shape: Shape, node: Term): void => {
        const nodes = done.get(shape) ?? new Set<string>();
        done.set(shape, nodes);
        if (nodes.size === nodes.add(keyOfTerm(node)).size || found.length >= findingsMax) return;
        found.push(...check(shape, node, data));
      };
      for (const node of graph.subjects.values()) {
        for (const type of classesOf(node) ?? []) for (const shape of byClass.get(type) ?? []) hold(shape, node);
      }
      for (const { shape, nodes } of targets) for (const node of nodes(graph, above)) hold(shape, node);
      return found;
    },
  };
}

function otherTargets(shapes: Graph, node: Node): Target['nodes'][] {
  const of = (name: string): readonly Term[] => shapes.values(node, sh(name));
  return [
    ...of('targetNode').map((target) => () => [target]),
    ...of('targetSubjectsOf').map(
      ({ value }) =>
        (graph: Graph) =>
          [...graph.subjects.values()].filter((subject) => graph.values(subject, value).length > 0),
    ),
    ...of('targetObjectsOf').map(({ value }) => (graph: Graph) => [
      ...new Map(
        [...graph.subjects.values()].flatMap((subject) => graph.values(subject, value).map((object) => [keyOfTerm(object), object] as const)),
      ).values(),
    ]),
  ];
}

/** rdfs:subClassOf between named classes. It comes from what was admitted; what a credential says of classes is not heard. */
function hierarchyOf(classes: Graph): Shapes['above'] {
  const known = new Map<string, readonly string[]>();
  return (type) => {
    const there = known.get(type);
    if (there !== undefined) return there;
    const found = new Set([type]);
    for (const each of found) for (const { kind, value } of classes.values(iri(each), `${rdfsNamespace}subClassOf`)) if (kind === 'iri') found.add(value);
    const list = [...found];
    // only classes that the shapes know are remembered: strangers may name any number
    if (list.length > 1) known.set(type, list);
    return list;
  };
}

function compiler(shapes: Graph, unread: Set<string>): (node: Term) => Shape {
  const made = new Map<string, Shape>();
  const sets = new Map<string, ReadonlySet<string>>();
  const setOf = (list: Term): ReadonlySet<string> | null => {
    const keys = membersOf(shapes, list)?.map(keyOfTerm);
    if (keys === undefined) return null;
    const content = keys.join('\n');
    const set = sets.get(content) ?? new Set(keys);
    sets.set(content, set);
    return set;
  };

  const parametersOf = (node: Term): ReadonlyMap<string, readonly Term[]> =>
    new Map(
      [...shapes.predicatesOf(node)].flatMap(([predicate, terms]) =>
        predicate.startsWith(shNamespace) ? [[predicate.slice(shNamespace.length), terms] as const] : [],
      ),
    );

  const siblingsOf = (node: Term): readonly Term[] => {
    const beside = shapes.havers(sh('property'), node).flatMap((parent) => shapes.values(parent, sh('property')));
    const own = shapes.values(node, sh('qualifiedValueShape'));
    const asked = beside.flatMap((each) => shapes.values(each, sh('qualifiedValueShape')));
    return asked.filter((each) => !own.some((one) => sameTerm(one, each)));
  };

  const constraintsOf = (node: Term, parameters: ReadonlyMap<string, readonly Term[]>): readonly Constraint[] => {
    const paths = (parameters.get('property') ?? []).flatMap((each) => shapes.values(each, sh('path')));
    const siblings = siblingsOf(node);
    const properties = paths.filter(({ kind }) => kind === 'iri').map(({ value }) => value);
    return [...parameters].flatMap(([name, terms]) => {
      const component = Object.hasOwn(components, name) ? components[name] : undefined;
      if (component === undefined && !companions.has(name)) unread.add(name);
      if (component === undefined) return [];
      const made = terms.map((term) => component(term, { shapes, parameters, siblings, shapeOf, setOf, properties }));
      if (made.includes(null)) unread.add(name);
      return made.filter((constraint) => constraint !== null);
    });
  };

  const shapeOf = (node: Term): Shape => {
    const there = made.get(keyOfTerm(node));
    if (there !== undefined) return there;
    const parameters = parametersOf(node);
    const constraints: Constraint[] = [];
    const properties: Shape[] = [];
    const [given] = parameters.get('path') ?? [];
    const path = given === undefined ? undefined : pathOf(shapes, given);
    if (path === null) unread.add('path');
    const severity = shortOf(parameters.get('severity')?.[0] ?? iri(sh('Violation')));
    const shape: Shape = {
      path: path ?? undefined,
      severity: severity === 'Warning' || severity === 'Info' ? severity : 'Violation',
      isActive: path !== null && parameters.get('deactivated')?.[0]?.value !== 'true',
      constraints,
      properties,
    };
    // before what is below it: shapes may name each other
    made.set(keyOfTerm(node), shape);
    properties.push(...(parameters.get('property') ?? []).map(shapeOf));
    constraints.push(...constraintsOf(node, parameters));
    return shape;
  };
  return shapeOf;
}

// Statements as RDF has them: what JSON-LD is turned into, and what shapes are written in and held against.
export type Iri = { readonly kind: 'iri'; readonly value: string };
export type Blank = { readonly kind: 'blank'; readonly value: string };
export type Literal = { readonly kind: 'literal'; readonly value: string; readonly datatype: string; readonly language?: string };
export type Node = Iri | Blank;
export type Term = Node | Literal;

export type Triple = { readonly subject: Node; readonly predicate: string; readonly object: Term };
/** `graph` null: the default graph. */
export type Quad = Triple & { readonly graph: Node | null };

const rdfNamespace = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
export const rdf = {
  type: `${rdfNamespace}type`,
  first: `${rdfNamespace}first`,
  rest: `${rdfNamespace}rest`,
  nil: `${rdfNamespace}nil`,
  langString: `${rdfNamespace}langString`,
  json: `${rdfNamespace}JSON`,
} as const;
export const rdfsNamespace = 'http://www.w3.org/2000/01/rdf-schema#';
export const owlNamespace = 'http://www.w3.org/2002/07/owl#';
export const shNamespace = 'http://www.w3.org/ns/shacl#';
export const xsd = 'http://www.w3.org/2001/XMLSchema#';

export const iri = (value: string): Iri => ({ kind: 'iri', value });
export const literal = (value: string, datatype: string = `${xsd}string`): Literal => ({ kind: 'literal', value, datatype });

/** The same for the same term, and for no other. */
export function keyOfTerm(term: Term): string {
  if (term.kind === 'iri') return `<${term.value}`;
  if (term.kind === 'blank') return `_${term.value}`;
  return term.language === undefined ? `"${term.datatype}"${term.value}` : `@${term.language.toLowerCase()}"${term.value}`;
}

export const sameTerm = (left: Term, right: Term): boolean => left.kind === right.kind && left.value === right.value && keyOfTerm(left) === keyOfTerm(right);

/** Statements by their subject and predicate; the same twice is one. */
export type Graph = {
  readonly subjects: ReadonlyMap<string, Node>;
  values(subject: Term, predicate: string): readonly Term[];
  /** Subject → predicate → objects. */
  predicatesOf(subject: Term): ReadonlyMap<string, readonly Term[]>;
  /** Who has this object under that predicate. */
  havers(predicate: string, object: Term): readonly Node[];
};

const none: readonly never[] = [];
const nothing: ReadonlyMap<string, readonly Term[]> = new Map();

export function graphOf(triples: Iterable<Triple>): Graph {
  const subjects = new Map<string, Node>();
  const said = new Map<string, Map<string, Term[]>>();
  const known = new Set<string>();
  const back = new Map<string, Node[]>();
  for (const { subject, predicate, object } of triples) {
    const from = keyOfTerm(subject);
    const to = keyOfTerm(object);
    const whole = `${from} ${predicate} ${to}`;
    if (known.has(whole)) continue;
    known.add(whole);
    subjects.set(from, subject);
    const of = said.get(from) ?? new Map<string, Term[]>();
    said.set(from, of);
    const values = of.get(predicate);
    if (values === undefined) of.set(predicate, [object]);
    else values.push(object);
    const behind = `${predicate} ${to}`;
    const havers = back.get(behind);
    if (havers === undefined) back.set(behind, [subject]);
    else havers.push(subject);
  }
  return {
    subjects,
    values: (subject, predicate) => said.get(keyOfTerm(subject))?.get(predicate) ?? none,
    predicatesOf: (subject) => said.get(keyOfTerm(subject)) ?? nothing,
    havers: (predicate, object) => back.get(`${predicate} ${keyOfTerm(object)}`) ?? none,
  };
}

/** The members of a list; null: it is none, or none that ends. */
export function membersOf(graph: Graph, list: Term): readonly Term[] | null {
  const members: Term[] = [];
  const seen = new Set<string>();
  for (let at: Term = list; !(at.kind === 'iri' && at.value === rdf.nil);) {
    const [first, ...others] = graph.values(at, rdf.first);
    const [rest, ...more] = graph.values(at, rdf.rest);
    const key = keyOfTerm(at);
    if (first === undefined || rest === undefined || others.length + more.length > 0 || seen.has(key)) return null;
    seen.add(key);
    members.push(first);
    at = rest;
  }
  return members;
}

// What a credential says as statements (JSON-LD), and whether the shapes have anything against it (SHACL): for each of its subjects by itself, over what was
// said of that subject and nothing else. What it says of classes, ontologies and shapes is not heard: those come from what the policy admits.
import { look } from './check.ts';
import type { Look } from './check.ts';
import type { Credential, Presentation } from './credential.ts';
import type { Evidence } from './evidence.ts';
import { quoted } from './json.ts';
import type { Refusal } from './jsonld/refusal.ts';
import { statementsIn } from './jsonld/statements.ts';
import type { Statements } from './jsonld/statements.ts';
import { admitting, contextsKey, shapesIn } from './pinned.ts';
import type { Policy } from './policy.ts';
import { graphOf, keyOfTerm, owlNamespace, rdf, rdfsNamespace, shNamespace } from './rdf.ts';
import type { Node, Term, Triple } from './rdf.ts';
import { shortOf } from './shacl/constraints.ts';
import type { Finding } from './shacl/shape.ts';

/** Classes of nodes that are described beside this credential: in the same presentation. null: it is not described there. */
export type Described = (node: Term) => readonly string[] | null;

type On = { readonly evidence: Evidence; readonly policy: Policy };

/** A credential is judged again every minute, and read for those beside it. */
const memory = new WeakMap<object, { readonly key: string; readonly made: Statements | Refusal }>();

export function statementsOf({ document }: Pick<Credential | Presentation, 'document'>, { evidence, policy }: On): Statements | Refusal {
  const key = contextsKey(policy, evidence);
  const there = typeof document === 'object' && document !== null ? memory.get(document) : undefined;
  if (there?.key === key) return there.made;
  const made = statementsIn(document, admitting(policy, evidence));
  if (typeof document === 'object' && document !== null) memory.set(document, { key, made });
  return made;
}

export function jsonldLook(said: Statements | Refusal): Look {
  if ('kind' in said) return look('jsonld', said.kind === 'broken' ? 'failed' : 'unknown', said.reason);
  // data model 2.0, §4.5: each type is an address, or a term that a context gives one
  const [stray] = said.strayTypes;
  if (stray !== undefined) return look('jsonld', 'failed', `no context gives a meaning to the type ${quoted(stray, 60)}`);
  const meaningless = said.meaningless.slice(0, 5).join(', ');
  return look('jsonld', 'passed', `${said.quads.length} statements${meaningless === '' ? '' : `; no context gives a meaning to ${meaningless}`}`);
}

export type Subject = { readonly node: Node; readonly types: readonly string[]; readonly triples: readonly Triple[] };

const reserved = [rdfsNamespace, owlNamespace, shNamespace];
const isReserved = (address: string): boolean => reserved.some((namespace) => address.startsWith(namespace));
const isHeard = ({ predicate, object }: Triple): boolean => !isReserved(predicate) && !(predicate === rdf.type && isReserved(object.value));

/** What a credential that was read says of each of its subjects. One without a type has those of its credential. */
export function subjectsOf({ subjects, types }: Statements): readonly Subject[] {
  const inherited = types.filter((type) => !type.startsWith('https://www.w3.org/2018/credentials#'));
  return subjects.map(({ node, triples }) => {
    const heard = triples.filter(isHeard);
    const key = keyOfTerm(node);
    const own = heard.filter(({ subject, predicate }) => predicate === rdf.type && keyOfTerm(subject) === key).map(({ object }) => object.value);
    if (own.length > 0) return { node, types: own, triples: heard };
    const given = inherited.map((value): Triple => ({ subject: node, predicate: rdf.type, object: { kind: 'iri', value } }));
    return { node, types: inherited, triples: [...heard, ...given] };
  });
}

/** Of several credentials that came together. */
export function describing(credentials: readonly Credential[], on: On): Described {
  const known = new Map<string, readonly string[]>();
  for (const credential of credentials) {
    const said = statementsOf(credential, on);
    if ('kind' in said) continue;
    for (const { node, types } of subjectsOf(said)) known.set(keyOfTerm(node), [...(known.get(keyOfTerm(node)) ?? []), ...types]);
  }
  return (node) => known.get(keyOfTerm(node)) ?? null;
}

const reasonsMax = 4;

/** `isLabel`: of a label issuer that the configuration knows. The labels of clearing houses are not what their own shape asks for. */
export function shapesLook(
  said: Statements | Refusal,
  { evidence, policy, described, isLabel }: On & { readonly described: Described; readonly isLabel: boolean },
): Look {
  if ('kind' in said) return look('shapes', 'unknown', 'it could not be turned into statements');
  const { shapes, flaws } = shapesIn(policy, evidence);
  const subjects = subjectsOf(said);
  const beside = new Map(subjects.map(({ node, types }) => [keyOfTerm(node), types]));
  const classes: Described = (node) => beside.get(keyOfTerm(node)) ?? described(node);
  const found = subjects.flatMap(({ node, triples }) => shapes.validate(graphOf(triples), classes).map((finding) => ({ node, finding })));
  const wrong = found.filter(({ finding }) => !finding.isOpen && finding.severity === 'Violation');
  if (wrong.length > 0 && isLabel) return look('shapes', 'unknown', `it differs from its shape, as the labels of clearing houses do: ${inWords(wrong)}`);
  if (wrong.length > 0) return look('shapes', 'failed', inWords(wrong));
  if (flaws.length > 0) return look('shapes', 'unknown', flaws.join('; '));
  if (shapes.unread.length > 0) return look('shapes', 'unknown', `the shapes use what is not known here: ${shapes.unread.join(', ')}`);
  const free = subjects
    .filter(({ types }) => !shapes.about(types))
    .map(({ node, types }) => types.map((value) => shortOf({ kind: 'iri', value })).join(', ') || shortOf(node));
  if (free.length > 0) return look('shapes', 'unknown', `no shape that is known here is about ${[...new Set(free)].slice(0, reasonsMax).join(', ')}`);
  // the class of what is described in another credential is that credential's own matter; in one presentation both are held together
  const elsewhere = found.filter(({ finding }) => finding.isOpen);
  const warned = found.filter(({ finding }) => !finding.isOpen);
  const told = [
    `${subjects.length} subjects are as their shapes ask`,
    ...(elsewhere.length > 0 ? [`beside it: ${inWords(elsewhere)}`] : []),
    ...(warned.length > 0 ? [`with warnings: ${inWords(warned)}`] : []),
  ];
  return look('shapes', 'passed', told.join('; '));
}

function inWords(found: readonly { readonly node: Node; readonly finding: Finding }[]): string {
  const told = found.map(({ node, finding: { path, reason } }) => `${shortOf(node)}: ${path === '' ? '' : `${path} `}${reason}`);
  const distinct = [...new Set(told)];
  return quoted(distinct.slice(0, reasonsMax).join('; '), 900) + (distinct.length > reasonsMax ? `; and ${distinct.length - reasonsMax} more` : '');
}

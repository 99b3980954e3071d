// Contexts and shapes out of the evidence: taken for what the policy means by them only where their digest is the one it names. Read once.
import type { Evidence, Found } from './evidence.ts';
import { builtInContext, readContext } from './jsonld/admitted.ts';
import type { Admit, Admitted } from './jsonld/context.ts';
import { ownShapes } from '../ownShapes.ts';
import type { Pinned, Policy } from './policy.ts';
import { sha256Hex } from './pure-crypto.ts';
import type { Triple } from './rdf.ts';
import { compileShapes } from './shacl/shapes.ts';
import type { Shapes } from './shacl/shapes.ts';
import { parseTurtle } from './shacl/turtle.ts';

const digests = new WeakMap<Found, string>();
const contexts = new WeakMap<Found, Admitted>();

function textOf({ from, sha256 }: Pinned, evidence: Evidence): { readonly found: Found; readonly text: string } | { readonly flaw: string } {
  const found = evidence.get(from);
  if (found === undefined || 'failure' in found) return { flaw: `${from} could not be fetched: ${found?.failure ?? 'it was not tried'}` };
  const digest = digests.get(found) ?? sha256Hex(found.text);
  digests.set(found, digest);
  return digest === sha256 ? { found, text: found.text } : { flaw: `what lies at ${from} has the SHA-256 ${digest}, and the configuration admits ${sha256}` };
}

/** By exact address; anything else is refused. */
export const admitting =
  (policy: Policy, evidence: Evidence): Admit =>
  (address) => {
    const pinned = policy.contexts.find(({ url }) => url === address);
    if (pinned === undefined) return builtInContext(address) ?? { flaw: `the context ${address.slice(0, 200)} is not one that the configuration admits` };
    const got = textOf(pinned, evidence);
    if ('flaw' in got) return { flaw: `the context ${address}: ${got.flaw}` };
    const read = contexts.get(got.found) ?? readContext(got.text);
    contexts.set(got.found, read);
    return read;
  };

/** The contexts that can be had, as a text that is the same where they are the same. */
export const contextsKey = (policy: Policy, evidence: Evidence): string =>
  policy.contexts.map((pinned) => `${pinned.url} ${'flaw' in textOf(pinned, evidence) ? '-' : pinned.sha256}`).join('\n');

export type GivenShapes = { readonly shapes: Shapes; readonly flaws: readonly string[] };

/** Most recently used last. */
const compiled = new Map<string, GivenShapes>();
const compiledMax = 4;

/** Our own, and with them the configured ones where all of them can be had: a part of them would find faults that are none. */
export function shapesIn(policy: Policy, evidence: Evidence): GivenShapes {
  const given = policy.shapes.map((pinned) => textOf(pinned, evidence));
  const key = given.map((each, at) => ('flaw' in each ? each.flaw : policy.shapes[at]?.sha256)).join('\n');
  const there = compiled.get(key);
  if (there !== undefined) return there;
  const parsed = given.map((each) => ('flaw' in each ? { reason: each.flaw } : parseTurtle(each.text)));
  const flaws = parsed.flatMap((each) => ('reason' in each ? [each.reason] : []));
  const others = flaws.length > 0 ? [] : parsed;
  const triples = [parseTurtle(ownShapes), ...others].flatMap((each, at) => ('reason' in each ? [] : each.triples.map((triple) => apart(triple, at))));
  const made = { shapes: compileShapes(triples), flaws };
  const [oldest] = compiled.keys();
  if (compiled.size >= compiledMax && oldest !== undefined) compiled.delete(oldest);
  compiled.set(key, made);
  return made;
}

/** Blank nodes of one document are not those of another. */
function apart({ subject, predicate, object }: Triple, at: number): Triple {
  const renamed = <Term extends Triple['object']>(term: Term): Term => (term.kind === 'blank' ? { ...term, value: `${at} ${term.value}` } : term);
  return { subject: renamed(subject), predicate, object: renamed(object) };
}

// Turtle as statements. Only of what was admitted by its digest: the parser is not meant for strangers.
import { Parser } from 'n3';
import type { ParsedTerm } from 'n3';
import type { Node, Term, Triple } from '../rdf.ts';

export type Parsed = { readonly triples: readonly Triple[] } | { readonly reason: string };

export function parseTurtle(text: string): Parsed {
  try {
    const quads = new Parser({ format: 'text/turtle' }).parse(text);
    return { triples: quads.map(({ subject, predicate, object }) => ({ subject: nodeOf(subject), predicate: predicate.value, object: termOf(object) })) };
  } catch (error) {
    return { reason: `it is not Turtle: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}` };
  }
}

const nodeOf = ({ termType, value }: ParsedTerm): Node => ({ kind: termType === 'BlankNode' ? 'blank' : 'iri', value });

const termOf = (term: ParsedTerm): Term =>
  term.termType === 'Literal'
    ? { kind: 'literal', value: term.value, datatype: term.datatype?.value ?? '', ...(term.language && { language: term.language.toLowerCase() }) }
    : nodeOf(term);

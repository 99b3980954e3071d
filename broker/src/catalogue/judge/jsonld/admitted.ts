// The contexts that are known without anybody being asked: those of the W3C's data model, from their package, and our own.
import { contexts } from '@digitalbazaar/credentials-context';
import { isDocument, parseJson } from '../json.ts';
import { publishedVocabulary } from '../../publish.ts';
import { hanseNamespace } from '../../vocabulary.ts';
import { markAdmitted } from './context.ts';
import type { Admitted } from './context.ts';

const builtIn = new Map<string, Admitted>(
  ['https://www.w3.org/ns/credentials/v2', 'https://www.w3.org/ns/credentials/undefined-terms/v2'].map((address) => [address, admitted(contexts.get(address))]),
);
const own = admitted(publishedVocabulary().context);
for (const address of [hanseNamespace, hanseNamespace.slice(0, -1)]) builtIn.set(address, own);

/** A document with a context, as it was fetched. */
export function readContext(text: string): Admitted {
  const read = parseJson(text);
  return 'reason' in read ? { flaw: read.reason } : admitted(read.value);
}

function admitted(document: unknown): Admitted {
  if (!isDocument(document) || document['@context'] === undefined) return { flaw: 'it holds no @context' };
  markAdmitted(document['@context']);
  return { context: document['@context'] };
}

export const builtInContext = (address: string): Admitted | undefined => builtIn.get(address);

// What ties credentials to each other: only those that share a word can change what becomes of one another, so they are judged together and the rest is left alone.
import { enclosedTokens, readReceived } from './judge/credential.ts';
import type { Credential } from './judge/credential.ts';
import { idOf, idsOf, nodesOf, valuesOf } from './node.ts';
import { sha256Hex } from './judge/pure-crypto.ts';

/** A credential that links to more things than this is a list, and no description of an offer. */
const wordsMax = 500;
/** Of everything that a presentation may hold: a claim must not be hidden behind other words. */
const wordsInsideMax = 60_000;
const charactersMax = 300;

/** How a presentation is found by what stands inside of it. */
export const wordOfInside = (digest: string): string => `in ${digest}`;

const links = [
  ['hanse', 'forOffering'],
  ['hanse', 'hostedOn'],
  ['hanse', 'providedBy'],
  ['hanse', 'certifies'],
  ['gx', 'hostedOn'],
  ['gx', 'providedBy'],
  ['gx', 'registrationNumber'],
  ['gx', 'instantiationReq'],
  ['gx', 'legalDocuments'],
] as const;

/** Of a credential or presentation as received; none where it cannot be read. */
export function wordsOf(received: string): readonly string[] {
  const read = readReceived(received);
  if ('part' in read) return [];
  if (read.kind === 'credential') return bounded(ofCredential(read), wordsMax);
  const inside = enclosedTokens(read);
  return bounded(
    inside.flatMap((text) => [wordOfInside(sha256Hex(text)), ...wordsOf(text)]),
    wordsInsideMax,
  );
}

/** Subjects and what they link to, its own id (it may be issued anew, or named by a label), and the cluster that it claims. */
function ofCredential({ payload }: Credential): string[] {
  const named = payload.credentialSubject.flatMap((node) => nodesOf(node, 'gx', 'compliantCredentials').flatMap((each) => idOf(each) ?? []));
  const ids = payload.credentialSubject.flatMap((node) => [idOf(node) ?? [], links.map(([vocabulary, term]) => idsOf(node, vocabulary, term))].flat(2));
  const claimed = payload.credentialSubject.flatMap((node) =>
    valuesOf(node, 'hanse', 'liqoClusterId')
      .slice(0, 1)
      .map((id) => `liqo ${String(id).trim()}`),
  );
  // first, so that it is always among the words: who claims somebody's cluster is held against who else does
  return [...claimed, ...[payload.id ?? idOf(payload) ?? []].flat(), ...ids, ...named];
}

const bounded = (words: readonly string[], most: number): readonly string[] =>
  [...new Set(words.filter((word) => word !== '' && word.length <= charactersMax && !word.includes('\0')))].slice(0, most);

/** Groups of which none shares a word with another, each in the order of what came first. */
export function tiedTogether<Item extends { readonly words: readonly string[] }>(items: readonly Item[]): readonly (readonly Item[])[] {
  const parent = items.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root] ?? root;
    for (let at = index; parent[at] !== root;) [at, parent[at]] = [parent[at] ?? root, root];
    return root;
  };
  const first = new Map<string, number>();
  for (const [index, { words }] of items.entries())
    for (const word of words) {
      const other = first.get(word);
      if (other === undefined) first.set(word, index);
      else parent[Math.max(rootOf(other), rootOf(index))] = Math.min(rootOf(other), rootOf(index));
    }
  const groups = new Map<number, Item[]>();
  for (const [index, item] of items.entries()) {
    const root = rootOf(index);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

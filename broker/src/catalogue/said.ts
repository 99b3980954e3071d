// What a credential says of itself, for lists: bounded, and as PostgreSQL can keep it. Read, not judged: anybody can say anything.
import { readReceived } from './judge/credential.ts';
import { signerOf } from './judge/issuer.ts';
import { idOf, typesOf } from './node.ts';

export type Said = {
  /** Of it and of its subjects. */
  readonly types: string[];
  readonly id: string | null;
  readonly issuer: string | null;
};

const typesMax = 50;
/** Characters of one word. A DID or an address that somebody uses is shorter. */
const wordMax = 1000;

export function saidOf(received: string): Said {
  const read = readReceived(received);
  if ('part' in read) return { types: [], id: null, issuer: null };
  const subjects = read.kind === 'presentation' ? [] : read.payload.credentialSubject;
  const types = [...read.payload.type, ...subjects.flatMap(typesOf)].map(kept);
  return { types: [...new Set(types)].slice(0, typesMax), id: keptOr(idOf(read.payload)), issuer: keptOr(signerOf(read)) };
}

const kept = (word: string): string => word.slice(0, wordMax).replaceAll(/[\0\ud800-\udfff]/gu, '\ufffd');
const keptOr = (word: string | undefined): string | null => (word === undefined ? null : kept(word));

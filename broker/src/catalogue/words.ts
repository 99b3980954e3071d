// What ties credentials to each other, with two sides: the words under which one is found, and the words that it asks for. A credential is judged with what it
// asks for and with nothing else, so that a stranger who mentions somebody's things is found by nobody but itself. Only the issuer itself, and those whom the
// configuration trusts to speak of others, are found under the id of a thing.
import { enclosedTokens, readReceived } from './judge/credential.ts';
import type { Credential } from './judge/credential.ts';
import { signerOf } from './judge/issuer.ts';
import { idOf, idsOf, nodesOf, valuesOf } from './node.ts';
import type { Policy } from './judge/policy.ts';
import { sha256Hex } from './judge/pure-crypto.ts';
import { sriOf } from './judge/sri.ts';

export type Ties = {
  /** Hashed: whose word it is. */
  readonly signer: string;
  readonly tells: readonly string[];
  readonly asks: readonly string[];
};

/** A credential that links to more things than this is a list, and no description of an offer. */
const idsMax = 300;
/** A label of the highest level names about 40 credentials. */
const namedMax = 100;
/** Of everything that a presentation may hold. */
const wordsInsideMax = 10_000;

/** How a presentation is found by what stands inside of it. */
export const wordOfInside = (digest: string): string => `in ${digest}`;
export const insideOfWord = (word: string): string | null => (word.startsWith('in ') ? word.slice(3) : null);

/** Short, whatever it is made of. */
const hashed = (...parts: readonly string[]): string => sha256Hex(JSON.stringify(parts)).slice(0, 32);

const links = [
  ['hanse', 'forOffering'],
  ['hanse', 'hostedOn'],
  ['hanse', 'providedBy'],
  ['gx', 'hostedOn'],
  ['gx', 'providedBy'],
  ['gx', 'registrationNumber'],
  ['gx', 'instantiationReq'],
  ['gx', 'legalDocuments'],
] as const;

/** Words, and what is kept beside them, change when this does: who may speak of others, and how they are made. */
export const tiedBy = ({ issuers }: Pick<Policy, 'issuers'>): string =>
  hashed(
    '2',
    ...issuers
      .filter(({ roles }) => roles.length > 0)
      .map(({ id }) => id)
      .toSorted(),
  );

/** Of a credential or presentation as received; none where it cannot be read. */
export function tiesOf(received: string, policy: Pick<Policy, 'issuers'>): Ties {
  const read = readReceived(received);
  if ('part' in read) return { signer: '', tells: [], asks: [] };
  const signer = hashed('signer', signerOf(read) ?? '');
  if (read.kind === 'credential') return { signer, ...ofCredential(read, policy) };
  const inside = enclosedTokens(read);
  const tied = inside.map((text) => tiesOf(text, policy));
  return {
    signer,
    tells: bounded([...inside.map((text) => wordOfInside(sha256Hex(text))), ...tied.flatMap(({ tells }) => tells)]),
    asks: bounded(tied.flatMap(({ asks }) => asks)),
  };
}

const bounded = (words: readonly string[]): readonly string[] => [...new Set(words)].slice(0, wordsInsideMax);

function ofCredential(credential: Credential, { issuers }: Pick<Policy, 'issuers'>): Pick<Ties, 'tells' | 'asks'> {
  const { issuer, credentialSubject: subjects, id = idOf(credential.payload) } = credential.payload;
  const isSpeaker = issuers.some((each) => each.id === issuer && each.roles.length > 0);
  const own = some([...(id === undefined ? [] : [id]), ...subjects.flatMap((node) => idOf(node) ?? [])]);
  const certified = some(subjects.flatMap((node) => idsOf(node, 'hanse', 'certifies')));
  const offered = some(subjects.flatMap((node) => idsOf(node, 'hanse', 'forOffering')));
  const linked = some(subjects.flatMap((node) => links.flatMap(([vocabulary, term]) => idsOf(node, vocabulary, term))));
  const named = subjects.flatMap((node) => nodesOf(node, 'gx', 'compliantCredentials')).slice(0, namedMax);
  const namedIds = named.flatMap((each) => idOf(each) ?? []);
  const namedDigests = named.flatMap((each) => valuesOf(each, 'cred', 'digestSRI').slice(0, 2).map(String));
  const all = some([...own, ...linked]);
  return {
    tells: distinct([
      ...[...own, ...certified].map((each) => hashed('by', issuer, each)),
      ...offered.map((each) => hashed('offered by', issuer, each)),
      ...(id === undefined ? [] : [hashed('credential', id)]),
      ...(isSpeaker ? [...own, ...certified, ...namedIds].map((each) => hashed('about', each)) : []),
      ...(isSpeaker ? namedDigests.map((each) => hashed('digest', each)) : []),
    ]),
    asks: distinct([
      ...all.map((each) => hashed('by', issuer, each)),
      ...own.map((each) => hashed('offered by', issuer, each)),
      ...all.map((each) => hashed('about', each)),
      hashed('digest', sriOf(credential)),
      ...namedIds.map((each) => hashed('credential', each)),
    ]),
  };
}

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)];

const some = (ids: readonly string[]): readonly string[] => distinct(ids.filter((each) => each !== '')).slice(0, idsMax);

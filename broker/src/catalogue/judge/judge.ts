// Whether a credential can be relied on: every check with its reason, from bytes and evidence alone, so that it can be judged again at any time.
import { checked, look } from './check.ts';
import type { Check, Look } from './check.ts';
import { contextLook } from './context.ts';
import { describing, jsonldLook, shapesLook, statementsOf } from './meaning.ts';
import type { Described } from './meaning.ts';
import { rulesLook } from './rules.ts';
import { credentialBytesMax, enclosed, enclosedMax, enclosedTokens, inWords, profileFlaws, readCredential, readReceived } from './credential.ts';
import type { Credential, Enclosed, Presentation, Unreadable } from './credential.ts';
import type { Evidence } from './evidence.ts';
import { chainLook, keyOf, signatureLook, signerOf } from './issuer.ts';
import { hasType, typesOf } from '../node.ts';
import type { Policy } from './policy.ts';
import { sha256Hex } from './pure-crypto.ts';
import { statusLook } from './status.ts';
import { validityLook } from './validity.ts';

export type Judgement = {
  /** SHA-256 (hex) of the credential as received. */
  readonly digest: string;
  readonly kind: 'credential' | 'presentation';
  /** null when it could not be taken apart, and of a presentation. */
  readonly credential: Credential | null;
  readonly checks: readonly Check[];
  /** The earliest end of anything it rests on, RFC 3339; null: none was named. */
  readonly validUntil: string | null;
  /** Of a presentation, in its order. */
  readonly contents: readonly Judgement[];
};

/** What is to be made of it. `refused`: it says or proves something wrong. `unverifiable`: too little could be found out. */
export const states = ['active', 'expired', 'revoked', 'suspended', 'deprecated', 'unverifiable', 'refused'] as const;
export type State = (typeof states)[number];

/** `now`: RFC 3339. */
export function judge(received: string, evidence: Evidence, policy: Policy, now: string): Judgement {
  const digest = sha256Hex(received);
  const read = readReceived(received);
  return judgeRead(received, { digest, read, around: { evidence, policy, at: Date.parse(now), now, described: () => null } });
}

type Given = { readonly digest: string; readonly read: ReturnType<typeof readReceived>; readonly around: Around };

function judgeRead(received: string, { digest, read, around }: Given): Judgement {
  const { policy } = around;
  if ('part' in read) return { ...bare(digest, 'credential'), checks: brokenLooks(read).map((each) => checked(each, policy)) };
  return read.kind === 'presentation' ? judgePresentation(digest, read, around) : judgeCredential(digest, received, { credential: read, ...around });
}

type Around = {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly at: number;
  readonly now: string;
  /** By what came in the same presentation. */
  readonly described: Described;
};

const bare = (digest: string, kind: Judgement['kind']): Omit<Judgement, 'checks'> => ({ digest, kind, credential: null, validUntil: null, contents: [] });

/** What was read before it could not be read any further. */
function brokenLooks({ part, reason }: Unreadable): Look[] {
  const passed = (['jws', 'header', 'structure'] as const).slice(0, ['jws', 'header', 'structure'].indexOf(part));
  return [...passed.map((name) => look(name, 'passed', asAsked[name])), look(part, 'failed', reason)];
}

const asAsked = { jws: 'three parts of base64url (RFC 7515)', header: 'as VC-JOSE-COSE asks', structure: 'as the data model 2.0 asks' } as const;

function judgeCredential(
  digest: string,
  received: string,
  { credential, evidence, policy, at, described }: Around & { readonly credential: Credential },
): Judgement {
  if (received.length > credentialBytesMax)
    return { ...bare(digest, 'credential'), checks: [checked(look('jws', 'failed', `it is larger than ${credentialBytesMax} bytes`), policy)] };
  const own = signedLooks(credential, { evidence, policy, at });
  const judgeList = (list: Credential) => ({ flaw: signedLooks(list, { evidence, policy, at }).looks.find(isListFlaw) ?? null });
  const looks = [
    ...own.looks,
    rulesLook(credential),
    shapesLook(statementsOf(credential, { evidence, policy }), { evidence, policy, described, isLabel: isLabelOfIssuer(credential, policy) }),
    statusLook(credential, { evidence, at, judgeList }),
    rightLook(credential, policy),
  ];
  return { digest, kind: 'credential', credential, checks: looks.map((each) => checked(each, policy)), validUntil: own.until, contents: [] };
}

/** A list is made by a program of the issuer: its profile and chain are not asked for, that it is the issuer's and counts today is. */
const isListFlaw = ({ name, result }: Look): boolean => result !== 'passed' && ['issuer', 'key', 'signature', 'validity'].includes(name);

function signedLooks(
  signed: Credential | Presentation,
  { evidence, policy, at }: Pick<Around, 'evidence' | 'policy' | 'at'>,
): { readonly looks: readonly Look[]; readonly until: string | null } {
  const profile = profileFlaws(signed);
  const { jwk, looks } = keyOf(signed, evidence, policy);
  const chain = chainLook(jwk, signerOf(signed) ?? '', { evidence, policy, at });
  const validity = validityLook(signed, at);
  const ends = [validity.until, chain.until].filter((end) => end !== null).toSorted();
  return {
    until: ends[0] ?? null,
    looks: [
      ...(['jws', 'header', 'structure'] as const).map((name) => look(name, 'passed', asAsked[name])),
      profile.length === 0 ? look('profile', 'passed', 'as ICAM 25.11 asks') : look('profile', 'failed', inWords(profile)),
      contextLook(signed.document, policy),
      jsonldLook(statementsOf(signed, { evidence, policy })),
      ...looks,
      signatureLook(signed, jwk),
      chain.look,
      validity.look,
    ],
  };
}

/** Who may say that. What a notary's or a certification body's word is worth is decided with the fact; a label is one only by a label issuer. */
function rightLook(credential: Credential, policy: Policy): Look {
  const { payload } = credential;
  const held = rolesOf(credential, policy);
  if (isLabel(credential) && !held.includes('labelIssuer')) return look('right', 'failed', `${payload.issuer} is no label issuer that the configuration knows`);
  return look('right', 'passed', held.length === 0 ? 'its own word' : `trusted as ${held.join(', ')}`);
}

const rolesOf = ({ payload }: Credential, { issuers }: Policy) => issuers.find(({ id }) => id === payload.issuer)?.roles ?? [];

const isLabel = ({ payload }: Credential): boolean =>
  payload.credentialSubject.some((node) => hasType([...typesOf(node), ...payload.type.flatMap((each) => each.split(','))], 'gx', /^LabelCredential$/));

const isLabelOfIssuer = (credential: Credential, policy: Policy): boolean => isLabel(credential) && rolesOf(credential, policy).includes('labelIssuer');

function judgePresentation(digest: string, presentation: Presentation, around: Around): Judgement {
  const { looks, until } = signedLooks(presentation, around);
  const inside = enclosed(presentation);
  const opened = enclosedTokens(presentation).map((received) => ({ received, read: readCredential(received) }));
  const described = describing(
    opened.flatMap(({ read }) => ('part' in read ? [] : [read])),
    around,
  );
  const contents = opened.map(({ received, read }) => judgeRead(received, { digest: sha256Hex(received), read, around: { ...around, described } }));
  const checks = [...looks, contentsLook(inside, contents)].map((each) => checked(each, around.policy));
  return { ...bare(digest, 'presentation'), checks, validUntil: until, contents };
}

function contentsLook(inside: readonly (Enclosed | null)[], contents: readonly Judgement[]): Look {
  if (inside.length > enclosedMax) return look('contents', 'failed', `it holds ${inside.length} credentials, more than ${enclosedMax}`);
  const none = inside.indexOf(null);
  if (none !== -1) return look('contents', 'failed', `verifiableCredential[${none}] is no enveloped credential (data:application/vc+jwt,…)`);
  const flawed = contents.flatMap((judgement) => judgement.checks.filter(({ blocks }) => blocks).map((check) => ({ judgement, check })));
  const worst = flawed.find(({ check }) => check.result === 'failed') ?? flawed[0];
  if (worst !== undefined) {
    const { judgement, check } = worst;
    return look('contents', check.result, `${judgement.credential?.payload.id ?? judgement.digest.slice(0, 12)} in it: ${check.name}: ${check.reason}`);
  }
  const unread = inside.flatMap((each) => (each !== null && 'mediaType' in each ? [each.mediaType] : []));
  if (unread.length > 0)
    return look('contents', 'unknown', `${unread.length} of ${inside.length} are ${[...new Set(unread)].join(', ')}, which is not read here`);
  return look('contents', 'passed', `${contents.length} credentials, each relied on`);
}

/** Nothing of what the policy asks for is missing. */
export const isReliable = ({ checks }: Judgement): boolean => !checks.some(({ blocks }) => blocks);

/** That the envelope of a presentation can be relied on; what it holds is each judged for itself. */
export const isOpenable = ({ kind, checks }: Judgement): boolean =>
  kind === 'presentation' && !checks.some(({ blocks, name }) => blocks && name !== 'contents');

/** That it was its issuer who signed it, whatever became of it since. */
export const isAuthentic = ({ credential, checks }: Judgement): boolean =>
  credential !== null && checks.every(({ name, result }) => result === 'passed' || !['issuer', 'key', 'signature'].includes(name));

/** The check that decides: what blocks, failures first; undefined: nothing does. */
export const decisive = ({ checks }: Pick<Judgement, 'checks'>): Check | undefined =>
  checks.find(({ blocks, result }) => blocks && result === 'failed') ?? checks.find(({ blocks }) => blocks);

export function stateOf(judgement: Pick<Judgement, 'checks'>): State {
  const check = decisive(judgement);
  if (check === undefined) return 'active';
  if (check.result === 'unknown') return 'unverifiable';
  // a forged one is refused, and not expired
  return check.finding === undefined || check.finding === 'early' ? 'refused' : check.finding;
}

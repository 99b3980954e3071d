// A credential or presentation as received, taken apart without believing it. VC-JWT: W3C VC-JOSE-COSE and Gaia-X ICAM 25.11 §5.
import { z } from 'zod';
import { canonicalFlaw, isDocument, listOf, parseJson, quoted } from './json.ts';
import { algorithms, isBase64Url, textFromBase64Url } from './pure-crypto.ts';
import { credentialFlaws, presentationFlaws, typesIn } from './structure.ts';

/** 256 KiB: the largest published Gaia-X credentials are below a tenth of it. */
export const credentialBytesMax = 256 * 1024;
/** A presentation holds several. */
export const presentationBytesMax = 2 * 1024 * 1024;
export const enclosedMax = 100;

/** Canonical first. The others were met on tokens of Gaia-X notaries (2025), in ICAM 24.07 and in XFSC's accept list; nothing else is taken. */
export const mediaTypes = {
  credential: { typ: ['vc+jwt', 'vc+ld+json+jwt', 'vc+ld+jwt'], cty: ['vc', 'vc+ld+json', 'vc+ld'] },
  presentation: { typ: ['vp+jwt', 'vp+ld+json+jwt', 'vp+ld+jwt'], cty: ['vp', 'vp+ld+json', 'vp+ld'] },
} as const;
const typs = [...mediaTypes.credential.typ, ...mediaTypes.presentation.typ];
const ctys = [...mediaTypes.credential.cty, ...mediaTypes.presentation.cty];

/** RFC 7515 §4.1.9: without a slash, `application/` is meant in front of it. Media types have no case. */
const media = <const Type extends string>(types: readonly Type[]) =>
  z.preprocess((given) => (typeof given === 'string' ? given.toLowerCase().replace(/^application\//, '') : given), z.enum(types));

const text = z.string().min(1).max(2048);
/** Seconds; live notaries write milliseconds, and the W3C's examples write RFC 3339. */
const moment = z.union([z.number().nonnegative(), z.string().max(64)]);

const header = z.looseObject({
  alg: z.enum(algorithms),
  // both are a SHOULD of VC-JOSE-COSE; ICAM 25.11 makes them a MUST (profileFlaws)
  typ: media(typs).optional(),
  cty: media(ctys).optional(),
  kid: text.optional(),
  iss: text.optional(),
  iat: moment.optional(),
  exp: moment.optional(),
  nbf: moment.optional(),
  crit: z.never('names extensions that have to be understood; none is').optional(),
  b64: z.never('changes what is signed').optional(),
});

const subject = z.looseObject({ id: text.optional(), '@id': text.optional() });
const one = <Item extends z.ZodType>(item: Item) => z.union([item.transform((each) => [each]), z.array(item).min(1).max(200)]);
const owner = z.union([text, z.looseObject({ id: text }).transform(({ id }) => id)]);
const unwrapped = z.never('must not be there: the payload is the document itself').optional();

const shared = {
  '@context': one(z.union([text, z.record(z.string(), z.unknown())])),
  id: text.optional(),
  type: one(text),
  iss: text.optional(),
  iat: moment.optional(),
  nbf: moment.optional(),
  exp: moment.optional(),
  vc: unwrapped,
  vp: unwrapped,
};
const credentialPayload = z.looseObject({
  ...shared,
  issuer: owner,
  validFrom: z.string().max(64).optional(),
  validUntil: z.string().max(64).optional(),
  credentialSubject: one(subject),
  credentialStatus: one(z.looseObject({ type: one(text) })).optional(),
});
const presentationPayload = z.looseObject({
  ...shared,
  issuer: owner.optional(),
  holder: owner.optional(),
  verifiableCredential: z.preprocess(listOf, z.array(z.looseObject({ id: z.string().optional(), type: one(text) })).max(1000)),
});

export type Header = z.infer<typeof header>;
export type Payload = z.infer<typeof credentialPayload>;
export type PresentationPayload = z.infer<typeof presentationPayload>;

export type Envelope = {
  readonly header: Header;
  /** The payload as JSON, before anything was read from it: what other credentials name by digest. */
  readonly document: unknown;
  readonly signed: string;
  readonly signature: string;
};
export type Credential = Envelope & { readonly kind: 'credential'; readonly payload: Payload };
export type Presentation = Envelope & { readonly kind: 'presentation'; readonly payload: PresentationPayload };

/** The part that could not be read, and why. */
export type Unreadable = { readonly part: 'jws' | 'header' | 'structure'; readonly reason: string };

/** A view of the catalogue reads each credential several times: for its evidence, its key, its judgement. The same text reads the same. */
const known = new Map<string, Credential | Presentation | Unreadable>();
const knownMax = 1000;
const knownCharactersMax = 32 * 1024;

export function readReceived(received: string): Credential | Presentation | Unreadable {
  const there = known.get(received);
  if (there !== undefined) return there;
  const made = read(received);
  if (received.length > knownCharactersMax) return made;
  const [oldest] = known.keys();
  if (known.size >= knownMax && oldest !== undefined) known.delete(oldest);
  known.set(received, made);
  return made;
}

function read(received: string): Credential | Presentation | Unreadable {
  const taken = takeApart(received);
  if ('part' in taken) return taken;
  const { header: head, document } = taken;
  const types = isDocument(document) ? typesIn(document['type'] ?? document['@type']) : [];
  const isPresentation = types.includes('VerifiablePresentation') && !types.includes('VerifiableCredential');
  const kind = isPresentation ? 'presentation' : 'credential';
  const { typ, cty } = mediaTypes[kind];
  if ((head.typ !== undefined && !typ.some((each) => each === head.typ)) || (head.cty !== undefined && !cty.some((each) => each === head.cty)))
    return { part: 'header', reason: `typ ${head.typ}, cty ${head.cty} are not those of a ${kind}: ${typ[0]}, ${cty[0]}` };
  const flaws = isPresentation ? presentationFlaws(document) : credentialFlaws(document);
  if (flaws.length > 0) return { part: 'structure', reason: inWords(flaws) };
  if (isPresentation) {
    const payload = parsed(document, presentationPayload);
    return 'reason' in payload ? { part: 'structure', reason: payload.reason } : { kind: 'presentation', ...taken, payload: payload.value };
  }
  const payload = parsed(document, credentialPayload);
  return 'reason' in payload ? { part: 'structure', reason: payload.reason } : { kind: 'credential', ...taken, payload: payload.value };
}

export function readCredential(received: string): Credential | Unreadable {
  const read = readReceived(received);
  return 'part' in read || read.kind === 'credential' ? read : { part: 'structure', reason: 'it is a presentation' };
}

function takeApart(received: string): Envelope | Unreadable {
  if (received.length > presentationBytesMax) return { part: 'jws', reason: `it is larger than ${presentationBytesMax} bytes` };
  if (/^\s*[{[]/.test(received)) return { part: 'jws', reason: bareReason(received) };
  const [head = '', body = '', signature = '', ...rest] = received.split('.');
  if (rest.length > 0 || signature === '' || !isBase64Url(signature)) return { part: 'jws', reason: 'it is not three parts of base64url' };
  const [headerText, payloadText] = [textFromBase64Url(head), textFromBase64Url(body)];
  if (headerText === null || payloadText === null) return { part: 'jws', reason: 'it is not three parts of base64url' };
  const headerJson = parseJson(headerText);
  const readHeader = 'reason' in headerJson ? headerJson : parsed(headerJson.value, header);
  if ('reason' in readHeader) return { part: 'header', reason: readHeader.reason };
  const payloadJson = parseJson(payloadText);
  if ('reason' in payloadJson) return { part: 'structure', reason: payloadJson.reason };
  const { value: document } = payloadJson;
  if (isTagus(document)) return { part: 'structure', reason: tagusReason };
  const flaw = canonicalFlaw(document);
  if (flaw !== null) return { part: 'structure', reason: flaw };
  return { header: readHeader.value, document, signed: `${head}.${body}`, signature };
}

const tagusReason =
  'it is a Tagus credential (data model 1.1, JsonWebSignature2020), which is not taken: have it issued anew as VC-JWT of data model 2.0 (Loire or later)';

/** JSON instead of a signed token: Tagus, secured in another way, or not at all. */
function bareReason(received: string): string {
  const read = parseJson(received);
  if ('reason' in read) return read.reason;
  const found = listOf(read.value);
  if (found.some(isTagus)) return tagusReason;
  const isProven = found.some((each) => isDocument(each) && each['proof'] !== undefined);
  return isProven
    ? 'it is secured by a Data Integrity proof, which is not read: it has to be a VC-JWT'
    : 'it is JSON that nobody signed: it has to be a VC-JWT';
}

const isTagus = (document: unknown): boolean =>
  isDocument(document) &&
  (listOf(document['@context']).includes('https://www.w3.org/2018/credentials/v1') ||
    listOf(document['proof']).some((proof) => isDocument(proof) && proof['type'] === 'JsonWebSignature2020') ||
    // a presentation of Tagus may name no context of its own
    listOf(document['verifiableCredential']).some((each) => isDocument(each) && each['issuanceDate'] !== undefined));

/** What ICAM 25.11 §5 asks of a credential beyond the W3C. */
export function profileFlaws({ kind, header: { typ, cty, kid, iss }, payload }: Credential | Presentation): readonly string[] {
  const missing = Object.entries({ typ, cty, kid, iss }).flatMap(([name, value]) => (value === undefined ? [`the header has no ${name}`] : []));
  const type = kind === 'credential' ? 'VerifiableCredential' : 'VerifiablePresentation';
  const first = payload.type[0]?.split(',')[0]?.trim() === type ? [] : [`the first type has to be ${type}`];
  if (kind === 'presentation') {
    const bare = payload.verifiableCredential.filter((each) => !each.type.includes('EnvelopedVerifiableCredential'));
    return [...missing, ...first, ...(bare.length > 0 ? ['each verifiableCredential has to be an EnvelopedVerifiableCredential'] : [])];
  }
  const nameless = payload.credentialSubject.some((each) => each.id === undefined && each['@id'] === undefined);
  const same = payload.id !== undefined && payload.credentialSubject.some((each) => (each.id ?? each['@id']) === payload.id);
  return [
    ...missing,
    ...first,
    ...(payload.id === undefined && payload['@id'] === undefined ? ['it has no id'] : []),
    ...(payload.validFrom === undefined ? ['it has no validFrom'] : []),
    ...(nameless ? ['a credentialSubject has no id'] : []),
    ...(same ? ['a credentialSubject has the id of the credential'] : []),
  ];
}

export const inWords = (flaws: readonly string[]): string =>
  quoted(flaws.slice(0, 4).join('; '), 800) + (flaws.length > 4 ? `; and ${flaws.length - 4} more` : '');

type Read<Value> = { readonly value: Value } | { readonly reason: string };

function parsed<Value>(document: unknown, schema: z.ZodType<Value>): Read<Value> {
  const result = schema.safeParse(document);
  if (result.success) return { value: result.data };
  const issue = result.error.issues[0];
  return { reason: quoted(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'malformed'}`) };
}

/** Canonical, and as ICAM's text and XFSC write it. */
const dataUrl = /^data:application\/(?:vc\+jwt|vc\+ld\+json\+jwt|vc\+ld\+jwt)[,;]([A-Za-z0-9_.-]+)$/i;
/** Other ways of the W3C to secure a credential, and whatever else comes. */
const otherMedia = /^data:([a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,60})[;,]/i;

/** A credential inside a presentation: as signed, or of a media type that is not read here. */
export type Enclosed = { readonly jwt: string } | { readonly mediaType: string };

/** null: it is no enveloped credential. */
export const enclosed = ({ payload }: Presentation): readonly (Enclosed | null)[] =>
  payload.verifiableCredential.map(({ id = '' }) => {
    const [, jwt] = dataUrl.exec(id) ?? [];
    if (jwt !== undefined) return { jwt };
    const [, mediaType] = otherMedia.exec(id) ?? [];
    return mediaType === undefined || /^application\/(vc|vp)(\+ld)?(\+json)?\+jwt$/i.test(mediaType) ? null : { mediaType };
  });

export const enclosedTokens = (presentation: Presentation): readonly string[] =>
  enclosed(presentation)
    .slice(0, enclosedMax)
    .flatMap((each) => (each !== null && 'jwt' in each ? [each.jwt] : []));

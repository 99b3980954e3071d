// A small clearing house (API v2): a notary that confirms any registration number of the right form, and a compliance service that looks at what is shown to it:
// every signature by the did:web of its issuer, and that everything is there which Standard Compliance asks of a participant and a service. No certificate chains, no shapes.
import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { get } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import canonicalize from 'canonicalize';
import { isPlain, type Plain } from '../fields.ts';

export type ClearingHouseOptions = {
  didOf(name: string): string;
  /** As VC-JWT by that issuer. */
  sign(issuer: 'notary' | 'labels', payload: Plain): string;
  now(): number;
  /** PEM of the authorities of web servers of participants. */
  readonly authorities?: string | undefined;
};

const lifeMs = 90 * 86_400_000;
const bytesMax = 2 * 1024 * 1024;
const levels: Readonly<Record<string, string>> = { 'standard-compliance': 'SC', 'label-level-1': 'L1', 'label-level-2': 'L2', 'label-level-3': 'L3' };
const numbers: Readonly<Record<string, readonly [type: string, property: string, form: RegExp]>> = {
  'vat-id': ['gx:VatID', 'gx:vatID', /^[A-Z]{2}[A-Z0-9]{4,14}$/],
  'lei-code': ['gx:LeiCode', 'schema:leiCode', /^[A-Z0-9]{20}$/],
  eori: ['gx:EORI', 'gx:eori', /^[A-Z]{2}[A-Z0-9]{1,15}$/],
  'tax-id': ['gx:TaxID', 'schema:taxID', /^\S{4,30}$/],
  'country-company-number': ['gx:CountryCompanyNumber', 'gx:countryCompanyNumber', /^\S{4,30}$/],
};

class Refusal extends Error {
  readonly status: number;
  readonly results: readonly string[];

  constructor(status: number, ...results: readonly string[]) {
    super(results.join('; '));
    this.status = status;
    this.results = results;
  }
}

/** Whether this request is for the clearing house; then it is answered. */
export const answerClearingHouse = (request: IncomingMessage, response: ServerResponse, options: ClearingHouseOptions): boolean => {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1');
  const [, kind, number] = /^\/notary\/v2\/registration-numbers\/([a-z-]+)\/([^/]+)$/.exec(url.pathname) ?? [];
  const [, level] = /^\/labels\/v2\/api\/credential-offers\/([a-z0-9-]+)$/.exec(url.pathname) ?? [];
  if (kind === undefined && level === undefined) return false;
  const answer = async (): Promise<readonly [status: number, token: string]> =>
    kind !== undefined ? [200, confirm(url, kind, decodeURIComponent(number ?? ''), options)] : [201, await comply(url, level ?? '', request, options)];
  answer()
    .then(([status, token]) => response.writeHead(status, { 'content-type': 'application/vc+jwt' }).end(token))
    .catch((error: unknown) => {
      const { status, results } = error instanceof Refusal ? error : new Refusal(500, 'Internal Server Error');
      const message = status === 409 ? { conforms: false, results } : results.join('; ');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ statusCode: status, message, error: 'refused' }));
    });
  return true;
};

const credential = (id: string, issuer: string, now: number, subject: Plain, type: readonly string[] = []): Plain => ({
  '@context': ['https://www.w3.org/ns/credentials/v2', 'https://w3id.org/gaia-x/development#', { schema: 'https://schema.org/' }],
  type: ['VerifiableCredential', ...type],
  id,
  issuer,
  validFrom: new Date(now - 60_000).toISOString(),
  validUntil: new Date(now + lifeMs).toISOString(),
  credentialSubject: subject,
});

function confirm(url: URL, kind: string, number: string, { didOf, sign, now }: ClearingHouseOptions): string {
  const [vcId, subjectId] = [url.searchParams.get('vcId'), url.searchParams.get('subjectId')];
  if (vcId === null || subjectId === null) throw new Refusal(400, 'vcId and subjectId are needed');
  const [type = '', property = '', form] = numbers[kind] ?? [];
  if (form === undefined) throw new Refusal(404, `${kind} is not confirmed here`);
  if (!form.test(number)) throw new Refusal(409, `${number} is not a ${kind}`);
  const country = /^(vat-id|eori)$/.test(kind) ? { [kind === 'eori' ? 'gx:country' : 'gx:countryCode']: number.slice(0, 2) } : {};
  return sign('notary', credential(vcId, didOf('notary'), now(), { id: subjectId, type, [property]: number, ...country }));
}

type Shown = { readonly payload: Plain; readonly subjects: readonly Plain[] };

async function comply(url: URL, level: string, request: IncomingMessage, options: ClearingHouseOptions): Promise<string> {
  const { didOf, sign, now } = options;
  const vcId = url.searchParams.get('vcid');
  const given = levels[level];
  if (vcId === null || given === undefined) throw new Refusal(vcId === null ? 400 : 404, vcId === null ? 'vcid is needed' : `there is no ${level}`);
  if (request.headers['content-type'] !== 'application/vp+jwt') throw new Refusal(415, 'a presentation is application/vp+jwt');
  const presentation = await opened(await bodyOf(request), 'vp+jwt', options);
  const enclosed = list(presentation['verifiableCredential']).flatMap((each) => (isPlain(each) && typeof each.id === 'string' ? [each.id] : []));
  const shown = await Promise.all(
    enclosed.map(async (id): Promise<Shown> => {
      const payload = await opened(id.replace(/^data:application\/vc\+jwt,/, ''), 'vc+jwt', options);
      return { payload, subjects: list(payload['credentialSubject']).filter(isPlain) };
    }),
  );
  const flaws = missing(shown, didOf('notary'));
  if (flaws.length > 0) throw new Refusal(409, ...flaws);
  const label = {
    id: `${vcId}#cs`,
    type: 'gx:LabelCredential',
    'gx:labelLevel': given,
    'gx:engineVersion': '2.14.0',
    'gx:rulesVersion': 'CD25.10',
    'gx:compliantCredentials': shown.map(({ payload, subjects }) => ({ id: payload['id'], type: typeOf(subjects[0]), 'gx:digestSRI': digestOf(payload) })),
    'gx:validatedCriteria': ['https://docs.gaia-x.eu/policy-rules-committee/compliance-document/25.10/criteria_participant/#PA1.1'],
  };
  return sign('labels', credential(vcId, didOf('labels'), now(), label, ['gx:LabelCredential']));
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const typeOf = (subject: Plain | undefined): string => String(subject?.['type'] ?? '');
const digestOf = (payload: Plain): string =>
  `sha256-${createHash('sha256')
    .update(canonicalize(payload) ?? '')
    .digest('hex')}`;

function missing(shown: readonly Shown[], notary: string): string[] {
  const of = (type: RegExp) =>
    shown.flatMap(({ payload, subjects }) => subjects.filter((each) => type.test(typeOf(each))).map((subject) => ({ subject, issuer: payload['issuer'] })));
  const [person] = of(/^gx:LegalPerson$/);
  const registered = of(/^gx:(VatID|LeiCode|EORI|TaxID|CountryCompanyNumber)$/).find(({ issuer }) => issuer === notary);
  const [terms] = of(/^gx:Issuer$/);
  const [service] = of(/ServiceOffering$/);
  return [
    ...(person === undefined ? ['PA1.1: no gx:LegalPerson is shown'] : []),
    ...(registered === undefined ? ['PA1.1: no registration number by a trusted notary is shown'] : []),
    ...(terms?.subject['gx:gaiaxTermsAndConditions'] === undefined ? ['PA1.1: no issuer has accepted the terms and conditions'] : []),
    ...(service !== undefined && service.subject['gx:serviceOfferingTermsAndConditions'] === undefined
      ? ['P1.1.1: the service has no terms and conditions']
      : []),
  ];
}

/** The payload of a token whose signature is its issuer's. */
async function opened(token: string, typ: string, options: ClearingHouseOptions): Promise<Plain> {
  const [head = '', body = '', signature = ''] = token.trim().split('.');
  const [header, payload] = [head, body].map((part): unknown => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString());
    } catch {
      return null;
    }
  });
  if (!isPlain(header) || !isPlain(payload)) throw new Refusal(400, `it is no ${typ}`);
  if (header['typ'] !== typ) throw new Refusal(400, `typ is ${String(header['typ'])}, not ${typ}`);
  const key = await keyOf(String(header['iss']), String(header['kid']), options);
  const isPss = String(header['alg']).startsWith('PS');
  const settings = { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const, ...(isPss && { padding: 6, saltLength: 32 }) };
  const hash = header['alg'] === 'EdDSA' ? null : `sha${String(header['alg']).slice(2)}`;
  if (!verify(hash, Buffer.from(`${head}.${body}`), settings, Buffer.from(signature, 'base64url')))
    throw new Refusal(409, `the signature by ${String(header['kid'])} does not hold`);
  return payload;
}

async function keyOf(did: string, kid: string, { authorities }: ClearingHouseOptions): Promise<JsonWebKey> {
  const [host = '', ...path] = did.replace(/^did:web:/, '').split(':');
  const address = `https://${decodeURIComponent(host)}/${path.length === 0 ? '.well-known' : path.join('/')}/did.json`;
  const text = await fetched(address, authorities).catch(() => {
    throw new Refusal(409, `${address} could not be read`);
  });
  const document: unknown = JSON.parse(text);
  const methods = isPlain(document) ? list(document['verificationMethod']).filter(isPlain) : [];
  const key = methods.find(({ id }) => id === kid)?.['publicKeyJwk'];
  if (!isPlain(key)) throw new Refusal(409, `${address} has no key ${kid}`);
  return key;
}

const fetched = (address: string, ca: string | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    get(address, { ...(ca !== undefined && { ca }), timeout: 10_000, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()).length > bytesMax && answer.destroy(new Error('too large')));
      answer.once('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(`it answered ${answer.statusCode}`))));
      answer.once('error', reject);
    })
      .once('timeout', function end(this: { destroy(error: Error): void }) {
        this.destroy(new Error('no answer'));
      })
      .once('error', reject);
  });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > bytesMax) throw new Refusal(413, 'it is too large');
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString();
}

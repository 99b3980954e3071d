// One presentation with five credentials, from its bytes to facts: signatures, JSON-LD, the published SHACL shapes of Gaia-X 25.11, offers. Beside it the plain
// way in the same process: jose, jsonld and shacl-engine, called as their own pages show. CPU time of the process, each presentation new to both.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { contexts } from '@digitalbazaar/credentials-context';
import { compactVerify, importJWK } from 'jose';
import type { JWK } from 'jose';
import jsonld from 'jsonld';
import { Parser, Store } from 'n3';
import { isReliable, judge, offeringsOf, policyOf } from '../../broker/src/catalogue/index.ts';
import type { Evidence, Judgement } from '../../broker/src/catalogue/index.ts';
import { gaiaXContexts, lagoon } from '../fixtures/gaiaX.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../fixtures/issueCredentials.ts';

const barMs = 15;
const barRatio = 3;
const rounds = 200;
const warmUps = 100;
const data = resolve('../shared/data/gaia-x-25.11');
/** 500 packages, for this comparison only: fetched when it is made, and kept. */
const plainFolder = process.env['HANSE_SHACL_ENGINE'] || join(tmpdir(), 'hanse-shacl-engine');
const installMs = 300_000;

type Engine = { validate(data: { readonly dataset: object }): Promise<{ readonly conforms: boolean }> };
type Installed = { readonly Validator: new (shapes: object, options: object) => Engine; readonly factory: object };

async function install(): Promise<Installed> {
  const modules = join(plainFolder, 'node_modules');
  if (!existsSync(join(modules, 'shacl-engine'))) {
    mkdirSync(plainFolder, { recursive: true });
    const words = [
      'install',
      '--prefix',
      plainFolder,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-save',
      'shacl-engine@1.1.2',
      '@rdfjs/data-model@2.1.1',
    ];
    await promisify(execFile)('npm', words, { timeout: installMs });
  }
  const { resolve: find } = createRequire(join(modules, 'x.js'));
  const load = async (name: string): Promise<Record<string, unknown>> => (await import(pathToFileURL(find(name)).href)) as Record<string, unknown>;
  const [engine, factory] = [await load('shacl-engine'), await load('@rdfjs/data-model')];
  return { Validator: engine['Validator'], factory: factory['default'] } as Installed;
}

if (!existsSync(data)) {
  console.error(`The shapes of Gaia-X are not at ${data}.`);
  process.exit(2);
}
const { Validator, factory } = await install();

const now = '2026-11-22T08:00:00Z';
const issuer = anIssuer('did:web:lagoon.example');
const read = (name: string) => {
  const text = readFileSync(join(data, name), 'utf8');
  return { from: `/etc/hanse/${name}`, sha256: createHash('sha256').update(text).digest('hex'), text };
};
const [context, shapes, ontology] = [read('gx.context.jsonld'), read('gx.shacl.ttl'), read('gx.owl.ttl')];
const did = JSON.stringify({
  id: issuer.id,
  verificationMethod: [{ id: issuer.kid, type: 'JsonWebKey2020', controller: issuer.id, publicKeyJwk: issuer.jwk }],
  assertionMethod: [issuer.kid],
});
const evidence: Evidence = new Map([
  ...[context, shapes, ontology].map(({ from, text }) => [from, { text, fetchedAt: now }] as const),
  ['https://lagoon.example/.well-known/did.json', { text: did, fetchedAt: now }],
]);
const gx = 'https://w3id.org/gaia-x/development#';
const pinned = ({ from, sha256 }: typeof context) => ({ from, sha256 });
const policy = policyOf({
  contexts: [{ url: gx, ...pinned(context) }],
  shapes: [pinned(shapes), pinned(ontology)],
  requires: { jsonld: 'passed', shapes: 'passed' },
});

function presentation(round: number): string {
  const validity = { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' };
  const tokens = Object.entries(lagoon).map(([name, subjects]) =>
    signJwt(issuer, aHeader(issuer), { ...aPayload(issuer, validity, `https://lagoon.example/${round}/${name}.json`, subjects), '@context': gaiaXContexts }),
  );
  return signJwt(issuer, aHeader(issuer, { typ: 'vp+jwt', cty: 'vp' }), {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiablePresentation'],
    id: `https://lagoon.example/${round}/vp.json`,
    holder: issuer.id,
    verifiableCredential: tokens.map((token) => ({
      '@context': 'https://www.w3.org/ns/credentials/v2',
      type: 'EnvelopedVerifiableCredential',
      id: `data:application/vc+jwt,${token}`,
    })),
  });
}

const ours = (token: string): void => {
  const judgement: Judgement = judge(token, evidence, policy, now);
  const { offerings } = offeringsOf([judgement], policy);
  if (!isReliable(judgement) || offerings.length !== 1 || (offerings[0]?.facts.length ?? 0) < 10) throw new Error('it was not judged to be what it is');
};

const documents = new Map<string, unknown>([...contexts, [gx, JSON.parse(context.text)], ['https://hanse.dev/ns', {}]]);
const documentLoader = (url: string): Promise<object> => {
  const document = documents.get(url);
  return document === undefined ? Promise.reject(new Error(`no ${url}`)) : Promise.resolve({ documentUrl: url, document, contextUrl: undefined });
};
// shacl-engine reads the hierarchy of classes from the shapes
const hierarchy = new Parser()
  .parse(ontology.text)
  .filter(({ predicate, object }) => predicate.value.endsWith('#subClassOf') && object.termType === 'NamedNode');
const engine = new Validator(new Store([...new Parser().parse(shapes.text), ...hierarchy]), { factory });

const theirs = async (token: string): Promise<void> => {
  const key = await importJWK(JSON.parse(JSON.stringify(issuer.jwk)) as JWK, 'ES256');
  const payloadOf = async (jwt: string): Promise<Record<string, unknown>> =>
    JSON.parse(new TextDecoder().decode((await compactVerify(jwt, key)).payload)) as Record<string, unknown>;
  const { verifiableCredential } = (await payloadOf(token)) as { readonly verifiableCredential: readonly { readonly id: string }[] };
  const dataset: object[] = [];
  for (const { id } of verifiableCredential) {
    const quads = await jsonld.toRDF(await payloadOf(id.slice(id.indexOf(',') + 1)), { format: 'application/n-quads', documentLoader, safe: false });
    dataset.push(...new Parser({ format: 'application/n-quads' }).parse(quads));
  }
  const { conforms } = await engine.validate({ dataset: new Store(dataset) });
  if (!conforms) throw new Error('it does not conform');
};

const cpuMs = async (tokens: readonly string[], run: (token: string) => void | Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  for (const token of tokens) await run(token);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / tokens.length;
};

const made = Array.from({ length: warmUps + rounds }, (_, round) => presentation(round));
const [before, timed] = [made.slice(0, warmUps), made.slice(warmUps)];
const firstMs = await cpuMs(before.slice(0, 1), ours);
await cpuMs(before.slice(1), ours);
const ourMs = await cpuMs(timed, ours);
await cpuMs(before, theirs);
const theirMs = await cpuMs(timed, theirs);

const rounded = (value: number): number => Math.round(value * 100) / 100;
const ratio = rounded(theirMs / ourMs);
console.log(
  JSON.stringify({
    name: 'judge',
    figure: rounded(ourMs),
    unit: 'ms CPU for a presentation with 5 credentials',
    bar: barMs,
    barRatio,
    sizes: { credentials: Object.keys(lagoon).length, rounds, bytes: timed[0]?.length ?? 0, shapesBytes: shapes.text.length },
    first: { what: 'the first one, which reads context, shapes and classes', figure: Math.round(firstMs) },
    yardstick: { what: 'jose + jsonld + shacl-engine, shapes read beforehand, no facts', figure: rounded(theirMs), ratio },
  }),
);
process.exitCode = ourMs <= barMs && ratio >= barRatio ? 0 : 1;

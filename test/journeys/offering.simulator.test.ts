// A provider's way from a live cluster to an offer that a catalogue believes: describe, sign, publish, check, submit, through the command line.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCatalogue } from '../../broker/src/catalogue/io/index.ts';
import { parseTrustedIssuers } from '../../broker/src/catalogue/index.ts';
import { openDisk } from '../../simulator/disk.ts';
import { certify } from '../../simulator/gaiax/certificates.ts';
import { startGaiaX, type GaiaX } from '../../simulator/gaiax/gaiax.ts';
import { newAuthority } from '../../simulator/pki.ts';
import { startWorld, type World } from '../../simulator/world.ts';
import { hanse as run, type Ran } from '../cli.ts';
import { testStore, type TestStore } from '../database.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanse-offering-'));
const at = (...path: string[]): string => join(folder, ...path);
const [docs, site, key, chain, kubeconfig] = [at('docs'), at('site'), at('key.pem'), at('chain.pem'), at('kubeconfig')];
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const secret = { pem: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })), d: String(pair.privateKey.export({ format: 'jwk' }).d) };

let world: World;
let web: Server;
let gaiaX: GaiaX;
let stored: TestStore;
let did: string;
let base: string;
let anchor: string;
let said = '';

const hanse = async (...words: string[]): Promise<Ran> => {
  const ran = await run(words, { url: 'http://127.0.0.1:1' });
  said += ran.out + ran.err;
  return ran;
};
const answers = (): string[] =>
  Object.entries({
    did,
    'participant.name': 'Example Cloud GmbH',
    'participant.country': 'DE',
    'participant.headquarters': 'DE',
    registration: 'vat-id:DE123456789',
    'gaia-x.terms': 'yes',
    'service.name': 'Kubernetes Frankfurt',
    'service.terms': 'https://csp.example/terms.pdf',
    'service.termsHash': 'a'.repeat(64),
    'datacenter.name': 'FRA1',
    'datacenter.country': 'DE',
    'datacenter.region': 'DE71',
    price: '0.02',
    regime: 'GDPR2016',
    'energy.pue': '1.25',
    'liqo.version': 'v1.2.0',
  }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const reach = (): string[] => ['--allow', new URL(base).host, '--allow', new URL(gaiaX.url).host, '--ca-file', at('authorities.pem')];

beforeAll(async () => {
  const [csp, certified] = await Promise.all([
    newAuthority('csp'),
    certify({ csp: createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' }) }, Date.now()),
  ]);
  world = await startWorld([
    {
      name: 'fra1',
      nodes: [0, 1].map((n) => ({
        name: `node-${n}`,
        cpu: '16',
        memory: '64Gi',
        gpus: 2,
        labels: { 'nvidia.com/gpu.product': 'NVIDIA-L40S', 'kubernetes.io/arch': 'amd64' },
      })),
    },
  ]);
  // what a web server does for the folder that was published
  web = createServer({ cert: csp.certPem, key: csp.keyPem }, (request, response) => {
    try {
      response.writeHead(200).end(readFileSync(join(site, (request.url ?? '').replace(/^\/gaia-x\//, ''))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  [did, base, anchor] = [`did:web:127.0.0.1%3A${port}:gaia-x`, `https://127.0.0.1:${port}/gaia-x/`, certified.anchor];
  gaiaX = await startGaiaX({ disk: openDisk(at('gaiax')), members: [], now: Date.now, authorities: csp.caPem });
  stored = await testStore();
  mkdirSync(docs);
  writeFileSync(key, secret.pem, { mode: 0o600 });
  writeFileSync(kubeconfig, world.member('fra1').kubeconfig(), { mode: 0o600 });
  writeFileSync(chain, certified.chains['csp'] ?? '');
  writeFileSync(at('anchors.pem'), anchor + gaiaX.anchor);
  writeFileSync(at('authorities.pem'), csp.caPem + gaiaX.authority);
}, 60_000);
afterAll(async () => {
  web.closeAllConnections();
  web.close();
  await Promise.all([gaiaX.close(), world.close(), stored.close()]);
  rmSync(folder, { recursive: true, force: true });
});

it('reads what the cluster says, names the flag for everything that it does not, and asks a person where one is', async () => {
  const cluster = new URL(world.member('fra1').server).host;
  const refused = await hanse('describe', '--kubeconfig', kubeconfig, ...answers());
  expect(refused).toMatchObject({ exit: 3, err: expect.stringContaining('--allow HOST:PORT') });
  const bare = await hanse('describe', '--kubeconfig', kubeconfig, '--allow', cluster);
  expect(bare.exit).toBe(2);
  for (const name of ['did', 'participant.name', 'registration', 'service.terms', 'datacenter.country']) expect(bare.err).toContain(`--set ${name}=…`);
  for (const name of ['cpu.cores', 'kubernetes.version', 'liqo.id', 'price']) expect(bare.err).not.toContain(`--set ${name}=`);
  const wrong = await hanse('describe', '--kubeconfig', kubeconfig, '--allow', cluster, ...answers(), '--set', 'datacenter.country=Germany');
  expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining('datacenter.country=DE') });
  const asked = await run(['describe', '--kubeconfig', kubeconfig, '--allow', cluster, ...answers(), '--set', 'datacenter.country='], {
    url: '',
    answers: ['Germany', 'FR'],
  });
  expect(asked, asked.err).toMatchObject({ exit: 0 });
  expect(asked.err).toContain('datacenter.country: country in which it stands');
  expect(JSON.parse(asked.out)).toMatchObject({ datacenter: { credentialSubject: [{ 'gx:location': [{ 'gx:countryCode': 'FR' }] }, {}] } });

  const ran = await hanse('describe', '--kubeconfig', kubeconfig, '--allow', cluster, ...answers(), '--out', docs);
  expect(ran).toMatchObject({ exit: 0, err: '' });
  expect(ran.out).toMatch(/cpu\.cores +32 +the cluster/);
  expect(ran.out).toMatch(/datacenter\.country +DE +you/);
  const { credentialSubject } = JSON.parse(readFileSync(join(docs, 'cluster.json'), 'utf8'));
  expect(credentialSubject).toMatchObject({
    'hanse:liqoClusterId': 'fra1',
    'hanse:cpuCores': 32,
    'hanse:memoryGiB': 128,
    'hanse:gpuCount': 4,
    'hanse:gpuModel': ['NVIDIA-L40S'],
    'hanse:kubernetesVersion': expect.stringMatching(/^v1\.\d+/),
    'hanse:podRange': ['10.201.0.0/16'],
  });
  const again = await hanse('describe', '--kubeconfig', kubeconfig, '--allow', cluster, '--answers', join(docs, 'answers.yaml'), '--out', at('again'));
  expect(again.exit).toBe(0);
  expect(readFileSync(at('again', 'service.json'), 'utf8')).toBe(readFileSync(join(docs, 'service.json'), 'utf8'));
});

it('signs and publishes what its own judge relies on, in the folder and behind the DID', async () => {
  expect(await hanse('sign', docs, '--key', key)).toMatchObject({ exit: 0, err: '' });
  const published = await hanse('publish', docs, '--key', key, '--chain', chain, '--out', site);
  expect(published).toMatchObject({ exit: 0, err: '' });
  expect(published.out).toContain(`${base}did.json`);
  for (const target of [site, did, `${base}presentation.jwt`]) {
    const checked = await hanse('check', target, '--anchor', at('anchors.pem'), ...reach());
    expect(checked, checked.out).toMatchObject({ exit: 0 });
    expect(checked.out).toMatch(/passed +chain +csp ← Demo Trust Service ← Demo Trust Root/);
    expect(checked.out).toContain('As an offer: Kubernetes Frankfurt, cluster fra1');
  }
  const unknown = await hanse('check', did, '--anchor', at('anchors.pem'), '--ca-file', at('authorities.pem'));
  expect(unknown).toMatchObject({ exit: 8, out: expect.stringContaining('loopback address') });
});

const shapes = join(import.meta.dirname, '../../../shared/data/gaia-x-25.11');
if (!existsSync(shapes)) process.stderr.write(`The shapes of Gaia-X are not at ${shapes}: what needs them is skipped.\n`);

it.skipIf(!existsSync(shapes))(
  'stands every check with the published contexts and shapes of Gaia-X',
  async () => {
    const held = ['--context', `https://w3id.org/gaia-x/development#=${join(shapes, 'gx.context.jsonld')}`];
    for (const file of ['gx.shacl.ttl', 'gx.owl.ttl']) held.push('--shapes', join(shapes, file));
    const checked = await hanse('check', site, '--anchor', at('anchors.pem'), ...held, ...reach(), '-o', 'json');
    expect(checked.exit, checked.err).toBe(0);
    const report: { credentials: { id: string; checks: { name: string; result: string; reason: string }[] }[] } = JSON.parse(checked.out);
    expect(report.credentials).toHaveLength(8);
    const open = report.credentials.flatMap(({ id, checks }) =>
      checks.filter(({ result }) => result !== 'passed').map(({ name, reason }) => `${id} ${name}: ${reason}`),
    );
    expect(open).toEqual([]);
  },
  180_000,
);

it('gets its number confirmed and a label, and shows both; a catalogue offers it with the weight of who said what', async () => {
  const clearing = ['--notary', `${gaiaX.url}/notary`, '--compliance', `${gaiaX.url}/labels`];
  const refused = await hanse('clearinghouse', 'submit', docs, '--key', key, ...clearing.slice(2), ...reach());
  expect(refused).toMatchObject({ exit: 3, err: expect.stringContaining('PA1.1: no registration number by a trusted notary is shown') });
  const given = await hanse('clearinghouse', 'submit', docs, '--key', key, ...clearing, ...reach());
  expect(given, given.err).toMatchObject({ exit: 0, out: expect.stringContaining('gives SC over 7 credentials') });
  expect(await hanse('publish', docs, '--key', key, '--chain', chain, '--out', site)).toMatchObject({ exit: 0 });

  const stranger = await hanse('check', did, '--anchor', at('anchors.pem'), ...reach());
  expect(stranger).toMatchObject({ exit: 3, out: expect.stringContaining('--trust labelIssuer=DID') });
  const trust = Object.entries(gaiaX.trustedIssuers).flatMap(([id, { roles }]) => ['--trust', `${roles[0]}=${id}`]);
  const checked = await hanse('check', did, '--anchor', at('anchors.pem'), ...trust, ...reach(), '-o', 'json');
  expect(checked, checked.out).toMatchObject({ exit: 0 });
  expect(JSON.parse(checked.out)).toMatchObject({
    result: 'good',
    credentials: expect.arrayContaining([expect.objectContaining({ state: 'active', issuer: did })]),
  });

  const catalogue = createCatalogue({
    store: stored.store,
    config: {
      sources: [{ kind: 'did', at: did }],
      policy: { issuers: parseTrustedIssuers(gaiaX.trustedIssuers), anchors: [anchor, gaiaX.anchor], requires: { chain: 'passed' } },
      allowedAddresses: [new URL(base).host, new URL(gaiaX.url).host],
      ca: readFileSync(at('authorities.pem'), 'utf8'),
    },
  });
  await catalogue.harvester.harvest('default');
  const { offerings, rejected } = await catalogue.view('default');
  expect(rejected).toEqual([]);
  expect(offerings).toMatchObject([{ provider: did, name: 'Kubernetes Frankfurt', cluster: 'fra1' }]);
  const facts = (offerings[0]?.facts ?? []).map(({ name, value, assurance }) => `${name}=${String(value)}@${assurance}`);
  const wanted = [
    'label=SC@certified',
    'registration.country=DE@notarised',
    'country=DE@declared',
    'gpu.count=4@declared',
    'price=0.02@declared',
    'gdpr=true@declared',
  ];
  expect(facts).toEqual(expect.arrayContaining(wanted));
  expect(offerings[0]).not.toHaveProperty('contradicted');

  // renewed: our own words anew, the notary's as it is
  expect(await hanse('sign', docs, '--key', key)).toMatchObject({ exit: 0, out: expect.stringMatching(/registration\.jwt +kept/) });
});

it('never lets the private key into anything that it says or writes', async () => {
  const mistaken = [
    ['sign', key, '--key', key],
    ['sign', docs, '--key', chain],
    ['sign', docs, '--signer', 'cat', '--public-key', key],
    ['publish', docs, '--key', key, '--chain', key, '--out', site],
    ['publish', key, '--key', key, '--out', site],
    ['describe', '--kubeconfig', kubeconfig, '--answers', key, '--allow', new URL(world.member('fra1').server).host],
    ['describe', '--kubeconfig', key],
    ['check', '.', '--anchor', key],
  ];
  for (const words of mistaken) expect((await hanse(...words)).exit, words.join(' ')).toBeGreaterThan(0);
  writeFileSync(at('both.pem'), secret.pem + readFileSync(chain, 'utf8'));
  expect(await hanse('publish', docs, '--key', key, '--chain', at('both.pem'), '--out', site)).toMatchObject({ exit: 0 });
  const written = [docs, site].flatMap((each) =>
    readdirSync(each, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), 'utf8')] : [],
    ),
  );
  expect(written.length).toBeGreaterThan(15);
  for (const text of [said, ...written]) {
    expect(text).not.toContain(secret.d);
    expect(text).not.toContain('PRIVATE KEY');
    for (const line of secret.pem.split('\n').slice(1, -2)) expect(text).not.toContain(line);
  }
});

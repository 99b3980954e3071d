// Credentials per second from the files of a source to answers of a search: read, kept byte for byte, judged in full, written as offers and states, put into the
// index. Real signatures of keys made on the spot: of each offer its own statements, a notary's, a label and certifications.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createCatalogue } from '../../broker/src/catalogue/io/index.ts';
import { createOffers } from '../../broker/src/placement/io/index.ts';
import { anIssuer, issueDemoCredentials } from '../fixtures/issueCredentials.ts';
import type { DemoProvider } from '../fixtures/issueCredentials.ts';
import { benchStore, randomFrom } from './store.ts';

const owner = 'default';
const seed = 20261122;
const sizes = { offers: Number(process.env['HANSE_BENCH_OFFERS'] ?? 1000), participants: 20, cores: availableParallelism() };

const random = randomFrom(seed);
const oneOf = <Item>(items: readonly [Item, ...Item[]]): Item => items[Math.floor(random() * items.length)] ?? items[0];
const offers = Array.from({ length: sizes.offers }, (_, index): DemoProvider => ({
  cluster: `c${index}`,
  country: oneOf(['DE', 'NL', 'IT', 'EE']),
  region: 'DE60',
  city: oneOf(['Hamburg', 'Amsterdam', 'Genova', 'Tallinn']),
  label: oneOf(['L1', 'L2', 'L3']),
  eurPerVcpuHour: Math.round(random() * 800) / 10_000,
  gpuCount: oneOf([0, 2, 4, 8]),
  schemes: oneOf([['iso27001'], ['iso27001', 'c5']]),
}));
const participants = Array.from({ length: sizes.participants }, (_, index) => anIssuer(`did:web:participant-${index}.example`));
const faults: string[] = [];

const folder = mkdtempSync(join(tmpdir(), 'hanse-ingest-'));
const bench = await benchStore();
try {
  const { files, issuers } = issueDemoCredentials(
    Date.now(),
    offers,
    (cluster) => `https://${cluster}.example/gx`,
    (cluster) => participants[Number(cluster.slice(1)) % sizes.participants] ?? anIssuer('did:web:nobody.example'),
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`);
  const credentials = Object.keys(files).length;
  const catalogue = createCatalogue({ store: bench.store, config: { sources: [folder], policy: { issuers }, allowedAddresses: [] } });
  const none = new Map<string, never>();
  const search = createOffers({
    clusters: { list: async () => [] },
    catalogue,
    standing: async () => ({ lent: none, used: none, booked: none }),
    now: Date.now,
  });

  const busy = process.cpuUsage();
  const from = performance.now();
  const rejected = await catalogue.rejected(owner);
  const writtenMs = performance.now() - from;
  // a label counts only where it was judged with everything that it rests on
  const found = await search(owner, { where: ['label>=L1@certified', 'iso27001=true@certified'], prefer: [], facets: ['country'], limit: 1 });
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(busy);

  if (rejected.length > 0) faults.push(`${rejected.length} are no offer: ${JSON.stringify(rejected[0])}`);
  if (found.total !== sizes.offers || found.matching !== sizes.offers)
    faults.push(`${found.total} offers are in the index and ${found.matching} with all their proofs, of ${sizes.offers}`);
  const states = await bench.store.db
    .selectFrom('standing')
    .select(['state', ({ fn }) => fn.countAll<string>().as('count')])
    .where('owner', '=', owner)
    .groupBy('state')
    .execute();
  const judged = states.reduce((sum, { count }) => sum + Number(count), 0);
  if (judged !== credentials || states.length !== 1) faults.push(`${judged} of ${credentials} credentials are judged: ${JSON.stringify(states)}`);
  const rounded = (figure: number): number => Math.round(figure * 100) / 100;
  console.log(
    JSON.stringify({
      name: 'ingest',
      figure: Math.round(credentials / seconds),
      unit: 'credentials/s',
      bar: null,
      cpuMs: rounded((user + system) / 1000 / credentials),
      parts: { writtenMs: Math.round(writtenMs), indexedMs: rounded(seconds * 1000 - writtenMs) },
      sizes: { ...sizes, credentials },
      seed,
    }),
  );
} finally {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults.slice(0, 10)) console.error(`ingest: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

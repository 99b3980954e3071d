// One credential is revoked: from the look at it that finds its bit set on its issuer's status list to the list of the placements that rest on it, among ten
// thousand. The look is the watch's own: the list fetched over https, everything tied to the credential judged again, offers, state and audit event written.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseTrustedIssuers } from '../../broker/src/catalogue/index.ts';
import { createCatalogue } from '../../broker/src/catalogue/io/index.ts';
import type { Cluster } from '../../broker/src/clusters/index.ts';
import type { Clusters } from '../../broker/src/clusters/io/index.ts';
import { clusterName, ownerId } from '../../broker/src/ids.ts';
import { nothing, parseCriterion, place } from '../../broker/src/placement/index.ts';
import type { PlacementRequest } from '../../broker/src/placement/index.ts';
import { createDecider } from '../../broker/src/placement/io/index.ts';
import { createImpact } from '../../broker/src/reactions/io/index.ts';
import { openDisk } from '../../simulator/disk.ts';
import { members } from '../../simulator/federation.ts';
import type { MemberData } from '../../simulator/federation.ts';
import { startGaiaX } from '../../simulator/gaiax/gaiax.ts';
import { benchStore } from './store.ts';

const barMs = 1000;
const owner = 'default';
const sizes = { placements: 10_000, providers: 20, criteria: 3, rounds: 5 };
const faults: string[] = [];

const pattern = members.find(({ offer }) => offer?.label === 'L2' || offer?.label === 'L3');
if (!pattern) throw new Error('no member of the demo has a label');
const providers = Array.from({ length: sizes.providers }, (_, index): MemberData => ({ ...pattern, name: `p${index}`, title: `Provider ${index}` }));

const registered = (name: string): Cluster => ({
  name: clusterName(name),
  owner: ownerId(owner),
  side: 'provider',
  server: 'https://10.0.0.1:6443',
  uid: name,
  liqoClusterId: name,
  liqoVersion: 'v1.2.0',
  accountNamespace: 'hanse',
  kubernetesVersion: 'v1.35.4',
  podCidrs: [],
  serviceCidrs: [],
  liqoNetworking: false,
  platform: { distribution: '', manager: '', platform: '', evidence: [] },
  state: 'ready',
});
const none = (): never => {
  throw new Error('only the list of clusters is asked for');
};
const clusters: Clusters = { list: async () => providers.map(({ name }) => registered(name)), find: none, home: none, kube: none };

const folder = mkdtempSync(join(tmpdir(), 'hanse-revoke-'));
const bench = await benchStore();
const gaiaX = await startGaiaX({ disk: openDisk(folder), members: providers, now: Date.now });
try {
  const catalogue = createCatalogue({
    store: bench.store,
    config: {
      sources: gaiaX.sources,
      policy: { issuers: parseTrustedIssuers(gaiaX.trustedIssuers), anchors: [gaiaX.anchor] },
      allowedAddresses: [new URL(gaiaX.url).host],
      ca: gaiaX.authority,
    },
  });
  const { offerings, rejected } = await catalogue.view(owner);
  if (offerings.length !== sizes.providers || rejected.length > 0) throw new Error(`${offerings.length} offers, rejected: ${JSON.stringify(rejected)}`);
  const decider = createDecider({ store: bench.store, clusters, catalogue });
  const impact = createImpact({ store: bench.store, decider });
  await deploy(await decider.known(owner));

  const looks: number[] = [];
  const lists: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < sizes.rounds; round += 1) {
    const provider = `p${round}`;
    const digest = offerings.find(({ cluster }) => cluster === provider)?.facts.find(({ name }) => name === 'label')?.credential ?? '';
    // all are on one list, which is asked for once a second at most
    await pause(1100);
    await gaiaX.mark('revocation', provider, 'label');
    const busy = process.cpuUsage();
    const from = performance.now();
    await catalogue.rejudge(owner, [digest]);
    const looked = performance.now();
    const listed = await impact(owner, { limit: sizes.placements });
    const listedAt = performance.now();
    const { user, system } = process.cpuUsage(busy);
    looks.push(looked - from);
    lists.push(listedAt - looked);
    cpu.push((user + system) / 1000);
    const mine = listed.filter((each) => each.provider === provider);
    const wanted = sizes.placements / sizes.providers;
    if (mine.length !== wanted || listed.length !== wanted * (round + 1))
      faults.push(`${provider}: ${mine.length} placements of ${wanted}, ${listed.length} in all`);
    if (mine.some(({ state, holds, credential }) => state !== 'revoked' || holds || credential !== digest))
      faults.push(`${provider}: not revoked, or it holds`);
    const { length: past } = await catalogue.credentials.history(owner, digest);
    if (past !== 1) faults.push(`${provider}: ${past} changes on record`);
  }
  const totals = looks.map((look, index) => look + (lists[index] ?? 0));
  const figure = Math.round(Math.max(...totals));
  if (figure > barMs) faults.push(`${figure} ms are over ${barMs} ms`);
  const median = (values: readonly number[]): number => Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
  const parts = { look: median(looks), list: median(lists), cpu: median(cpu) };
  for (const fault of faults.slice(0, 10)) console.error(`revoke: ${fault}`);
  console.log(JSON.stringify({ name: 'revoke', figure, unit: 'ms', bar: barMs, median: median(totals), parts, sizes }));
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await gaiaX.close();
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
}

/** As deploying writes them: each decided over all providers, every candidate and opinion kept. */
async function deploy(known: Awaited<ReturnType<ReturnType<typeof createDecider>['known']>>): Promise<void> {
  const criteria = [`country=${pattern?.country ?? ''}`, 'label>=L1@certified', 'kubernetes.version>=1.30'].map(parseCriterion);
  const request: PlacementRequest = { subject: 'bench', replicas: 1, each: nothing, criteria, preferences: [], providersMin: 1, exclude: [], reach: 'added' };
  const { candidates, ...placement } = place(request, { version: 1, takenAt: new Date().toISOString(), clusters: known });
  for (let from = 0; from < sizes.placements; from += 250) {
    const rows = Array.from({ length: 250 }, (_, offset) => {
      const name = `app-${String(from + offset).padStart(5, '0')}`;
      const cluster = `p${(from + offset) % sizes.providers}`;
      const chosen = [{ cluster, replicas: 1 }];
      const record = { name, clusters: [cluster], request, placement: { ...placement, candidates, chosen } };
      return { owner, name, namespace: name, home: 'home', state: 'running', record: JSON.stringify(record) };
    });
    await bench.store.db.insertInto('application').values(rows).execute();
  }
}

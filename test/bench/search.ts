// Search with facets over 100,000 offers: the broker's own index, beside the same query in SQL on the same PostgreSQL, in the same run; the memory that a broker
// needs for it, and how long it takes to be there again after a start. Offers are made by a seeded generator.
import { performance } from 'node:perf_hooks';
import { fork } from 'node:child_process';
import { sql } from 'kysely';
import { labels } from '../../broker/src/catalogue/index.ts';
import { createCatalogue } from '../../broker/src/catalogue/io/index.ts';
import { parseCriterion } from '../../broker/src/placement/index.ts';
import { createOffers } from '../../broker/src/placement/io/index.ts';
import { openStore } from '../../broker/src/store/io/openStore.ts';
import type { Store } from '../../broker/src/store/io/store.ts';
import { facetNames, queriesFrom, writeOffers } from './manyOffers.ts';
import type { BenchQuery } from './manyOffers.ts';
import { benchStore, randomFrom } from './store.ts';

const owner = 'default';
const offerCount = Number(process.env['HANSE_BENCH_OFFERS'] ?? 100_000);
const seed = 20261122;
const [warmUps, rounds, sqlRounds] = [300, 1000, 20];
const bars = { searchMs: 5, memoryMiB: 400, rebuildMs: 5000 };
const mib = 1024 ** 2;

/** What the broker asks for each time, without its clusters: nobody has added any. */
const searchOn = (store: Store) => {
  const catalogue = createCatalogue({ store, config: { sources: [], policy: {}, allowedAddresses: [] } });
  const none = new Map<string, never>();
  const search = createOffers({
    clusters: { list: async () => [] },
    // nothing is gathered: these offers come from nowhere
    catalogue: { ...catalogue, rejected: async () => [] },
    standing: async () => ({ lent: none, used: none, booked: none }),
    now: Date.now,
  });
  return (query: BenchQuery) => search(owner, { ...query, facets: facetNames, limit: 20 });
};

/** In a process of its own: a broker that starts, reads everything and answers once. */
const restarted = async (): Promise<void> => {
  const { dataDir, configDir, databaseUrl } = JSON.parse(process.argv[3] ?? '{}');
  const store = await openStore({ dataDir, configDir, databaseUrl });
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  const search = searchOn(store);
  const found = await search({ where: [], prefer: [], text: '' });
  const rebuildMs = performance.now() - from;
  const { user, system } = process.cpuUsage(cpuFrom);
  for (const query of queriesFrom(randomFrom(seed), 200)) await search(query);
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  process.send?.({
    total: found.total,
    rebuildMs,
    cpuMs: (user + system) / 1000,
    before,
    rss,
    heapUsed,
    arrayBuffers,
    peak: process.resourceUsage().maxRSS * 1024,
  });
  await store.close();
};

const quantile = (times: readonly number[], share: number): number => {
  const sorted = times.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const rounded = (figure: number): number => Math.round(figure * 100) / 100;

/** The same in SQL: criteria over the facts as they are stated (the strongest decides), the first page, and each facet's counts, in one statement with the usual index. */
const sqlSearch = async ({ db }: Store, { where, text }: BenchQuery): Promise<number> => {
  const criteria = where.map(parseCriterion);
  const ranks = sql.raw(`array['asserted','declared','notarised','certified']`);
  const holds = criteria.map(({ fact, operator, values, assurance }) => {
    const enough = assurance === undefined ? sql`true` : sql`array_position(${ranks}, f.assurance) >= array_position(${ranks}, ${assurance})`;
    const order = sql.raw(operator);
    const isNumber = operator !== '=' && operator !== '!=' && fact !== 'label';
    const value = isNumber
      ? sql`f.number ${order} ${Number(values[0])}`
      : fact === 'label'
        ? sql`f.value = any(${labels.slice(labels.findIndex((label) => label === values[0]))}::text[])`
        : sql`f.value = any(${[...values]}::text[])`;
    return sql`exists (select 1 from bench_fact f where f.offer = o.n and f.name = ${fact} and ${enough} and ${value})`;
  });
  const like = `${text}%`;
  const inCity = sql`exists (select 1 from bench_fact f where f.offer = o.n and f.name = 'city' and f.value ilike ${like})`;
  const named = text === '' ? sql`true` : sql`(o.name ilike ${like} or ${inCity})`;
  const { rows } = await sql<{ matching: string }>`
    with matching as materialized (select o.n, o.name from bench_offer o where ${sql.join([named, ...holds], sql` and `)}),
      page as (select m.n from matching m order by m.name limit 20),
      facets as (select f.name, f.value, count(*) from bench_fact f join matching m on m.n = f.offer where f.name = any(${[...facetNames]}::text[]) group by 1, 2)
    select (select count(*) from matching) as matching, (select json_agg(n) from page) as page, (select json_agg(facets) from facets) as facets`.execute(db);
  return Number(rows[0]?.matching);
};

const measure = async (): Promise<void> => {
  const faults: string[] = [];
  const bench = await benchStore();
  try {
    const { store } = bench;
    await writeOffers(store, owner, { count: offerCount, seed });
    const databaseUrl = store.pool.options.connectionString;
    const started = await new Promise<Record<string, number>>((done, fail) => {
      const child = fork(process.argv[1] ?? '', ['search', 'restarted', JSON.stringify({ dataDir: bench.dataDir, configDir: bench.configDir, databaseUrl })], {
        execArgv: [...process.execArgv, '--expose-gc'],
      });
      child.once('message', (told) => done(Object(told)));
      child.once('exit', (code) => fail(new Error(`the broker that was started ended with ${code}`)));
    });
    const search = searchOn(store);
    const queries = queriesFrom(randomFrom(seed), warmUps + rounds);
    const times: number[] = [];
    let cpuFrom = process.cpuUsage();
    for (const [index, query] of queries.entries()) {
      if (index === warmUps) cpuFrom = process.cpuUsage();
      const from = performance.now();
      await search(query);
      if (index >= warmUps) times.push(performance.now() - from);
    }
    const cpu = process.cpuUsage(cpuFrom);
    const sqlTimes: number[] = [];
    for (const query of queries.slice(warmUps, warmUps + sqlRounds)) {
      const { matching } = await search(query);
      const from = performance.now();
      const same = await sqlSearch(store, query);
      sqlTimes.push(performance.now() - from);
      if (same !== matching) faults.push(`SQL finds ${same} and the index ${matching} for ${query.where.join(' ')} ${query.text}`);
    }
    const [p95, sqlP95] = [quantile(times, 0.95), quantile(sqlTimes, 0.95)];
    const memoryMiB = (started['rss'] ?? Number.NaN) / mib;
    const rebuildMs = started['rebuildMs'] ?? Number.NaN;
    if (started['total'] !== offerCount) faults.push(`${started['total']} offers instead of ${offerCount} after a start`);
    if (!(p95 <= bars.searchMs)) faults.push(`p95 ${rounded(p95)} ms is over ${bars.searchMs} ms`);
    if (!(memoryMiB <= bars.memoryMiB)) faults.push(`${rounded(memoryMiB)} MiB are over ${bars.memoryMiB} MiB`);
    if (!(rebuildMs <= bars.rebuildMs)) faults.push(`${rounded(rebuildMs)} ms to be there again are over ${bars.rebuildMs} ms`);
    console.log(
      JSON.stringify({
        name: 'search',
        figure: rounded(p95),
        unit: 'ms',
        bar: bars.searchMs,
        p50: rounded(quantile(times, 0.5)),
        max: rounded(Math.max(...times)),
        cpuMean: rounded((cpu.user + cpu.system) / 1000 / rounds),
        memory: {
          figure: rounded(memoryMiB),
          unit: 'MiB',
          bar: bars.memoryMiB,
          heapUsed: rounded((started['heapUsed'] ?? 0) / mib),
          arrayBuffers: rounded((started['arrayBuffers'] ?? 0) / mib),
          peak: rounded((started['peak'] ?? 0) / mib),
          withoutOffers: rounded((started['before'] ?? 0) / mib),
        },
        restart: { figure: rounded(rebuildMs), unit: 'ms', bar: bars.rebuildMs, cpu: rounded(started['cpuMs'] ?? 0) },
        sizes: { offers: offerCount, facets: facetNames.length, rounds },
        seed,
        yardstick: { what: 'the same query in SQL on the same PostgreSQL, p95 ms', figure: rounded(sqlP95), ratio: rounded(sqlP95 / p95) },
      }),
    );
  } finally {
    await bench.close();
  }
  for (const fault of faults.slice(0, 10)) console.error(`search: ${fault}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
};

await (process.argv[2] === 'restarted' ? restarted() : measure());

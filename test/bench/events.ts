// Two hundred pages listen to one broker while twenty plans a second are made by another program on the same database: how long until each page has heard of each.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createOperations } from '../../broker/src/operations/io/index.ts';
import { built } from '../built.ts';
import { startBroker } from '../faults/crash.ts';
import { aPlan, by } from '../faults/wheels.ts';
import { freePort } from '../journeys/product.ts';
import { benchStore } from './store.ts';

const barMs = 250;
const sizes = { pages: 200, eventsPerSecond: 20, seconds: Number(process.argv[2] ?? 30), warmUpSeconds: 3 };
const answersMsMax = 30_000;
const lateMsMax = 20_000;

/** Operation → when pages heard of it, one entry for each time. */
type Heard = Map<string, number[]>;

/** As the page does: a link that counts once, its cookie, then the one stream. */
async function openPage(url: string, token: string, heard: Heard): Promise<IncomingMessage> {
  const made = await fetch(`${url}/v1/page-links`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  const { path } = (await made.json()) as { path: string }; // our own API
  const entered = await fetch(url + path, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  const response = await new Promise<IncomingMessage>((resolve, reject) => get(`${url}/v1/events`, { agent: false, headers }, resolve).once('error', reject));
  if (response.statusCode !== 200) throw new Error(`the stream was answered ${response.statusCode}`);
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    const now = performance.now();
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /"operation":"([^"]+)"/.exec(block)?.[1];
      if (id === undefined) continue;
      const known = heard.get(id) ?? [];
      heard.set(id, known);
      known.push(now);
    }
  });
  return response;
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const program = await built('broker/src/main.ts');
const bench = await benchStore();
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = { HANSE_DATA_DIR: bench.dataDir, HANSE_CONFIG_DIR: bench.configDir, HANSE_PORT: String(port), HANSE_DATABASE_URL: '' };
const broker = startBroker([process.execPath, program], env, join(bench.dataDir, 'broker.log'));
try {
  for (const end = Date.now() + answersMsMax; (await fetch(`${url}/v1/health`).catch(() => null))?.ok !== true; await pause(50))
    if (Date.now() > end) throw new Error('the broker does not answer');
  const token = readFileSync(join(bench.configDir, 'token'), 'utf8').trim();
  const heard: Heard = new Map();
  const pages: IncomingMessage[] = [];
  for (let page = 0; page < sizes.pages; page += 1) pages.push(await openPage(url, token, heard));

  const operations = createOperations(bench.store);
  const changedAt = new Map<string, number>();
  const make = async (): Promise<void> => {
    const began = performance.now();
    changedAt.set(await operations.create({ ...by, plan: aPlan() }), began);
  };
  const run = async (seconds: number): Promise<void> => {
    const began = performance.now();
    const made: Promise<void>[] = [];
    for (let n = 0; n < seconds * sizes.eventsPerSecond; n += 1) {
      await pause(Math.max(0, began + (n * 1000) / sizes.eventsPerSecond - performance.now()));
      made.push(make());
    }
    await Promise.all(made);
  };
  await run(sizes.warmUpSeconds);
  const warm = new Set(changedAt.keys());
  await run(sizes.seconds);
  const isComplete = (): boolean => [...changedAt.keys()].every((id) => (heard.get(id)?.length ?? 0) >= sizes.pages);
  for (const end = Date.now() + lateMsMax; !isComplete() && Date.now() < end;) await pause(100);

  const counted = [...changedAt].filter(([id]) => !warm.has(id));
  const late = counted.flatMap(([id, began]) => (heard.get(id) ?? []).map((at) => at - began)).toSorted((one, other) => one - other);
  const faults = [...changedAt.keys()].filter((id) => heard.get(id)?.length !== sizes.pages);
  if (faults.length > 0) console.error(`events: ${faults.length} of ${changedAt.size} changes were not heard exactly once by every page`);
  const p99 = quantile(late, 0.99);
  const more = { p50: rounded(quantile(late, 0.5)), max: rounded(late.at(-1) ?? Number.NaN) };
  console.log(JSON.stringify({ name: 'events', figure: rounded(p99), unit: 'ms', bar: barMs, ...more, sizes, seed: null }));
  process.exitCode = faults.length === 0 && p99 <= barMs ? 0 : 1;
  for (const page of pages) page.destroy();
} finally {
  const gone = once(broker.process, 'exit');
  broker.process.kill('SIGTERM');
  await gone;
  await bench.close();
}

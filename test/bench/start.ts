// npm start of an installed checkout whose demo ran before, to a usable page: median of several.
import { setTimeout as pause } from 'node:timers/promises';
import { built, root } from '../built.ts';
import { aPlace, startUntilPage } from './usablePage.ts';

const runs = Number(process.argv[2] ?? 5);
const barSeconds = 3;

await built('demo.ts');
const place = await aPlace();
const seconds: number[] = [];
try {
  const first = await startUntilPage(root, place);
  while (!first.said().includes('All members')) await pause(100);
  await first.stop();
  for (let run = 0; run < runs; run += 1) {
    const started = await startUntilPage(root, place);
    seconds.push(started.seconds);
    await started.stop();
  }
} finally {
  place.close();
}
const sorted = seconds.toSorted((one, other) => one - other).map((each) => Math.round(each * 100) / 100);
const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
console.log(JSON.stringify({ name: 'start', figure: median, unit: 's', bar: barSeconds, sizes: { runs, all: sorted }, seed: null }));
process.exitCode = median <= barSeconds ? 0 : 1;

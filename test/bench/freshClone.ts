// From git clone to a usable page, the packages fetched on the way.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../built.ts';
import { aPlace, startUntilPage } from './usablePage.ts';

const barSeconds = 90;

const place = await aPlace();
const checkout = join(place.folder, 'hanse');
try {
  const began = performance.now();
  execFileSync('git', ['clone', '--quiet', `file://${root}`, checkout]);
  const cloneSeconds = (performance.now() - began) / 1000;
  const started = await startUntilPage(checkout, place);
  const figure = Math.round((cloneSeconds + started.seconds) * 10) / 10;
  await started.stop();
  console.log(JSON.stringify({ name: 'fresh-clone', figure, unit: 's', bar: barSeconds, sizes: { cloneSeconds }, seed: null }));
  process.exitCode = figure <= barSeconds ? 0 : 1;
} finally {
  place.close();
}

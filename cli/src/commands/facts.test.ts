import { expect, it } from 'vitest';
import { hanse } from '../../../test/cli.ts';

it('lists every fact with its units, without a broker', async () => {
  const { exit, out } = await hanse(['facts'], { url: 'http://127.0.0.1:1' });
  expect(exit).toBe(0);
  expect(out).toMatch(/^memory\.gib +number +GiB Gi KiB/m);
  expect(out).toMatch(/^distance\(LAT,LON\) +number +km m mi/m);
  const listed = JSON.parse((await hanse(['facts', '-o', 'json'], { url: 'http://127.0.0.1:1' })).out);
  expect(listed).toContainEqual(expect.objectContaining({ name: 'price', unit: 'EUR per vCPU and hour', units: expect.arrayContaining(['EUR/h', 'ct/h']) }));
});

import { describe, it } from 'vitest';
import { liqoContract } from './liqo.contract.ts';
import { labSystem } from './liqo.lab.ts';

const [home = 'home', provider = 'pb'] = (process.env['HANSE_LAB_LIQO'] ?? 'home,pb').split(',');
const system = labSystem(home, provider);

if (system === null) describe.skip('Liqo: the laboratory', () => it('does not run here', () => {}));
else {
  const goneForGood = 'in one run the Secret of its credential did not go within 60 s: docs/reality.md';
  console.log(`skipped on the laboratory: a provider that is gone for good (${goneForGood})`);
  liqoContract('the laboratory', () => Promise.resolve(system), { goneForGood });
}

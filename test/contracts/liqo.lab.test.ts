import { describe, it } from 'vitest';
import { liqoContract } from './liqo.contract.ts';
import { labSystem } from './liqo.lab.ts';

const [home = 'home', provider = 'pb'] = (process.env['HANSE_LAB_LIQO'] ?? 'home,pb').split(',');
const system = labSystem(home, provider);

if (system === null) describe.skip('Liqo: the laboratory', () => it('does not run here', () => {}));
else {
  liqoContract('the laboratory', () => Promise.resolve(system));
}

import { describe, it } from 'vitest';
import { liqoContract } from './liqo.contract.ts';
import { labSystem } from './liqo.lab.ts';

const system = labSystem('home', 'pa');

if (system === null) describe.skip('Liqo: the laboratory', () => it('does not run here', () => {}));
else liqoContract('the laboratory', () => Promise.resolve(system));

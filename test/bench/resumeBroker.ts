// The broker of the bench `resume`: three quick steps, then one that goes on until somebody ends it.
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine } from '../../broker/src/operations/io/index.ts';
import { openStore } from '../../broker/src/store/io/openStore.ts';
import { wheels } from '../faults/wheels.ts';

const [dataDir = '', configDir = ''] = process.argv.slice(2);
const store = await openStore({ dataDir, configDir });
const endless = wheels(({ step, context }) =>
  step < 3 ? undefined : new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true })),
);
createEngine({ store, brokerId: brokerId('bench'), leaseSeconds: 30, verbs: [endless] }).start();

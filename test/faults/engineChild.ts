// A broker of its own process for the faults: its steps tell the test what they are about to do, and wait until the test lets them.
import { openStore } from '../../broker/src/store/io/openStore.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine } from '../../broker/src/operations/io/index.ts';
import { wheels } from './wheels.ts';
import type { Turn } from './wheels.ts';

const { url, dataDir, configDir, broker, leaseSeconds, say } = JSON.parse(process.argv[2] ?? '{}');

/** Answers when the test does. */
const tell = async (place: string, { step, what, context }: Turn): Promise<void> => {
  const response = await fetch(say, { method: 'POST', body: JSON.stringify({ pid: process.pid, operation: context.operation, place, step, what }) });
  await response.text();
};

const store = await openStore({ dataDir, configDir, databaseUrl: url, connectionsMax: 6 });
const engine = createEngine({
  store,
  brokerId: brokerId(broker),
  leaseSeconds,
  backoffSeconds: () => 0.05,
  verbs: [
    wheels(async (turn) => {
      await tell('before', turn);
      turn.context.guard((leaseSeconds * 1000) / 4);
      await tell('effect', turn);
      await tell('after', turn);
    }),
  ],
});
engine.start();
process.on('SIGTERM', () => {
  void engine
    .stop()
    .then(() => store.close())
    .then(() => process.exit(0));
});

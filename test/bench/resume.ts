// A thousand open operations, kill -9 of the broker, start: seconds until each of them has written something new in its journal.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { createOperations } from '../../broker/src/operations/io/index.ts';
import type { Store } from '../../broker/src/store/io/store.ts';
import { aPlan, aStep, by } from '../faults/wheels.ts';
import { benchStore } from './store.ts';

const bar = 2;
const sizes = { operations: 1_000, stepsDone: 3, rounds: 5 };
const bench = await benchStore();
const program = fileURLToPath(import.meta.resolve('./resumeBroker.js'));
const start = (): ChildProcess => spawn(process.execPath, [program, bench.dataDir, bench.configDir], { stdio: ['ignore', 'ignore', 'inherit'] });

/** Operations that have a record above their mark. */
const wentOn = async (store: Store, mark: number): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(distinct operation)::int as n from journal where seq > ${mark} and step = ${sizes.stepsDone}`.execute(
    store.db,
  );
  return rows[0]?.n ?? 0;
};
const untilAll = async (store: Store, mark: number): Promise<void> => {
  for (const start_ = performance.now(); (await wentOn(store, mark)) < sizes.operations; await pause(10)) {
    if (performance.now() - start_ > 120_000) throw new Error(`only ${await wentOn(store, mark)} of ${sizes.operations} went on`);
  }
};
const newest = async (store: Store): Promise<number> =>
  (await sql<{ seq: number }>`select coalesce(max(seq), 0) as seq from journal`.execute(store.db)).rows[0]?.seq ?? 0;

const kill = async (child: ChildProcess): Promise<void> => {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
};

let broker: ChildProcess | undefined;
try {
  const { store } = bench;
  const operations = createOperations(store);
  const plan = aPlan({ steps: Array.from({ length: 6 }, () => aStep({ timeoutSeconds: 3_600 })), pointOfNoReturn: 5 });
  await operations.create({ ...by, plan });
  await sql`insert into operation (id, owner, kind, subject, state, plan, actor)
    select 'op-' || n, owner, kind, subject, state, plan, actor from operation, generate_series(1, ${sizes.operations - 1}::int) as n`.execute(store.db);
  await sql`update operation set state = 'running'`.execute(store.db); // approved, all at once
  broker = start();
  await untilAll(store, 0);

  const seconds: number[] = [];
  for (let round = 0; round < sizes.rounds; round++) {
    await kill(broker);
    const mark = await newest(store);
    const begin = performance.now();
    broker = start();
    await untilAll(store, mark);
    seconds.push((performance.now() - begin) / 1000);
  }
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from (
    select operation, step from journal where phase = 'perform' and state = 'done' group by operation, step having count(*) > 1) as twice`.execute(store.db);
  const isTwice = (rows[0]?.n ?? 0) > 0;
  seconds.sort((one, other) => one - other);
  const rounded = (value: number | undefined): number => Math.round((value ?? Number.NaN) * 1000) / 1000;
  const figure = rounded(seconds[Math.floor(seconds.length / 2)]); // the median of the rounds
  if (isTwice) console.error('resume: a step was done twice');
  if (figure > bar) console.error(`resume: ${figure} s is over ${bar} s`);
  console.log(
    JSON.stringify({
      name: 'resume',
      figure,
      unit: 's',
      bar,
      slowest: rounded(seconds.at(-1)),
      sizes,
      seed: 0,
    }),
  );
  process.exitCode = isTwice || figure > bar ? 1 : 0;
} finally {
  broker?.kill('SIGKILL');
  await bench.close();
}

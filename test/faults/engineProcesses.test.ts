// Brokers as real processes: killed, or stopped for three lease times, in the middle of any step.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createOperations } from '../../broker/src/operations/io/index.ts';
import { built } from '../built.ts';
import { testStore } from '../database.ts';
import type { TestStore } from '../database.ts';
import { aPlan, aStep, by } from './wheels.ts';

const leaseSeconds = 1.2;
/** Where nothing is to be taken over: no pause of a busy machine is as long. */
const longSeconds = 20;
const saying = z.object({
  pid: z.number(),
  operation: z.string(),
  place: z.enum(['before', 'effect', 'after']),
  step: z.number(),
  what: z.enum(['perform', 'undo']),
});
type Saying = z.infer<typeof saying>;

let program: string;
beforeAll(async () => {
  program = await built('test/faults/engineChild.ts');
});

/** What the brokers say to the test; `hear` may hold the answer back, and so the broker. */
type World = {
  readonly test: TestStore;
  readonly said: Saying[];
  /** Set by the test. */
  hear: (saying: Saying) => Promise<void> | void;
  broker(name: string): ChildProcess & { pid: number };
};

async function inWorld(use: (world: World) => Promise<void>, leaseSeconds: number): Promise<void> {
  const test = await testStore();
  const children: ChildProcess[] = [];
  const said: Saying[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const saying_ = saying.parse(JSON.parse(body));
      said.push(saying_);
      void Promise.resolve(world.hear(saying_)).then(() => response.end('go on'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const say = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const world: World = {
    test,
    said,
    hear: () => {},
    broker(name) {
      const options = { url: test.url, dataDir: test.dataDir, configDir: test.configDir, broker: name, leaseSeconds, say };
      const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit'] });
      children.push(child);
      if (child.pid === undefined) throw new Error('the broker did not start');
      return Object.assign(child, { pid: child.pid });
    },
  };
  try {
    await use(world);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
    await test.close();
  }
}

const create = ({ test }: World): Promise<string> => {
  const steps = Array.from({ length: 3 }, (_, step) => aStep({ destructive: step === 2 }));
  return createOperations(test.store).create({ ...by, plan: aPlan({ steps, pointOfNoReturn: 2 }) });
};
const approve = ({ test }: World, id: string): Promise<void> => createOperations(test.store).approve(by, id);

const ends = ({ test }: World, id: string, state: string) =>
  vi.waitFor(
    async () => expect((await test.store.db.selectFrom('operation').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state).toBe(state),
    {
      timeout: 40_000,
      interval: 50,
    },
  );

const journal = ({ test }: World, id: string) => test.store.db.selectFrom('journal').selectAll().where('operation', '=', id).orderBy('seq').execute();

const doneOnce = async (world: World, id: string): Promise<void> => {
  const done = (await journal(world, id)).filter((entry) => entry.phase === 'perform' && entry.state === 'done');
  expect(done.map((entry) => entry.step)).toEqual([0, 1, 2]);
};

const exited = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));

/** Nine operations, each held at another place of another step by the one broker that runs; then something happens to it, and the world goes on. */
async function heldEverywhere(world: World, holder: { pid: number }, happens: () => void): Promise<string[]> {
  const places = (['before', 'effect', 'after'] as const).flatMap((place) => [0, 1, 2].map((step) => ({ place, step })));
  const ids: string[] = [];
  const held = new Set<string>();
  let goOn = (): void => {};
  const happened = new Promise<void>((resolve) => (goOn = resolve));
  world.hear = (saying_) => {
    const at = places[ids.indexOf(saying_.operation)];
    if (saying_.pid !== holder.pid || at?.place !== saying_.place || at.step !== saying_.step) return undefined;
    held.add(saying_.operation);
    return happened;
  };
  for (const _ of places) ids.push(await create(world));
  for (const id of ids) await approve(world, id);
  await vi.waitFor(() => expect(held.size).toBe(places.length), { timeout: 40_000 });
  happens();
  goOn();
  return ids;
}

describe('a broker that is stopped for three lease times in the middle of any step', { timeout: 180_000 }, () => {
  it('makes no effect on what others took over when it wakes, and they end it', () =>
    inWorld(async (world) => {
      const sleeper = world.broker('one');
      const ids = await heldEverywhere(world, sleeper, () => process.kill(sleeper.pid, 'SIGSTOP'));
      const other = world.broker('two');
      await pause(leaseSeconds * 3_000);
      for (const id of ids) await ends(world, id, 'done');
      const awakeAt = world.said.length;
      process.kill(sleeper.pid, 'SIGCONT');
      // Alone again it carries out something new: it is awake, and has met everything that it held.
      other.kill('SIGTERM');
      await exited(other);
      const next = await create(world);
      await approve(world, next);
      await ends(world, next, 'done');
      expect(world.said.slice(awakeAt).filter((each) => each.place === 'effect' && ids.includes(each.operation))).toEqual([]);
      expect(world.said.slice(awakeAt).some((each) => each.pid === sleeper.pid && each.operation === next)).toBe(true);
      for (const id of [...ids, next]) await doneOnce(world, id);
    }, leaseSeconds));
});

describe('a broker that is killed in the middle of any step', { timeout: 180_000 }, () => {
  it('is followed by another one, which ends its work', () =>
    inWorld(async (world) => {
      const victim = world.broker('one');
      const ids = await heldEverywhere(world, victim, () => void victim.kill('SIGKILL'));
      world.broker('two');
      for (const id of ids) await ends(world, id, 'done');
      for (const id of ids) await doneOnce(world, id);
    }, leaseSeconds));

  it('takes its own work back at once when it is started again, long before its leases end', () =>
    inWorld(async (world) => {
      const victim = world.broker('one');
      const ids = await heldEverywhere(world, victim, () => void victim.kill('SIGKILL'));
      await exited(victim);
      await world.test.store.pool.query(`update operation set lease_until = now() + interval '1 hour' where state <> 'done'`);
      world.broker('one');
      for (const id of ids) await ends(world, id, 'done');
      for (const id of ids) await doneOnce(world, id);
    }, leaseSeconds));

  it('is not robbed of its work by a second process that claims to be it', () =>
    inWorld(async (world) => {
      const first = world.broker('one');
      const ids = await heldEverywhere(world, first, () => void world.broker('one'));
      const next = await create(world);
      await approve(world, next);
      await ends(world, next, 'done');
      for (const id of ids) await ends(world, id, 'done');
      expect(world.said.filter((each) => each.place === 'effect' && ids.includes(each.operation) && each.pid !== first.pid)).toEqual([]);
    }, longSeconds));
});

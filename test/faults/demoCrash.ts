// A demo federation whose broker or simulator is killed -9 at the records of one verb's journal. The verb is carried out undisturbed first: what it comes to then, and what
// was made outside on the way, is what it is held against.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { KubeConnection } from '../../broker/src/clusters/io/index.ts';
import { keepSimulator } from '../../simulator/keep.ts';
import { built } from '../built.ts';
import { testStore } from '../database.ts';
import { demoAdmin } from '../journeys/demoAdmin.ts';
import { installDemo } from '../journeys/demoProgram.ts';
import { inventory } from '../journeys/inventory.ts';
import { type Broker, type CrashReport, startBroker } from './crash.ts';
import { crashedVerb } from './crashedVerb.ts';
import { type Effects, watchEffects } from './effects.ts';

const home = 'harbour';
const providers = ['ebro', 'main'] as const;
const members = [home, ...providers];
export const verbNames = ['federate', 'deploy', 'migrate', 'evacuate', 'leave'] as const;
export type VerbName = (typeof verbNames)[number];
export const victimNames = ['broker', 'simulator'] as const;
export type Victim = (typeof victimNames)[number];

export type CrashedRun = CrashReport & { readonly verb: VerbName; readonly victim: Victim; readonly faults: readonly string[] };

/** Long, so that a busy machine is not taken for a fault. */
const settleMsMax = 300_000;
const recordMsMax = 600_000;
const ended = z.looseObject({ state: z.literal('done') });

/** `every`: kills only at every so many-th record. What it finds is said as well. */
export async function crashTheDemo(options: {
  readonly verb: VerbName;
  readonly victim: Victim;
  readonly every: number;
  say(line: string): void;
}): Promise<CrashedRun> {
  const { verb, victim, every, say } = options;
  const [program, test] = await Promise.all([built('broker/src/main.ts'), testStore()]);
  const demo = await installDemo({ databaseUrl: test.url });
  const folder = join(demo.folder, 'data-demo');
  const ends: (() => Promise<void>)[] = [() => test.close(), () => demo.close()];
  try {
    // the keys that belong to this database
    cpSync(test.configDir, join(demo.folder, 'config'), { recursive: true });
    await demo.start();
    await demo.interrupt();
    const simulator = await keepSimulator(folder, { say: () => {}, isHurried: true, restartsMax: Infinity });
    ends.push(() => simulator.stop());
    const admins = members.map((name) => demoAdmin(demo, name));
    ends.push(async () => void (await Promise.all(admins.map((admin) => admin.close()))));
    const effects = watchEffects(folder, members);
    const log = process.env['HANSE_TEST_LOG'] || join(demo.folder, 'broker.log');
    const launch = (): Broker => startBroker([process.execPath, program, '--config', join(folder, 'broker.yaml')], demo.env, log);
    const answers = () => until(async () => (await fetch(`${demo.url}/v1/health`).catch(() => null))?.ok === true, 'the broker answers');
    const json = async <T>(schema: z.ZodType<T>, ...words: readonly string[]): Promise<T> => {
      const { exit, out, err } = await demo.hanse(...words, '-o', 'json');
      if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
      return schema.parse(JSON.parse(out));
    };
    const undisturbed = async (...words: readonly string[]): Promise<void> => {
      const broker = launch();
      try {
        await answers();
        await json(ended, ...words, '--yes');
      } finally {
        await broker.kill();
      }
    };
    let killed = 0;
    const killSimulator = async (): Promise<void> => {
      // the one that was killed last may not have been followed yet
      await until(async () => demo.simulator().pid !== killed, 'the simulator runs again');
      effects.read();
      killed = demo.simulator().pid;
      process.kill(killed, 'SIGKILL');
    };
    writeFileSync(join(folder, 'shop.yaml'), manifests());
    const words: Readonly<Record<VerbName, readonly string[]>> = {
      federate: ['federate', ...providers],
      deploy: ['deploy', 'shop', '-f', join(folder, 'shop.yaml'), '--where', 'country=DE,ES', '--prefer', 'price'],
      migrate: ['migrate', 'shop', '--from', 'ebro', '--to', 'main', '--soak', '1', '--connection-age', '1'],
      evacuate: ['evacuate', 'main', '--soak', '1', '--pace', '0', '--connection-age', '1'],
      leave: ['leave', 'main'],
    };
    // what comes after it is of no use to it
    const needed = verbNames.filter((name, at) => at <= verbNames.indexOf(verb) || name === 'leave');
    const pictureNow = () => pictureOf(admins, effects);
    const before = await pictureNow();
    const faults: string[] = [];
    /** Each verb once, and everything away again. */
    const round = async (carryOut: () => Promise<void>): Promise<void> => {
      for (const name of needed) {
        if (name === 'leave' && needed.includes('deploy')) await undisturbed('delete', 'shop');
        effects.begin();
        if (name === verb) await carryOut();
        else await undisturbed(...words[name]);
      }
      await undisturbed('leave', 'ebro');
      const left = await waitFor(
        async () => changesOf(before, await pictureNow()),
        (lines) => lines.length === 0,
      );
      faults.push(...left.map((line) => `after leaving: ${line}`));
    };
    let usual: Trace | undefined;
    await round(async () => {
      await undisturbed(...words[verb]);
      usual = { picture: namesIn(await settled(pictureNow)), made: counted(effects.made()), taken: effects.taken() };
    });
    let run = { kills: 0, records: 0 };
    const disturbed = async (): Promise<void> => {
      const disturb = victim === 'simulator' ? { disturb: killSimulator } : {};
      const { state, detail, ...report } = await crashedVerb({ launch, answers, json, test }, words[verb], {
        both: true,
        every,
        patienceMs: recordMsMax,
        ...disturb,
      });
      run = report;
      if (state !== 'done') throw new Error(`it ended as ${state}: ${JSON.stringify(detail)}`);
      faults.push(...(await differences(pictureNow, effects, usual)));
    };
    // nothing can be told of what follows a verb that did not end
    await round(disturbed).catch((error: unknown) => faults.push(String(error)));
    say(`${verb}, ${victim} killed ${run.kills} times: ${faults.length === 0 ? 'as if undisturbed' : faults.join('; ')}`);
    return { verb, victim, ...run, faults };
  } finally {
    for (const end of ends.toReversed()) await end().catch((error: unknown) => say(String(error)));
  }
}

const manifests = (): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: docker.io/library/nginx:1.29, resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { cpu: 100m, memory: 64Mi } } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`;

/** What a verb comes to, and how many objects were made on the way. Names that differ from run to run are made alike. */
type Trace = { readonly picture: readonly string[]; readonly made: ReadonlyMap<string, number>; readonly taken: ReadonlyMap<string, number> };

const alike = (text: string): string =>
  text
    .replaceAll(/\b(ebro|main)-[0-9a-f]{4}\b/g, '$1-*')
    .replaceAll(/(web-[0-9a-f]{10})-[0-9a-f]{5}\b/g, '$1-*')
    .replaceAll(/(liqo-identity-)[0-9a-f]{5}\b/g, '$1*')
    .replaceAll(/hanse-probe-[0-9a-z]+/g, 'PROBES');

const namesIn = (picture: readonly string[]): string[] => picture.map((line) => alike(line.replace(/ \S*$/, ''))).toSorted();

const counted = (made: ReadonlyMap<string, number>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const [place, count] of made) counts.set(alike(place), (counts.get(alike(place)) ?? 0) + count);
  return counts;
};

async function differences(pictureNow: () => Promise<string[]>, effects: Effects, usual: Trace | undefined): Promise<string[]> {
  if (!usual) throw new Error('nothing to hold it against');
  const changed = await waitFor(
    async () => changesOf(usual.picture, namesIn(await pictureNow())),
    (lines) => lines.length === 0,
  );
  const made = [...counted(effects.made())]
    // measured anew after a crash, and nothing of it stays
    .filter(([place, count]) => !place.includes('PROBES') && count > (usual.made.get(place) ?? 0))
    .map(([place, count]) => `made ${count} times instead of ${usual.made.get(place) ?? 0}: ${place}`);
  const taken = effects.taken();
  const orders = [...new Set([...usual.taken.keys(), ...taken.keys()])]
    .filter((name) => taken.get(name) !== usual.taken.get(name))
    .map((name) => `${name} took ${taken.get(name) ?? 0} orders instead of ${usual.taken.get(name) ?? 0}`);
  return [...changed, ...made, ...orders, ...effects.orderedTwice().map((order) => `ordered twice: ${order}`)];
}

/** Every object of every member, and every circuit. The simulator may just be starting again. */
async function pictureOf(admins: readonly KubeConnection[], effects: Effects): Promise<string[]> {
  const look = async (): Promise<string[]> => {
    const objects = await Promise.all(admins.map(async (admin) => (await inventory(admin)).map((line) => `${admin.cluster} ${line}`)));
    return [...objects.flat(), ...effects.standing()];
  };
  return (
    (await waitFor(
      () => look().catch(() => null),
      (found) => found !== null,
    )) ?? look()
  );
}

/** When it no longer changes. */
async function settled(pictureNow: () => Promise<string[]>): Promise<string[]> {
  let last = await pictureNow();
  return waitFor(
    async () => {
      const [before, now] = [last, await pictureNow()];
      last = now;
      return changesOf(before, now).length === 0 ? now : [];
    },
    (picture) => picture.length > 0,
  );
}

/** Each line as often as it is there more often. */
function changesOf(before: readonly string[], after: readonly string[]): string[] {
  const extra = (these: readonly string[], those: readonly string[]): string[] => {
    const left = [...those];
    return these.filter((line) => {
      const at = left.indexOf(line);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  return [...extra(after, before).map((line) => `+ ${line}`), ...extra(before, after).map((line) => `- ${line}`)];
}

async function waitFor<T>(look: () => Promise<T>, isEnough: (found: T) => boolean): Promise<T> {
  let found = await look();
  for (const end = Date.now() + settleMsMax; !isEnough(found) && Date.now() < end; found = await look()) await pause(500);
  return found;
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  if (!(await waitFor(isSo, (so) => so))) throw new Error(`${what}: not within ${settleMsMax / 1000} s`);
}

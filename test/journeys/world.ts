// Clusters to go on a journey with: the simulator's or the laboratory's, as their administrator sees them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectKube, type ConnectOptions, type KubeConnection } from '../../broker/src/clusters/io/index.ts';
import { keepPings } from '../../simulator/dataPlane/pings.ts';
import type { Lan } from '../../simulator/lan.ts';
import { startWorld } from '../../simulator/world.ts';
import { labKubeconfig, labOptions } from '../contracts/kubernetes.lab.ts';
import { inventory, untilNothingGoes } from './inventory.ts';

export const memberNames = ['home', 'pa', 'pb'] as const;
export type MemberName = (typeof memberNames)[number];

export type JourneyWorld = {
  readonly isReal: boolean;
  readonly allowedAddresses: readonly string[];
  /** Text of the administrator's kubeconfig. */
  kubeconfig(name: MemberName): string;
  admin(name: MemberName): KubeConnection;
  /** Its API server no longer answers, until what this returns is called. */
  freeze(name: MemberName): () => void;
  /** Every answer of its API server comes so much later. */
  slow?(name: MemberName, delayMs: number): void;
  close(): Promise<void>;
};

/** `lan`: what pings find between the members; without, they report nothing. */
export async function simulatedWorld(lan: Pick<Lan, 'way'> | null = null): Promise<JourneyWorld> {
  const world = await startWorld(memberNames.map((name) => ({ name })));
  const pings = lan && keepPings(world, lan);
  const options = (name: MemberName): Omit<ConnectOptions, 'cluster'> => {
    const { server, authority, adminToken } = world.member(name);
    return { server, ca: authority.caPem, credential: { kind: 'token', token: () => adminToken }, allowedAddresses: [new URL(server).host] };
  };
  const admins = new Map(memberNames.map((name) => [name, connectKube({ cluster: name, ...options(name) })]));
  return {
    isReal: false,
    allowedAddresses: memberNames.map((name) => new URL(world.member(name).server).host),
    kubeconfig: (name) => world.member(name).kubeconfig(),
    admin: (name) => found(admins.get(name), name),
    freeze(name) {
      const { faults } = world.member(name);
      faults.frozen = true;
      return () => void (faults.frozen = false);
    },
    slow(name, delayMs) {
      world.member(name).faults.delayMs = delayMs;
    },
    async close() {
      pings?.close();
      await Promise.all([...admins.values()].map((admin) => admin.close()));
      await world.close();
    },
  };
}

export const hasLab = (): boolean => memberNames.every((name) => labKubeconfig(name) !== null);

export async function labWorld(): Promise<JourneyWorld> {
  const admins = new Map(memberNames.map((name) => [name, connectKube({ cluster: name, ...labOptions(labKubeconfig(name) ?? '') })]));
  return {
    isReal: true,
    allowedAddresses: ['10.100.0.0/24'],
    kubeconfig: (name) => labKubeconfig(name) ?? '',
    admin: (name) => found(admins.get(name), name),
    freeze(name) {
      const pid = labProcess(name, 'kube-apiserver');
      process.kill(pid, 'SIGSTOP');
      return () => process.kill(pid, 'SIGCONT');
    },
    close: async () => void (await Promise.all([...admins.values()].map((admin) => admin.close()))),
  };
}

const found = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`There is no cluster ${name}.`);
  return value;
};

export const labFolder = process.env['HANSE_LAB'] ?? '/run/hanse-lab';

/** The process of this program that was started with files of this cluster's folder. */
export function labProcess(name: MemberName, program: string): number {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  const isIt = (pid: string): boolean => {
    const [path = '', ...args] = read(`/proc/${pid}/cmdline`).split('\0');
    const isOfCluster = [...args, read(`/proc/${pid}/environ`)].some((text) => text.includes(join(labFolder, name, '/')));
    return path.endsWith(`/${program}`) && isOfCluster;
  };
  const pid = pids.find(isIt);
  if (pid === undefined) throw new Error(`No ${program} of ${name} runs.`);
  return Number(pid);
}

const read = (file: string): string => {
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  } catch {
    return ''; // it ended meanwhile
  }
};

export type Picture = Readonly<Record<MemberName, readonly string[]>>;

/** Every object of every cluster, as administrator. */
export async function pictureOf(world: JourneyWorld, names: readonly MemberName[] = memberNames): Promise<Picture> {
  const lists = await Promise.all(memberNames.map(async (name) => (names.includes(name) ? await inventory(world.admin(name)) : [])));
  return { home: lists[0] ?? [], pa: lists[1] ?? [], pb: lists[2] ?? [] };
}

/** A picture to hold later ones against: nothing is still going, nothing (what Kubernetes puts into every namespace) is still coming. */
export async function restingPictureOf(world: JourneyWorld): Promise<Picture> {
  await untilNothingGoes(...memberNames.map((name) => world.admin(name)));
  for (let last = await pictureOf(world), looks = 1; ; looks += 1) {
    await pause(500);
    const now = await pictureOf(world);
    const changed = changes(last, now);
    if (changed.length === 0) return now;
    if (looks === 60) throw new Error(`The clusters do not come to rest: ${changed.join(', ')}`);
    last = now;
  }
}

/** What came and what went, as lines; empty: nothing. */
export const changes = (before: Picture, after: Picture): string[] =>
  memberNames.flatMap((name) => [
    ...after[name].filter((line) => !before[name].includes(line)).map((line) => `+ ${name}: ${line}`),
    ...before[name].filter((line) => !after[name].includes(line)).map((line) => `- ${name}: ${line}`),
  ]);

/** Writes the kubeconfigs where a person would have them. */
export function handOut(world: JourneyWorld, folder: string): (name: MemberName) => string {
  for (const name of memberNames) writeFileSync(join(folder, `${name}.kubeconfig`), world.kubeconfig(name), { mode: 0o600 });
  return (name) => join(folder, `${name}.kubeconfig`);
}

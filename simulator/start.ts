// The demo federation, running: members with their state in a folder, the parts beside them, and the address at which a person plays with them.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newIdentity, type Ground, type Identity } from './apiServer.ts';
import { openClock } from './clock.ts';
import { startControl } from './control.ts';
import { openDisk, type Disk } from './disk.ts';
import { members, type MemberData } from './federation.ts';
import { isPlain } from './fields.ts';
import { openObjectLog } from './objectLog.ts';
import { openLan } from './lan.ts';
import { type Outside, placesOf } from './outside.ts';
import { parts, partsWithoutClusters } from './parts.ts';
import { listenAt } from './ports.ts';
import { type MemberSpec, startWorld } from './world.ts';
import type { DemoPace } from './part.ts';

/** What whoever starts the simulator is told, in `simulator.json` of the folder. */
export type Description = {
  readonly pid: number;
  /** `kubeconfig`: the file of its administrator. */
  readonly members: readonly { readonly name: string; readonly server: string; readonly kubeconfig: string }[];
  readonly parts: Readonly<Record<string, { readonly url: string; readonly told: Readonly<Record<string, unknown>> }>>;
  readonly control: { readonly url: string; readonly token: string };
};

/** As slow as real clusters are, a little hurried: a pod is ready in two seconds, and home hears of it up to two seconds later. */
export const lifelike: DemoPace = {
  podStartMs: 700,
  podReadyMs: 1_300,
  podRunMs: 3_000,
  reflectMsMin: 500,
  reflectMsMax: 2_000,
  hasDataPlane: true,
  proxy: { msMin: 500, msMax: 2_000 },
  sender: { quietMs: 4_000, patienceMs: 20_000 },
};
/** Nothing waits for anything. */
const hurried: DemoPace = {
  podStartMs: 20,
  podReadyMs: 40,
  podRunMs: 500,
  reflectMsMin: 0,
  reflectMsMax: 0,
  hasDataPlane: true,
  proxy: { msMin: 0, msMax: 20 },
  sender: { quietMs: 300, patienceMs: 1_000 },
};

export const descriptionFile = 'simulator.json';

export type Federation = { readonly description: Description; close(): Promise<void> };

export type FederationOptions = {
  readonly isHurried?: boolean;
  /** Clusters that stand elsewhere take the places of the members; none is simulated then. */
  readonly outside?: readonly Outside[];
};

export async function startFederation(folder: string, { isHurried = false, outside }: FederationOptions = {}): Promise<Federation> {
  const disk = openDisk(folder);
  const clock = openClock(disk);
  const taking = outside ? placesOf(outside) : members;
  const simulated = outside ? [] : members;
  const specs = await Promise.all(simulated.map((member) => specOf(member, disk, folder)));
  const pace = isHurried ? hurried : lifelike;
  const lan = openLan();
  const world = await startWorld(specs, pace, (from, to) => lan.way(from, to) !== null);
  const running = await Promise.all(
    (outside ? partsWithoutClusters : parts).map(async ({ name, start }) => [name, await start({ disk, clock, members: taking, world, pace, lan })] as const),
  );
  const control = await startControl({ disk, clock, world, parts: running.map(([, part]) => part) });
  const description: Description = {
    pid: process.pid,
    members: simulated.map(({ name }) => ({ name, server: world.member(name).server, kubeconfig: handOut(folder, name, world.member(name).kubeconfig()) })),
    parts: Object.fromEntries(running.flatMap(([name, { url, told = {} }]) => (url === undefined ? [] : [[name, { url, told }]]))),
    control: { url: control.url, token: control.token },
  };
  writePrivately(join(folder, descriptionFile), JSON.stringify(description, null, 2));
  return {
    description,
    async close() {
      await control.close();
      await Promise.all(running.map(([, part]) => part.close()));
      await world.close();
    },
  };
}

async function specOf(member: MemberData, disk: Disk, folder: string): Promise<MemberSpec> {
  const { name, podCidr, serviceCidr, kubernetesVersion, reservedSubnets } = member;
  const ground: Ground = {
    identity: await identityOf(name, disk),
    log: await openObjectLog(join(folder, `${name}.log`)),
    gitVersion: kubernetesVersion,
    listen: (server) => listenAt(server, disk, name),
  };
  return { name, podCidr, serviceCidr, nodes: nodesOf(member), ground, ...(reservedSubnets && { reservedSubnets }) };
}

/** OneKE names its nodes after their addresses; by the others' provider ids their machines are recognised. */
const nodesOf = ({ name, platform, kind, region, nodes }: MemberData): NonNullable<MemberSpec['nodes']> =>
  nodes.map((size, index) => {
    const isOneke = platform === 'opennebula';
    const node = isOneke ? `oneke-ip-10-55-0-${index + 10}` : `${name}-${index + 1}`;
    const providerId = isOneke ? `one://${100 + index}` : platform === 'k3s' ? `k3s://${node}` : platform === 'rke2' ? `rke2://${node}` : undefined;
    const labels = { 'topology.kubernetes.io/region': region, 'topology.kubernetes.io/zone': `${name}-${kind}` };
    return { name: node, ...size, ...(providerId !== undefined && { providerId }), labels };
  });

async function identityOf(name: string, disk: Disk): Promise<Identity> {
  const known = disk.read(`identity-${name}`);
  if (isPlain(known)) return known as unknown as Identity; // this function alone writes it
  const made = await newIdentity(name);
  await disk.write(`identity-${name}`, made);
  return made;
}

function handOut(folder: string, name: string, kubeconfig: string): string {
  const file = join(folder, 'kubeconfigs', `${name}.yaml`);
  mkdirSync(join(folder, 'kubeconfigs'), { recursive: true, mode: 0o700 });
  writePrivately(file, `${kubeconfig}\n`);
  return file;
}

function writePrivately(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

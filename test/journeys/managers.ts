// A world in which three providers stand behind the systems by which they are entered, as a person meets them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryDisk } from '../../simulator/disk.ts';
import type { MachinePace } from '../../simulator/managers/machines.ts';
import { startOpennebula, type Opennebula } from '../../simulator/managers/opennebula.ts';
import { startOpenshift, type Openshift } from '../../simulator/managers/openshift.ts';
import { startRancher, type Rancher } from '../../simulator/managers/rancher.ts';
import { startWorld, type World } from '../../simulator/world.ts';

export type ManagedWorld = {
  readonly world: World;
  readonly openshift: Openshift;
  readonly rancher: Rancher;
  readonly opennebula: Opennebula;
  /** Exact host:port of everything above. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
};

const host = (address: string): string => new URL(address).host;
const quick: MachinePace = { joinMs: 100, readyMs: 100, drainMs: 100 };

export async function managedWorld(pace: MachinePace = quick): Promise<ManagedWorld> {
  const disk = memoryDisk();
  const world = await startWorld([
    { name: 'home' },
    { name: 'amstel' },
    { name: 'main', ground: { gitVersion: 'v1.34.6+rke2r1' } },
    { name: 'ebro', ground: { gitVersion: 'v1.33.9+rke2r1' }, nodes: [{ name: 'ebro-medium-100', cpu: '16', memory: '64Gi', providerId: 'one://100' }] },
  ]);
  const common = { disk, now: Date.now, pace };
  const openshift = await startOpenshift({ ...common, member: world.member('amstel'), podCidr: '10.128.0.0/14', serviceCidr: '172.30.0.0/16' });
  const rancher = await startRancher({ ...common, member: world.member('main') });
  const opennebula = await startOpennebula({ ...common, member: world.member('ebro') });
  const servers = [openshift.url, openshift.oauth, rancher.url, rancher.endpoint, opennebula.url, opennebula.oneks];
  return {
    world,
    openshift,
    rancher,
    opennebula,
    addresses: [...servers, ...world.members.map(({ server }) => server)].map(host),
    async close() {
      await Promise.all([openshift, rancher, opennebula].map((part) => part.close()));
      await world.close();
    },
  };
}

/** The words that enter each cluster, with their secrets in files. */
export function waysIn({ openshift, rancher, opennebula, world }: ManagedWorld, folder: string) {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    return path;
  };
  return {
    home: ['--kubeconfig', file('home.kubeconfig', world.member('home').kubeconfig())],
    amstel: [
      '--openshift',
      openshift.url,
      '--ca-file',
      file('openshift.pem', openshift.ca),
      '--user',
      openshift.user,
      '--password-file',
      file('password', openshift.password),
    ],
    main: ['--rancher', rancher.url, '--ca-file', file('rancher.pem', rancher.ca), '--token-file', file('token', rancher.token), '--cluster', rancher.cluster],
    ebro: [
      '--opennebula',
      opennebula.url,
      '--oneks',
      opennebula.oneks,
      '--auth-file',
      file('one_auth', `${opennebula.user}:${opennebula.password}`),
      '--cluster',
      opennebula.cluster,
    ],
  } as const;
}

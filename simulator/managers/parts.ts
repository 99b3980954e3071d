// The managers of the demo: amstel behind OpenShift, main behind Rancher, ebro in OpenNebula.
import { members } from '../federation.ts';
import type { Part } from '../part.ts';
import type { MachinePace } from './machines.ts';
import { startOpennebula } from './opennebula.ts';
import { startOpenshift } from './openshift.ts';
import { startRancher } from './rancher.ts';

/** Minutes in a real data centre; `hanse demo time` makes it shorter still. */
const pace: MachinePace = { joinMs: 3_000, readyMs: 2_000, drainMs: 2_000 };

const hostOf = (address: string): string => new URL(address).host;

export const openshiftPart: Part = {
  name: 'openshift',
  async start({ disk, clock, world }) {
    const data = members.find(({ platform }) => platform === 'openshift');
    if (!data) throw new Error('no member has OpenShift');
    const { name, podCidr, serviceCidr } = data;
    const { url, oauth, ca, user, password, close } = await startOpenshift({ disk, member: world.member(name), podCidr, serviceCidr, now: clock.now });
    return { url, told: { member: name, way: { openshift: { url, ca, user, password } }, addresses: [hostOf(url), hostOf(oauth)] }, close };
  },
};

export const rancherPart: Part = {
  name: 'rancher',
  async start({ disk, clock, world }) {
    const name = members.find(({ platform }) => platform === 'rke2')?.name ?? '';
    const { url, ca, token, cluster, endpoint, machines, close } = await startRancher({ disk, member: world.member(name), now: clock.now, pace });
    return {
      url,
      told: { member: name, way: { rancher: { url, ca, token, cluster } }, addresses: [hostOf(url), hostOf(endpoint)] },
      reset: machines.reset,
      close,
    };
  },
};

export const opennebulaPart: Part = {
  name: 'opennebula',
  async start({ disk, clock, world }) {
    const name = members.find(({ platform }) => platform === 'opennebula')?.name ?? '';
    const { url, oneks, user, password, cluster, machines, close } = await startOpennebula({ disk, member: world.member(name), now: clock.now, pace });
    return {
      url,
      told: { member: name, way: { opennebula: { url, oneks, auth: `${user}:${password}`, cluster } }, addresses: [hostOf(url), hostOf(oneks)] },
      reset: machines.reset,
      close,
    };
  },
};

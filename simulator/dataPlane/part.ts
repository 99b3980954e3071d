// The data plane as a part of the demo: pods that answer, Services that forward, senders that measure.
import type { Part } from '../part.ts';
import { members } from '../federation.ts';
import { keepPings } from './pings.ts';
import { keepListeners } from './pods.ts';
import { startProxy } from './proxy.ts';
import { keepSenders } from './senders.ts';
import { keepServices } from './services.ts';

export const dataPlanePart: Part = {
  name: 'data-plane',
  async start({ disk, world, pace, lan }) {
    const pods = keepListeners(world);
    const proxies = new Map(world.members.map((member) => [member, startProxy(member, pace.proxy)]));
    const proxyOf = (member: (typeof world.members)[number]) => proxies.get(member) ?? startProxy(member, pace.proxy);
    const home = world.member(members.find(({ offer }) => offer === null)?.name ?? '');
    const services = keepServices(home, { disk, pods, lan, proxy: proxyOf(home) });
    const senders = keepSenders(world, { pods, proxyOf, lan, pace: pace.sender });
    const pings = keepPings(world, lan);
    return {
      actions: {
        services: {
          usage: 'services',
          about: 'where the Services of the home cluster answer on this machine',
          async run() {
            const lines = Object.entries(services.list()).map(([name, url]) => `${name} ${url}`);
            return lines.length === 0 ? 'There is no Service at home yet: deploy something first.' : lines.join('\n');
          },
        },
      },
      async close() {
        senders.close();
        pings.close();
        services.close();
        for (const proxy of proxies.values()) proxy.close();
        pods.close();
      },
    };
  },
};

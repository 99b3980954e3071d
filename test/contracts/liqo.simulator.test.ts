import { startWorld } from '../../simulator/world.ts';
import { liqoContract } from './liqo.contract.ts';
import type { Site } from './liqo.world.ts';

liqoContract('the simulator', async () => {
  const world = await startWorld([{ name: 'home' }, { name: 'pa' }]);
  const site = (name: string, podCidr: string, serviceCidr: string): Site => {
    const { server, authority, adminToken } = world.member(name);
    const options = {
      server,
      ca: authority.caPem,
      credential: { kind: 'token' as const, token: () => adminToken },
      allowedAddresses: [new URL(server).host],
    };
    return { name, options, podCidrs: [podCidr], serviceCidrs: [serviceCidr] };
  };
  return { home: site('home', '10.201.0.0/16', '10.221.0.0/16'), provider: site('pa', '10.202.0.0/16', '10.222.0.0/16'), close: () => world.close() };
});

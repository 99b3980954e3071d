import { startWorld } from '../../simulator/world.ts';
import { liqoTunnelContract } from './liqoTunnel.contract.ts';
import type { Site } from './liqo.world.ts';

const podCidr = '10.42.0.0/16';
const serviceCidr = '10.43.0.0/16';

liqoTunnelContract('the simulator', async () => {
  const world = await startWorld(['home', 'po'].map((name) => ({ name, podCidr, serviceCidr, reservedSubnets: [] })));
  const site = (name: string): Site => {
    const { server, authority, adminToken } = world.member(name);
    const credential = { kind: 'token' as const, token: () => adminToken };
    const options = { server, ca: authority.caPem, credential, allowedAddresses: [new URL(server).host] };
    return { name, options, podCidrs: [podCidr], serviceCidrs: [serviceCidr], networking: true };
  };
  return { home: site('home'), provider: site('po'), close: () => world.close() };
});

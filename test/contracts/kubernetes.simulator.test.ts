import { startWorld } from '../../simulator/world.ts';
import { kubernetesContract } from './kubernetes.contract.ts';

kubernetesContract('the simulator', async () => {
  const world = await startWorld([{ name: 'home' }]);
  const { server, authority, adminToken } = world.member('home');
  return {
    options: { server, ca: authority.caPem, credential: { kind: 'token', token: () => adminToken }, allowedAddresses: [new URL(server).host] },
    close: () => world.close(),
  };
});

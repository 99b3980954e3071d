import { type ManagedWorld, managedWorld } from '../journeys/managers.ts';
import { opennebulaContract } from './opennebula.contract.ts';
import { openshiftContract } from './openshift.contract.ts';
import { rancherContract } from './rancher.contract.ts';

const opened = async <Sut>(describe: (world: ManagedWorld) => Sut): Promise<Sut & { close(): Promise<void> }> => {
  const world = await managedWorld();
  return { ...describe(world), close: () => world.close() };
};

openshiftContract('the simulator', () => opened(({ openshift: { url, ca, user, password }, addresses: allowed }) => ({ url, ca, user, password, allowed })));
rancherContract('the simulator', () =>
  opened(({ rancher: { url, ca, token, cluster }, addresses: allowed }) => ({ login: { url, ca, token }, cluster, allowed, mayScale: true })),
);
opennebulaContract('the simulator', () =>
  opened(({ opennebula: { url, oneks, user, password, cluster }, addresses: allowed }) => ({
    login: { url, oneks, ca: null, auth: `${user}:${password}` },
    cluster,
    allowed,
    mayScale: true,
  })),
);

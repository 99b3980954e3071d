// What Hanse relies on of Liqo's networking module, whichever it is: two clusters whose ranges meet are joined by its tunnel, and nothing is left of it afterwards.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parsePeering } from '../../broker/src/federation/index.ts';
import type { KubeObject } from '../../broker/src/clusters/io/kubernetes/kube.ts';
import {
  carryOut,
  carryOutCutOff,
  difference,
  everything,
  federate,
  leave,
  leaveCutOff,
  type LiqoSystem,
  newRunning,
  openWorld,
  planFederate,
  planLeave,
  planOf,
  undoFrom,
  type World,
} from './liqo.world.ts';

const networking = 'networking.liqo.io/v1beta1';
const tunnelKinds = [
  'federation.homeRanges',
  'federation.providerRanges',
  'federation.gatewayServer',
  'federation.gatewayClient',
  'federation.homeKey',
  'federation.providerKey',
  'federation.connection',
];

export const liqoTunnelContract = (system: string, open: () => Promise<LiqoSystem>): void => {
  describe(`Liqo's tunnel: ${system}`, { timeout: 300_000 }, () => {
    let world: World;
    let homeBefore: ReadonlySet<string>;
    let providerBefore: ReadonlySet<string>;

    const untouched = { added: [], removed: [] };
    const asBefore = async (): Promise<void> => {
      expect(difference(homeBefore, await everything(world.home))).toEqual(untouched);
      expect(difference(providerBefore, await everything(world.provider))).toEqual(untouched);
    };
    const homeId = (): string => world.homeCluster.liqoClusterId ?? '';
    const providerId = (): string => world.providerCluster.liqoClusterId ?? '';
    const at = (side: 'home' | 'provider', kind: string): Promise<KubeObject[]> =>
      world[side].list({ apiVersion: networking, kind, labelSelector: `liqo.io/remote-cluster-id=${side === 'home' ? providerId() : homeId()}` });
    const connected = async (): Promise<unknown[]> =>
      [...(await at('home', 'Connection')), ...(await at('provider', 'Connection'))].map((one) => one['status']);
    const isConnected = async (): Promise<void> => expect(await connected()).toMatchObject([{ value: 'Connected' }, { value: 'Connected' }]);

    beforeAll(async () => {
      world = await openWorld(await open());
      [homeBefore, providerBefore] = await Promise.all([everything(world.home), everything(world.provider)]);
    });
    afterEach(async () => {
      if ((await planLeave(world)).kind === 'plan') await leave(world);
    });
    afterAll(() => world?.close());

    it('joins clusters whose ranges meet, says why, has nothing to do the second time, and leaves both as they were', async () => {
      const plan = planOf(await planFederate(world));
      expect(plan.steps.map(({ kind }) => kind).filter((kind) => tunnelKinds.includes(kind))).toEqual(tunnelKinds);
      const told = plan.notes.find(({ topic }) => topic === 'data plane')?.text ?? '';
      expect(told).toContain(world.homeCluster.podCidrs[0]);
      await carryOut(plan, world.verbs.federate.performers);
      await isConnected();
      const peering = await world.peerings.find('default', world.providerCluster.name);
      // home sees the provider's pods at other addresses than its own
      expect(peering?.tunnel?.seenAs).toHaveLength(world.providerCluster.podCidrs.length);
      for (const range of peering?.tunnel?.seenAs ?? []) expect(world.homeCluster.podCidrs).not.toContain(range);
      expect(await planFederate(world)).toMatchObject({ kind: 'nothing' });
      await leave(world);
      expect(await planLeave(world)).toMatchObject({ kind: 'nothing' });
      await asBefore();
    });

    it('lets Liqo translate addresses: the virtual node has no options of its own', async () => {
      await federate(world);
      const [virtual] = await world.home.list({
        apiVersion: 'offloading.liqo.io/v1beta1',
        kind: 'VirtualNode',
        labelSelector: `liqo.io/remote-cluster-id=${providerId()}`,
      });
      expect(virtual).toBeDefined();
      expect(JSON.stringify(virtual?.['spec'])).not.toContain('0.0.0.0/0');
    });

    it('resumes from a crash before and after every step', async () => {
      await carryOutCutOff(planOf(await planFederate(world)), world.verbs.federate.performers);
      await isConnected();
    });

    it('undoes a tunnel from each of its steps so that nothing is left', async () => {
      const plan = planOf(await planFederate(world));
      const { performers } = world.verbs.federate;
      for (const kind of ['federation.gatewayClient', 'federation.connection', 'federation.settle']) {
        const last = plan.steps.findIndex((step) => step.kind === kind);
        const running = await carryOut(plan, performers, newRunning(), last + 1);
        await undoFrom(plan, performers, running, last);
        await asBefore();
      }
    });

    it('leaves all the same when it is interrupted after every step and begins again', async () => {
      await federate(world);
      await leaveCutOff(world);
      await asBefore();
    });

    it('makes only what is missing, and gives a gateway the key that the other one has now', async () => {
      await federate(world);
      const [key] = await at('home', 'PublicKey');
      const wrong = Buffer.alloc(32, 7).toString('base64');
      await world.home.replace({ ...key, spec: { publicKey: wrong } } as KubeObject);
      const plan = planOf(await planFederate(world));
      expect(plan.steps.map(({ kind }) => kind)).toContain('federation.homeKey');
      expect(plan.steps.map(({ kind }) => kind)).not.toContain('federation.gatewayServer');
      await carryOut(plan, world.verbs.federate.performers);
      await expect.poll(connected, { timeout: 60_000 }).toMatchObject([{ value: 'Connected' }, { value: 'Connected' }]);
    });

    it('stops where Liqo gives out addresses that home routes elsewhere, names the way out, and leaves nothing', async () => {
      const plan = planOf(await planFederate(world));
      const [peering] = plan.steps.map(({ input }) => input['peering']);
      const tunnel = { server: 'provider', mtuBytes: 1340, service: 'NodePort', address: null, seenAs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] };
      const elsewhere = parsePeering({ ...Object(peering), provider: 'elsewhere', dataPlane: 'tunnel', tunnel, state: 'ready' });
      const { performers } = world.withDeps({ peerings: { ...world.peerings, list: () => Promise.resolve([elsewhere]) } }).federate;
      const running = newRunning();
      await expect(carryOut(plan, performers, running)).rejects.toMatchObject({ code: 'CONFLICT', fix: expect.stringContaining('ipam.reservedSubnets') });
      await undoFrom(
        plan,
        performers,
        running,
        plan.steps.findIndex(({ kind }) => kind === 'federation.homeRanges'),
      );
      await asBefore();
    });

    it('takes over what somebody else began, names it, and takes it away when it is left', async () => {
      const name = `liqo-tenant-${providerId()}`;
      const remote = { 'liqo.io/remote-cluster-id': providerId() };
      await world.home.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...remote, 'liqo.io/tenant-namespace': 'true' } } });
      const cidr = { pod: [...world.providerCluster.podCidrs], external: ['10.99.0.0/16'] };
      await world.home.create({
        apiVersion: networking,
        kind: 'Configuration',
        metadata: { name: 'begun', namespace: name, labels: remote },
        spec: { remote: { cidr } },
      });
      const plan = planOf(await planFederate(world));
      expect(plan.notes.map(({ text }) => text).join('\n')).toContain('Configuration begun');
      await carryOut(plan, world.verbs.federate.performers);
      await isConnected();
      expect((await at('home', 'Configuration')).map(({ metadata }) => metadata.name)).toEqual(['begun']);
      await leave(world);
      await asBefore();
    });
  });
};

// What Hanse relies on of Liqo, whichever it is: the same suite runs on real clusters and on the simulator. Federating and leaving are looked at from outside, as administrator of both.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HanseError } from '../../broker/src/errors.ts';
import type { KubeObject } from '../../broker/src/clusters/io/kubernetes/kube.ts';
import { untilNothingGoes } from '../journeys/inventory.ts';
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

const readyNode = (node: KubeObject | null): boolean =>
  JSON.stringify(node?.['status'] ?? {}).includes('"type":"Ready","status":"True"') ||
  /"status":"True"[^}]*"type":"Ready"/.test(JSON.stringify(node?.['status'] ?? {}));

const failure = async (promise: Promise<unknown>): Promise<HanseError> => {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof HanseError) return error;
  throw error;
};

export const liqoContract = (system: string, open: () => Promise<LiqoSystem>): void => {
  describe(`Liqo: ${system}`, { timeout: 300_000 }, () => {
    let world: World;
    let homeBefore: ReadonlySet<string>;
    let providerBefore: ReadonlySet<string>;

    const untouched = { added: [], removed: [] };
    /** Leaving has waited for all that it made; what Kubernetes' own collector or a controller of another concern is about to end may take a little longer on a busy machine. */
    const soon = { timeout: 30_000, interval: 500 };
    const homeAsBefore = () => expect.poll(async () => difference(homeBefore, await everything(world.home)), soon).toEqual(untouched);
    const asBefore = async (): Promise<void> => {
      await homeAsBefore();
      await expect.poll(async () => difference(providerBefore, await everything(world.provider)), soon).toEqual(untouched);
    };
    const node = async () => {
      const [found] = await world.home.list({
        apiVersion: 'v1',
        kind: 'Node',
        labelSelector: `liqo.io/remote-cluster-id=${world.providerCluster.liqoClusterId ?? ''}`,
      });
      return found ?? null;
    };

    beforeAll(async () => {
      world = await openWorld(await open());
      await untilNothingGoes(world.home, world.provider);
      [homeBefore, providerBefore] = await Promise.all([everything(world.home), everything(world.provider)]);
    }, 180_000);
    afterEach(async () => {
      if ((await planLeave(world)).kind === 'plan') await leave(world);
    }, 300_000);
    afterAll(() => world.close());

    it('federates to a Ready virtual node, has nothing to do the second time, and leaves both clusters as they were', async () => {
      await federate(world);
      expect(readyNode(await node())).toBe(true);
      expect(await planFederate(world)).toMatchObject({ kind: 'nothing' });
      await leave(world);
      expect(await planLeave(world)).toMatchObject({ kind: 'nothing' });
      await asBefore();
    });

    it('resumes from a crash before and after every step, and federates all the same', async () => {
      await carryOutCutOff(planOf(await planFederate(world)), world.verbs.federate.performers);
      expect(readyNode(await node())).toBe(true);
    });

    it('undoes a federation from its last step so that nothing is left', async () => {
      const plan = planOf(await planFederate(world));
      const { performers } = world.verbs.federate;
      const running = await carryOut(plan, performers, newRunning(), plan.steps.length - 1);
      await undoFrom(plan, performers, running, plan.steps.length - 2);
      await asBefore();
      expect(await world.peerings.list('default')).toEqual([]);
    });

    it('undoes a federation whose step failed half way, twice over', async () => {
      const plan = planOf(await planFederate(world));
      const { performers } = world.verbs.federate;
      const tenant = plan.steps.findIndex(({ kind }) => kind === 'federation.tenant');
      const running = await carryOut(plan, performers, newRunning(), tenant + 1);
      await undoFrom(plan, performers, running, tenant + 1);
      await undoFrom(plan, performers, running, tenant + 1);
      await asBefore();
    });

    it('leaves all the same when it is interrupted after every step and begins again', async () => {
      await federate(world);
      await leaveCutOff(world);
      await asBefore();
    });

    it('refuses to leave while a namespace is offloaded there, and names it', async () => {
      await federate(world);
      const namespace = 'hanse-contract-offloaded';
      await world.home.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      const values = [world.providerCluster.liqoClusterId];
      await world.home.create({
        apiVersion: 'offloading.liqo.io/v1beta1',
        kind: 'NamespaceOffloading',
        metadata: { name: 'offloading', namespace },
        spec: {
          namespaceMappingStrategy: 'DefaultName',
          podOffloadingStrategy: 'Remote',
          clusterSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'liqo.io/remote-cluster-id', operator: 'In', values }] }] },
        },
      });
      const offloading = { apiVersion: 'offloading.liqo.io/v1beta1', kind: 'NamespaceOffloading', namespace, name: 'offloading' };
      await world.home.until(offloading, (object) => JSON.stringify(object?.['status'] ?? {}).includes('"offloadingPhase":"Ready"'), {
        what: 'the namespace to be offloaded',
        timeoutSeconds: 60,
      });
      const refused = await planLeave(world);
      expect(refused.kind === 'refused' ? refused.reasons.map(({ message }) => message).join(' ') : refused.kind).toContain(namespace);
      for (const ref of [offloading, { apiVersion: 'v1', kind: 'Namespace', name: namespace }]) {
        await world.home.delete(ref);
        await world.home.until(ref, (object) => object === null, { what: `${ref.kind} to be gone`, timeoutSeconds: 90 });
      }
      expect((await planLeave(world)).kind).toBe('plan');
    });

    it('changes the size of a slice and puts it back', async () => {
      await federate(world);
      const { resize } = world.verbs;
      const resources = { cpuMillis: 2000, memoryBytes: 4 * 2 ** 30, pods: 20, gpus: 0 };
      const plan = planOf(
        await resize.plan(resize.request.parse({ provider: world.providerCluster.name, resources }), { owner: world.homeCluster.owner, actor: 'test' }),
      );
      const running = await carryOut(plan, resize.performers);
      expect((await node())?.['status']).toMatchObject({ allocatable: { cpu: '2', pods: '20' } });
      await undoFrom(plan, resize.performers, running, plan.steps.length - 1);
      expect((await node())?.['status']).toMatchObject({ allocatable: { cpu: '4', pods: '110' } });
    });

    it('stops at the word of the provider, and leaves no trace of having asked', async () => {
      const namespace = `liqo-tenant-${world.homeCluster.liqoClusterId}`;
      const labels = { 'liqo.io/remote-cluster-id': world.homeCluster.liqoClusterId ?? '', 'liqo.io/tenant-namespace': 'true' };
      await world.provider.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
      const plan = planOf(await planFederate(world));
      await world.provider.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'hanse-grant', namespace },
        data: { accept: 'no', reason: 'the contract ended' },
      });
      const error = await failure(carryOut(plan, world.verbs.federate.performers));
      expect(error.code).toBe('PROVIDER_REFUSED');
      expect(error.message).toContain('the contract ended');
      expect((await planFederate(world)).kind).toBe('refused');
      const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
      await undoFrom(plan, world.verbs.federate.performers, newRunning(), 1);
      await world.provider.delete(ref);
      await world.provider.until(ref, (object) => object === null, { what: 'the namespace to be gone', timeoutSeconds: 60 });
      await asBefore();
    });

    it('keeps a tenant namespace of the provider that it did not make', async () => {
      const name = `liqo-tenant-${world.homeCluster.liqoClusterId}`;
      const labels = {
        'liqo.io/remote-cluster-id': world.homeCluster.liqoClusterId ?? '',
        'liqo.io/tenant-namespace': 'true',
        'app.kubernetes.io/managed-by': 'hanse',
      };
      const { metadata } = await world.provider.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
      const ref = { apiVersion: 'v1', kind: 'Namespace', name };
      await world.provider.until({ apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'kube-root-ca.crt' }, (object) => object !== null, {
        what: 'the namespace to be filled',
        timeoutSeconds: 30,
      });
      const withNamespace = await everything(world.provider);
      await federate(world);
      await leave(world);
      await expect.poll(async () => difference(withNamespace, await everything(world.provider)), soon).toEqual(untouched);
      await world.provider.delete(ref, { uid: metadata.uid ?? '' });
      await world.provider.until(ref, (object) => object === null, { what: 'the namespace to be gone', timeoutSeconds: 60 });
      await asBefore();
    });

    it('clears the home side of a provider that is gone for good, and says what may be left there', async () => {
      await federate(world);
      const silent = () => Promise.reject(new HanseError('CLUSTER_UNREACHABLE', 'no answer'));
      const verbs = world.withDeps({
        providerSide: () => new Proxy(Object.create(null), { get: () => silent }),
      });
      expect((await failure(planLeave(world, {}, verbs))).code).toBe('CLUSTER_UNREACHABLE');
      expect((await planLeave(world, { force: true })).kind).toBe('refused');
      const plan = planOf(await planLeave(world, { force: true }, verbs));
      expect(plan.notes.some(({ topic, text }) => topic === 'left at the provider' && text.includes('Tenant'))).toBe(true);
      await carryOut(plan, verbs.leave.performers);
      await homeAsBefore();
      // it came back after all: what was named in the report goes the ordinary way
      await leave(world);
      await asBefore();
    });
  });
};

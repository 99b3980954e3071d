// What Hanse relies on of a Kubernetes API server, whichever it is. The same suite runs on real clusters and on the simulator.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectOptions, connectKube, type KubeConnection } from '../../broker/src/clusters/io/kubernetes/client.ts';
import type { KubeObject, WatchEvent } from '../../broker/src/clusters/io/kubernetes/kube.ts';
import { HanseError } from '../../broker/src/errors.ts';

/** An API server to try, with an administrator's credential. */
export type System = { readonly options: Omit<ConnectOptions, 'cluster'>; close?(): Promise<void> };

const failure = async (promise: Promise<unknown>): Promise<HanseError> => {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof HanseError) return error;
  throw error;
};

const label = 'hanse.dev/test';

export const kubernetesContract = (system: string, open: () => Promise<System>): void => {
  describe(`Kubernetes API: ${system}`, () => {
    const namespace = `hanse-contract-${randomBytes(4).toString('hex')}`;
    let opened: System;
    let kube: KubeConnection;
    const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }) as const;
    const configMap = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels },
      data,
    });

    beforeAll(async () => {
      opened = await open();
      kube = connectKube({ cluster: 'tried', ...opened.options });
      await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { [label]: 'contract' } } });
    });
    afterAll(async () => {
      const gone = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
      await kube.delete(gone);
      await kube.until(gone, (object) => object === null, { what: 'the test namespace to be gone', timeoutSeconds: 60 });
      await kube.close();
      await opened.close?.();
    });

    it('answers null and an empty list for an absent object and an absent kind', async () => {
      expect(await kube.get(ref('nobody'))).toBeNull();
      expect(await kube.get({ apiVersion: 'nothing.example/v1', kind: 'Nothing', name: 'x' })).toBeNull();
      expect(await kube.list({ apiVersion: 'nothing.example/v1', kind: 'Nothing' })).toEqual([]);
      expect(await kube.delete(ref('nobody'))).toBe(false);
      const error = await failure(kube.create({ apiVersion: 'nothing.example/v1', kind: 'Nothing', metadata: { name: 'x' } }));
      expect(error.code).toBe('CLUSTER_REJECTED');
    });

    it('creates once', async () => {
      const made = await kube.create(configMap('once', { a: '1' }));
      expect(made.metadata.uid).toBeTruthy();
      const error = await failure(kube.create(configMap('once', { a: '2' })));
      expect(error.code).toBe('OBJECT_CONFLICT');
      expect(error.message).toContain(`tried: create ConfigMap ${namespace}/once`);
      expect((await kube.get(ref('once')))?.['data']).toEqual({ a: '1' });
    });

    it('changes nothing in a dry run', async () => {
      await kube.create(configMap('dry', { a: '1' }), { dryRun: true });
      await kube.apply(configMap('dry', { a: '1' }), { dryRun: true });
      expect(await kube.get(ref('dry'))).toBeNull();
    });

    it('applies the same twice without a change, and takes away what is no longer said', async () => {
      const first = await kube.apply(configMap('applied', { a: '1', b: '2' }));
      const again = await kube.apply(configMap('applied', { a: '1', b: '2' }));
      expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      const less = await kube.apply(configMap('applied', { a: '1' }));
      expect(less['data']).toEqual({ a: '1' });
      expect('managedFields' in less.metadata).toBe(false);
    });

    it('names the other owner of a field instead of overwriting it, unless forced', async () => {
      await kube.create(configMap('owned', { a: '1' }));
      const error = await failure(kube.apply(configMap('owned', { a: '2' })));
      expect(error.code).toBe('OBJECT_CONFLICT');
      expect(error.message).toMatch(/conflict with "hanse"/);
      expect((await kube.apply(configMap('owned', { a: '2' }), { force: true }))['data']).toEqual({ a: '2' });
    });

    it('replaces only the version that was read', async () => {
      const first = await kube.create(configMap('replaced', { a: '1' }));
      const second = await kube.replace({ ...first, data: { a: '2' } });
      expect((await failure(kube.replace({ ...first, data: { a: '3' } }))).code).toBe('OBJECT_CONFLICT');
      expect((await kube.get(ref('replaced')))?.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
    });

    it('patches by merge and by list of operations, with preconditions', async () => {
      const first = await kube.create(configMap('patched', { a: '1', b: '2' }));
      const merged = await kube.patch(ref('patched'), { data: { a: null, c: '3' } });
      expect(merged['data']).toEqual({ b: '2', c: '3' });
      const stale = { metadata: { resourceVersion: first.metadata.resourceVersion }, data: { d: '4' } };
      expect((await failure(kube.patch(ref('patched'), stale))).code).toBe('OBJECT_CONFLICT');
      const removed = await kube.jsonPatch(ref('patched'), [
        { op: 'test', path: '/data/b', value: '2' },
        { op: 'remove', path: '/data/b' },
      ]);
      expect(removed['data']).toEqual({ c: '3' });
      const refused = await failure(
        kube.jsonPatch(ref('patched'), [
          { op: 'test', path: '/data/c', value: 'x' },
          { op: 'remove', path: '/data/c' },
        ]),
      );
      expect(refused.code).toBe('CLUSTER_REJECTED');
      expect((await failure(kube.patch(ref('nobody'), { data: {} }))).code).toBe('NOT_FOUND');
    });

    it('deletes only the object whose identity and version are given', async () => {
      const made = await kube.create(configMap('deleted', {}));
      const wrongUid = await failure(kube.delete(ref('deleted'), { uid: '00000000-0000-0000-0000-000000000000' }));
      expect(wrongUid.code).toBe('OBJECT_CONFLICT');
      expect((await failure(kube.delete(ref('deleted'), { resourceVersion: '1' }))).code).toBe('OBJECT_CONFLICT');
      const { uid, resourceVersion } = made.metadata;
      if (uid === undefined || resourceVersion === undefined) throw new Error('an object without identity');
      expect(await kube.delete(ref('deleted'), { uid, resourceVersion })).toBe(true);
      expect(await kube.delete(ref('deleted'), { uid })).toBe(false);
    });

    it('keeps a deleted object until its finalizer is gone', async () => {
      await kube.create({ ...configMap('held', {}), metadata: { name: 'held', namespace, finalizers: ['hanse.dev/test'] } });
      await kube.delete(ref('held'));
      const held = await kube.get(ref('held'));
      expect(held?.metadata.deletionTimestamp).toBeTruthy();
      const late = await failure(kube.until(ref('held'), (object) => object === null, { what: 'it to be gone', timeoutSeconds: 0.5 }));
      expect(late.code).toBe('TIMED_OUT');
      expect(late.message).toContain('held by hanse.dev/test');
      await kube.patch(ref('held'), { metadata: { finalizers: null } });
      expect(await kube.until(ref('held'), (object) => object === null, { what: 'it to be gone', timeoutSeconds: 10 })).toBeNull();
    });

    it.each(['watch', 'poll'] as const)('waits by %s for what another does', async (by) => {
      const name = `awaited-${by}`;
      const awaited = kube.until(ref(name), (object) => (object?.['data'] as { a?: string } | undefined)?.a === '2', {
        what: 'a to be 2',
        timeoutSeconds: 20,
        by,
      });
      await kube.create(configMap(name, { a: '1' }));
      await kube.patch(ref(name), { data: { a: '2' } });
      expect((await awaited)?.['data']).toEqual({ a: '2' });
    });

    it('ends a wait when its signal does', async () => {
      const stop = new AbortController();
      const awaited = failure(kube.with({ signal: stop.signal }).until(ref('never'), (object) => object !== null, { what: 'never', timeoutSeconds: 60 }));
      stop.abort(new HanseError('LEASE_LOST', 'taken over'));
      expect((await awaited).message).toBe('taken over');
    });

    it('watches what is there, what comes, changes and goes, and nothing that was not asked for', async () => {
      const labels = { [label]: 'watched' };
      await kube.create(configMap('w-before', {}, labels));
      const stop = new AbortController();
      const seen: string[] = [];
      let synced = (): void => {};
      const ready = new Promise<void>((resolve) => (synced = resolve));
      const watching = (async () => {
        const events: AsyncIterable<WatchEvent> = kube.watch(
          { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: `${label}=watched` },
          { signal: stop.signal, onSynced: synced },
        );
        for await (const { type, object } of events) {
          seen.push(`${type} ${object.metadata.name}`);
          if (type === 'DELETED') return;
        }
      })();
      await ready;
      await kube.create(configMap('w-other', {}));
      await kube.create(configMap('w-new', {}, labels));
      await kube.patch(ref('w-new'), { data: { a: '1' } });
      await kube.delete(ref('w-new'));
      await watching;
      stop.abort();
      expect(seen).toEqual(['ADDED w-before', 'ADDED w-new', 'MODIFIED w-new', 'DELETED w-new']);
    });

    it('lists every page', async () => {
      const raw = await kube.getPath(`/api/v1/namespaces/${namespace}/configmaps?limit=1`);
      expect(raw).toHaveProperty('metadata.continue');
      expect(raw).toHaveProperty('items.length', 1);
    });

    it('says which kinds there are, without subresources', async () => {
      const resources = await kube.resources();
      expect(resources.find(({ kind, apiVersion }) => kind === 'Deployment' && apiVersion === 'apps/v1')).toMatchObject({
        name: 'deployments',
        namespaced: true,
      });
      expect(resources.find(({ kind, apiVersion }) => kind === 'Node' && apiVersion === 'v1')).toMatchObject({ namespaced: false });
      expect(resources.filter(({ name }) => name.includes('/'))).toEqual([]);
    });

    it('has a clock', async () => {
      expect(Math.abs(await kube.clockSkewMs())).toBeLessThan(60_000);
    });

    it('issues a bound token for an account that may do nothing, and takes it back with its anchor', async () => {
      await kube.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody', namespace } });
      const anchor = await kube.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'anchor', namespace }, type: 'Opaque' });
      const bound = { kind: 'Secret', apiVersion: 'v1', name: 'anchor', uid: anchor.metadata.uid };
      const issued = await kube.post(`/api/v1/namespaces/${namespace}/serviceaccounts/nobody/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [], expirationSeconds: 3600, boundObjectRef: bound },
      });
      const { token } = issued['status'] as { token: string };
      const other = connectKube({ cluster: 'tried', ...opened.options, credential: { kind: 'token', token: () => token } });
      const review = await other.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      });
      expect(review['status']).toMatchObject({ userInfo: { username: `system:serviceaccount:${namespace}:nobody` } });
      const refused = await failure(other.list({ apiVersion: 'v1', kind: 'Secret', namespace }));
      expect(refused.code).toBe('CLUSTER_FORBIDDEN');
      expect(refused.message).toContain(`tried: list Secret ${namespace}/*`);
      const asked = await other.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'list', resource: 'secrets', namespace } },
      });
      expect(asked['status']).toMatchObject({ allowed: false });
      await kube.delete({ apiVersion: 'v1', kind: 'Secret', namespace, name: 'anchor' });
      await expect
        .poll(async () => (await failure(other.list({ apiVersion: 'v1', kind: 'Secret', namespace }))).code, { timeout: 30_000, interval: 200 })
        .toBe('CLUSTER_UNAUTHORIZED');
      await other.close();
    });

    it('collects what a namespace owned when the namespace is gone', async () => {
      const name = `${namespace}-owner`;
      const made = await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name };
      const owner = { apiVersion: 'v1', kind: 'Namespace', name, uid: made.metadata.uid ?? '' };
      await kube.create({ apiVersion: role.apiVersion, kind: role.kind, metadata: { name, ownerReferences: [owner] }, rules: [] });
      await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name }, { uid: owner.uid });
      await kube.until(role, (object) => object === null, { what: 'the role to be collected', timeoutSeconds: 60 });
    });
  });
};

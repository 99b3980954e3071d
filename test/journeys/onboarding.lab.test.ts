// A home cluster and a provider are added and removed on real clusters; between the two, the account at the provider is tried.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clusterVerbs,
  connectKube,
  createClusters,
  latestSnapshots,
  startWatching,
  type ClusterRegistry,
  type Kube,
  type KubeConnection,
} from '../../broker/src/clusters/io/index.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { brokerId, ownerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations, type Engine } from '../../broker/src/operations/io/index.ts';
import type { PlanOutcome } from '../../broker/src/operations/plan.ts';
import { labKubeconfig, labOptions } from '../contracts/kubernetes.lab.ts';
import { testStore, type TestStore } from '../database.ts';
import { inventory, untilNothingGoes } from './inventory.ts';

const [consumer = 'pb', provider = 'pa'] = (process.env['HANSE_LAB_ONBOARDING'] ?? 'pb,pa').split(',');
const consumerConfig = labKubeconfig(consumer);
const providerConfig = labKubeconfig(provider);
const by = { owner: ownerId('default'), actor: 'journey' };
const allowedAddresses = ['10.100.0.0/16'];

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'allowed',
    (error: unknown) => {
      if (error instanceof HanseError) return error.code;
      throw error;
    },
  );

describe.skipIf(consumerConfig === null || providerConfig === null)('onboarding on real clusters', { timeout: 240_000 }, () => {
  let test: TestStore;
  let clusters: ClusterRegistry;
  let engine: Engine;
  let admins: Record<'consumer' | 'provider', KubeConnection>;
  let before: Record<'consumer' | 'provider', string[]>;

  const carryOut = async (outcome: PlanOutcome): Promise<string> => {
    if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
    const operations = createOperations(test.store);
    const id = await operations.create({ ...by, plan: outcome.plan });
    await operations.approve(by, id);
    engine.wake();
    for (;;) {
      const row = await test.store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
      if (row.state === 'done') return row.state;
      if (['rolledBack', 'failed', 'asking'].includes(row.state)) return `${row.state}: ${JSON.stringify(row.outcome ?? row.question)}`;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const verbs = () => clusterVerbs({ store: test.store, clusters, allowedAddresses });
  const add = (name: string, side: 'consumer' | 'provider', kubeconfig: string) => verbs()[0].plan({ name, side, kubeconfig }, by);
  const remove = (name: string) => verbs()[1].plan({ name, force: false }, by);

  beforeAll(async () => {
    admins = {
      consumer: connectKube({ cluster: consumer, ...labOptions(consumerConfig ?? '') }),
      provider: connectKube({ cluster: provider, ...labOptions(providerConfig ?? '') }),
    };
    await untilNothingGoes(admins.consumer, admins.provider);
    before = { consumer: await inventory(admins.consumer), provider: await inventory(admins.provider) };
    test = await testStore();
    clusters = createClusters({ store: test.store, allowedAddresses });
    engine = createEngine({ store: test.store, verbs: verbs(), brokerId: brokerId('journey'), leaseSeconds: 30, backoffSeconds: () => 0.5 });
    engine.start();
  }, 240_000);
  afterAll(async () => {
    await engine.stop();
    await clusters.close();
    await Promise.all([admins.consumer.close(), admins.provider.close()]);
    await test.close();
  });

  it('gives everything back, and forgets the credential, when an object that is not ours stands in the way', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'hanse' }, rules: [] };
    const foreign = await admins.consumer.create(role);
    try {
      const ended = await carryOut(await add('our-home', 'consumer', consumerConfig ?? ''));
      expect(ended).toContain('rolledBack');
      expect(ended).toContain('ClusterRole hanse exists already and was not made by this operation');
      expect(await admins.consumer.get({ apiVersion: 'v1', kind: 'Namespace', name: 'hanse-system' })).toBeNull();
      expect(await admins.consumer.get({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', name: 'hanse' })).toBeNull();
      expect((await admins.consumer.get({ ...role, name: 'hanse' }))?.metadata.uid).toBe(foreign.metadata.uid);
      expect(await clusters.list(by.owner)).toEqual([]);
      expect(await test.store.db.selectFrom('secret').select('id').execute()).toEqual([]);
    } finally {
      await admins.consumer.delete({ ...role, name: 'hanse' }, { uid: foreign.metadata.uid ?? '' });
    }
  });

  it('adds the home cluster, then the provider, each with an account of our own', async () => {
    const refused = await codeOf(add('first', 'provider', providerConfig ?? ''));
    expect(refused).toBe('REFUSED');
    expect(await carryOut(await add('our-home', 'consumer', consumerConfig ?? ''))).toBe('done');
    expect(await carryOut(await add('theirs', 'provider', providerConfig ?? ''))).toBe('done');
    const home = await clusters.home(by.owner);
    expect(home).toMatchObject({ name: 'our-home', liqoClusterId: consumer, liqoVersion: 'v1.2.0', liqoNetworking: false, state: 'ready' });
    expect(home.podCidrs).toHaveLength(1);
    expect(home.serviceCidrs).toHaveLength(1);
    const kube = await clusters.kube(by.owner, 'theirs');
    const review = await kube.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
    expect(review['status']).toMatchObject({ userInfo: { username: `system:serviceaccount:hanse-${consumer}:hanse` } });
  });

  it('keeps no credential that was handed in', async () => {
    const kept = await test.store.db.selectFrom('secret').select('purpose').execute();
    expect(kept.map(({ purpose }) => purpose)).toEqual(['cluster-token', 'cluster-token']);
    const rows = JSON.stringify(await test.store.db.selectFrom('operation').selectAll().execute());
    expect(rows).not.toContain('PRIVATE KEY');
  });

  it('refuses to add the same cluster under another name', async () => {
    const again = await add('other-name', 'provider', providerConfig ?? '');
    expect(again.kind).toBe('refused');
    expect(JSON.stringify(again)).toContain('this cluster was added before, as theirs');
  });

  describe('the account at the provider', () => {
    const tenant = `liqo-tenant-${consumer}`;
    let kube: Kube;
    const configMap = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tried', namespace }, data: {} });
    const secret = (namespace: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tried', namespace }, ...more });
    beforeAll(async () => {
      kube = await clusters.kube(by.owner, 'theirs');
    });

    it('may do what a peering needs in its own tenant namespace', async () => {
      const made = await kube.create(secret(tenant, { type: 'Opaque', stringData: { a: '1' } }));
      expect(await kube.list({ apiVersion: 'v1', kind: 'Secret', namespace: tenant })).not.toEqual([]);
      expect(await kube.delete({ apiVersion: 'v1', kind: 'Secret', namespace: tenant, name: 'tried' }, { uid: made.metadata.uid ?? '' })).toBe(true);
      expect(await kube.list({ apiVersion: 'authentication.liqo.io/v1beta1', kind: 'Tenant', namespace: tenant })).toEqual([]);
      expect((await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: tenant, name: 'hanse-grant' }))?.['data']).toEqual({ accept: 'yes' });
      expect((await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'liqo', name: 'liqo-clusterid-configmap' }))?.['data']).toEqual({
        CLUSTER_ID: provider,
      });
      expect(await kube.get({ apiVersion: 'core.liqo.io/v1beta1', kind: 'ForeignCluster', name: consumer })).toBeNull();
    });

    it('may not touch anything else', async () => {
      const grant = { apiVersion: 'v1', kind: 'ConfigMap', namespace: tenant, name: 'hanse-grant' };
      const own = `hanse-${consumer}`;
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'tried' }, rules: [] };
      const binding = (namespace: string) => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'tried', namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name: 'hanse', namespace: own }],
      });
      const token = (namespace: string, account: string) =>
        kube.post(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences: [] },
        });
      const request = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'tried' }, spec: {} };
      const tries: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['list secrets everywhere', () => kube.list({ apiVersion: 'v1', kind: 'Secret' })],
        ['list secrets in kube-system', () => kube.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'kube-system' })],
        ['read the keys of Liqo', () => kube.get({ apiVersion: 'v1', kind: 'Secret', namespace: 'liqo', name: 'authentication-keys' })],
        ['write a secret in liqo', () => kube.create(secret('liqo'))],
        ['write a config map in liqo', () => kube.create(configMap('liqo'))],
        ['write a config map in default', () => kube.create(configMap('default'))],
        ['change the grant', () => kube.patch(grant, { data: { accept: 'yes', maxPods: '1000' } })],
        ['delete the grant', () => kube.delete(grant)],
        ['list namespaces', () => kube.list({ apiVersion: 'v1', kind: 'Namespace' })],
        ['read a foreign namespace', () => kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' })],
        ['make a namespace', () => kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tried' } })],
        ['label a namespace', () => kube.patch({ apiVersion: 'v1', kind: 'Namespace', name: tenant }, { metadata: { labels: { a: 'b' } } })],
        ['delete a foreign namespace', () => kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'default' })],
        ['list nodes', () => kube.list({ apiVersion: 'v1', kind: 'Node' })],
        ['list pods', () => kube.list({ apiVersion: 'v1', kind: 'Pod' })],
        ['make a pod', () => kube.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tried', namespace: tenant }, spec: { containers: [] } })],
        ['ask for a certificate', () => kube.create(request)],
        ['approve a certificate', () => kube.patch({ ...request, name: 'tried' }, { status: {} }, { subresource: 'approval' })],
        ['make a cluster role', () => kube.create(role)],
        ['make a role binding in its namespace', () => kube.create(binding(tenant))],
        ['make a role binding in its account namespace', () => kube.create(binding(own))],
        ['make a role binding in kube-system', () => kube.create(binding('kube-system'))],
        ['widen its own role', () => kube.patch({ apiVersion: role.apiVersion, kind: 'ClusterRole', name: own }, { rules: [] })],
        ['lift its own limits', () => kube.delete({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', name: own })],
        ['a token of another account', () => token('kube-system', 'default')],
        ['a token of the account in its tenant namespace', () => token(tenant, 'default')],
        ['a token of the account beside it', () => token(own, 'default')],
        [
          'a token by way of a secret',
          () =>
            kube.create(
              secret(tenant, {
                metadata: { name: 'tried', namespace: tenant, annotations: { 'kubernetes.io/service-account.name': 'default' } },
                type: 'kubernetes.io/service-account-token',
              }),
            ),
        ],
        [
          "a tenant in another's name",
          () =>
            kube.create({
              apiVersion: 'authentication.liqo.io/v1beta1',
              kind: 'Tenant',
              metadata: { name: 'tried', namespace: tenant },
              spec: { clusterID: 'somebody-else', authzPolicy: 'TolerateNoHandshake' },
            }),
        ],
        ['watch its tenant namespace', () => kube.getPath(`/api/v1/namespaces/${tenant}/secrets?watch=1&timeoutSeconds=1`)],
      ];
      const results = await Promise.all(tries.map(async ([what, attempt]) => `${what}: ${await codeOf(attempt())}`));
      expect(results).toEqual(
        tries.map(
          ([what]) => `${what}: ${what.startsWith("a tenant in another's") || what.startsWith('a token by way') ? 'CLUSTER_REJECTED' : 'CLUSTER_FORBIDDEN'}`,
        ),
      );
    });

    it('may not act as anybody else', async () => {
      const asked = await kube.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace: 'kube-system' },
      });
      expect(JSON.stringify(asked['status'])).not.toMatch(/impersonate|escalate|"bind"|"approve"|"sign"/);
    });

    it('deletes of the certificate requests only those that were issued', async () => {
      const own = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
      const pem = Buffer.from(pendingRequest).toString('base64');
      const spec = { request: pem, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
      const foreign = await admins.provider.create({ ...own, metadata: { name: 'hanse-test-pending', labels: { 'liqo.io/remote-tenant-csr': 'true' } }, spec });
      try {
        expect(await codeOf(kube.delete({ ...own, name: foreign.metadata.name }))).not.toBe('allowed');
        expect(await admins.provider.get({ ...own, name: foreign.metadata.name })).not.toBeNull();
      } finally {
        await admins.provider.delete({ ...own, name: foreign.metadata.name });
      }
    });
  });

  describe('the account at home', () => {
    it('writes nowhere but in namespaces of its own making and of Liqo', async () => {
      const kube = await clusters.kube(by.owner, 'our-home');
      const configMap = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tried', namespace }, data: {} });
      expect(await codeOf(kube.create(configMap('default')))).not.toBe('allowed');
      expect(await codeOf(kube.create(configMap('kube-system')))).not.toBe('allowed');
      expect(await codeOf(kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tried' } }))).not.toBe('allowed');
      expect(await codeOf(kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'liqo-storage' }))).not.toBe('allowed');
      const labels = { 'hanse.dev/operation': 'tried' };
      const made = await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hanse-tried', labels } });
      expect(await codeOf(kube.create(configMap('hanse-tried')))).toBe('allowed');
      expect(await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'hanse-tried' }, { uid: made.metadata.uid ?? '' })).toBe(true);
      await kube.until({ apiVersion: 'v1', kind: 'Namespace', name: 'hanse-tried' }, (object) => object === null, {
        what: 'it to be gone',
        timeoutSeconds: 120,
      });
    });
  });

  it('watches each cluster from one broker at a time, and stores what it may see', async () => {
    const errors: unknown[] = [];
    const options = { store: test.store, clusters, allowedAddresses, onError: (error: unknown) => errors.push(error), turnMs: 200 };
    const [first, second] = [startWatching(options), startWatching(options)];
    const seen = async () => (await latestSnapshots(test.store, by.owner)).map(({ snapshot }) => snapshot);
    const held = async (): Promise<unknown> => {
      const ours = "locktype = 'advisory' and classid::bigint = (hashtext('hanse-watch')::bigint & 4294967295)";
      const { rows } = await test.store.pool.query(
        `select count(*)::int as held from pg_locks where ${ours} and database = (select oid from pg_database where datname = current_database())`,
      );
      return rows;
    };
    try {
      await expect
        .poll(async () => (await seen()).map(({ cluster, health }) => `${cluster} ${health.state}`), { timeout: 60_000 })
        .toEqual(['our-home connected', 'theirs connected']);
      const [home, theirs] = await seen();
      expect(home?.nodes?.map(({ name }) => name)).toContain(`${consumer}-node`);
      expect(home?.own?.allocatable.cpuMillis).toBeGreaterThan(0);
      expect(theirs?.nodes).toBeNull();
      expect(await held()).toEqual([{ held: 2 }]);
      await first.stop();
      // what one gave back the other takes up
      await expect.poll(held, { timeout: 60_000 }).toEqual([{ held: 2 }]);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
    expect(errors).toEqual([]);
  });

  it('renews a token when half of its life is over, and forgets the old one after the new one works', async () => {
    const old = await test.store.db.selectFrom('cluster').select(['record', 'secret']).where('name', '=', 'theirs').executeTakeFirstOrThrow();
    const record = JSON.stringify(old.record).replace(/"renewAt":"[^"]+"/, '"renewAt":"2020-01-01T00:00:00.000Z"');
    await test.store.db.updateTable('cluster').set({ record }).where('name', '=', 'theirs').execute();
    const watching = startWatching({ store: test.store, clusters, allowedAddresses, onError: () => {}, turnMs: 200 });
    const secret = async () => (await test.store.db.selectFrom('cluster').select('secret').where('name', '=', 'theirs').executeTakeFirstOrThrow()).secret;
    await expect.poll(secret, { timeout: 60_000 }).not.toBe(old.secret);
    await watching.stop();
    expect(
      await test.store.db
        .selectFrom('secret')
        .select('id')
        .where('id', '=', old.secret ?? '')
        .execute(),
    ).toEqual([]);
    const kube = await clusters.kube(by.owner, 'theirs');
    expect(await codeOf(kube.get({ apiVersion: 'v1', kind: 'Namespace', name: `hanse-${consumer}` }))).toBe('allowed');
  });

  it('refuses to remove the home cluster while a provider was added for it', async () => {
    expect((await remove('our-home')).kind).toBe('refused');
  });

  it('leaves nothing at either cluster', async () => {
    expect(await carryOut(await remove('theirs'))).toBe('done');
    expect(await carryOut(await remove('our-home'))).toBe('done');
    expect(await clusters.list(by.owner)).toEqual([]);
    expect(await test.store.db.selectFrom('secret').select('id').execute()).toEqual([]);
    await expect.poll(() => inventory(admins.provider), { timeout: 60_000, interval: 1000 }).toEqual(before.provider);
    await expect.poll(() => inventory(admins.consumer), { timeout: 60_000, interval: 1000 }).toEqual(before.consumer);
  });
});

// openssl req -new -newkey ed25519 -nodes -subj '/O=hanse/CN=somebody'
const pendingRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIGiMFYCAQAwIzEOMAwGA1UECgwFaGFuc2UxETAPBgNVBAMMCHNvbWVib2R5MCow
BQYDK2VwAyEAJu8AwN5uLQI3i66fRBfz27PGjC4tTxNAHyDIgduvjsqgADAFBgMr
ZXADQQDwv0vo49kO3NzwR2Cw2Tqmt23r1y2x1XSP9/gSCrBV1bkRiaC4GhP9kgas
4wlu6EOgx1YbveUEKcp7Z9OpIlMO
-----END CERTIFICATE REQUEST-----
`;

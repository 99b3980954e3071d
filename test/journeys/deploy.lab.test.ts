// Deploying on real clusters: what leaves home, where pods run, what stands in the way, and that nothing is left behind.
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { KubeObject } from '../../broker/src/clusters/io/index.ts';
import { type DeployLab, openDeployLab } from './deployLab.ts';
import { hasLab, labSystem } from './labWorld.ts';

const run = promisify(execFile);
const kubectl = `${homedir()}/.cache/hanse-lab/bin/kubectl`;
const clusterIp = (service: KubeObject | null): string => z.object({ spec: z.object({ clusterIP: z.string() }) }).parse(service).spec.clusterIP;

const name = 'dep-shop';
const serve = "mkdir -p /tmp/w && hostname > /tmp/w/index.html && trap 'exit 0' TERM; httpd -f -p 8080 -h /tmp/w & wait";
const shop = (more: { replicas?: number; cpu?: string; port?: number } = {}): string => `
apiVersion: v1
kind: Secret
metadata: {name: used}
stringData: {canary: the-used-canary}
---
apiVersion: v1
kind: Secret
metadata: {name: unused}
stringData: {canary: the-unused-canary}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${more.replicas ?? 6}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
        - name: web
          image: docker.io/library/busybox:lab
          imagePullPolicy: IfNotPresent
          command: [/bin/sh, -c, ${JSON.stringify(serve)}]
          env: [{name: CANARY, valueFrom: {secretKeyRef: {name: used, key: canary}}}]
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
          resources: {requests: {cpu: ${more.cpu ?? '50m'}, memory: 16Mi}}
`;
const files = (text: string) => [{ file: 'shop.yaml', text }];

describe.skipIf(!hasLab())('deploying on real clusters', { timeout: 300_000 }, () => {
  let lab: DeployLab;
  beforeAll(async () => {
    lab = await openDeployLab(labSystem);
    await remove();
  }, 300_000);
  afterAll(async () => {
    if (!lab) return;
    await remove();
    await lab.close();
  }, 300_000);
  const soon = { timeout: 60_000, interval: 500 };

  const remove = async (): Promise<void> => {
    const home = lab.kube(lab.homeName);
    for (const namespace of [name, 'dep-broken']) {
      for (const kind of ['Deployment', 'PersistentVolumeClaim'])
        for (const object of await home.list({ apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1', kind, namespace }))
          await home.delete({ apiVersion: object.apiVersion, kind, namespace, name: object.metadata.name });
      await home.delete({ apiVersion: 'offloading.liqo.io/v1beta1', kind: 'NamespaceOffloading', namespace, name: 'offloading' });
      await home.until({ apiVersion: 'offloading.liqo.io/v1beta1', kind: 'NamespaceOffloading', namespace, name: 'offloading' }, (object) => object === null, {
        what: 'gone',
        timeoutSeconds: 120,
      });
      await home.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
      await home.until({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, (object) => object === null, { what: 'gone', timeoutSeconds: 120 });
    }
  };
  /** Names of the Secrets whose data holds the text, by namespace, as the administrator of that cluster sees them. */
  const holding = async (cluster: string, text: string): Promise<string[]> => {
    const encoded = Buffer.from(text).toString('base64');
    const secrets = await lab.kube(cluster).list({ apiVersion: 'v1', kind: 'Secret' });
    return secrets.filter((secret) => JSON.stringify(secret['data'] ?? {}).includes(encoded)).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  };
  const everything = async (cluster: string): Promise<string[]> => {
    const kube = lab.kube(cluster);
    const kinds = (await kube.resources()).filter(
      ({ kind, verbs }) =>
        verbs.includes('list') && !['Event', 'Lease', 'EndpointSlice', 'Endpoints', 'ComponentStatus', 'PodMetrics', 'NodeMetrics'].includes(kind),
    );
    const lists: KubeObject[][] = await Promise.all(kinds.map(({ apiVersion, kind }) => kube.list({ apiVersion, kind }).catch(() => [])));
    return [...new Set(lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid}`))]
      .filter((line) => line.includes('dep-'))
      .sort();
  };

  it('changes nothing for what can run nowhere, and says why for each cluster', async () => {
    const outcome = await lab.plan.deploy({ name, manifests: files(shop({ cpu: '64' })) });
    expect(outcome.kind).toBe('refused');
    const text = JSON.stringify(outcome);
    for (const provider of lab.providerNames) expect(text).toContain(provider);
    expect(text).toMatch(/64 CPU/);
    expect(await lab.kube(lab.homeName).get({ apiVersion: 'v1', kind: 'Namespace', name })).toBeNull();
  });

  it('runs six replicas over both providers and nowhere else', async () => {
    const outcome = await lab.plan.deploy({ name, manifests: files(shop()), clusters: lab.providerNames });
    if (outcome.kind !== 'plan') throw new Error(JSON.stringify(outcome));
    expect(JSON.stringify(outcome.plan)).not.toContain('canary-');
    expect(JSON.stringify(outcome.plan)).not.toContain(Buffer.from('the-used-canary').toString('base64'));
    expect(outcome.plan.notes.map(({ text }) => text).join('\n')).toMatch(
      new RegExp(`Secret used will be held by ${[lab.homeName, ...lab.providerNames].join(', ')}`),
    );
    expect(outcome.plan.notes.map(({ text }) => text).join('\n')).toMatch(new RegExp(`Secret unused will be held by ${lab.homeName}:`));
    const ended = await lab.carryOut(outcome);
    expect(ended).toMatchObject({ state: 'done' });
    const status = await lab.applications.status('default', name);
    expect(status).toMatchObject({ state: 'running', drift: [] });
    expect(status.placement.map(({ cluster }) => cluster)).toEqual(lab.providerNames);
    expect(status.placement.reduce((sum, { ready }) => sum + ready, 0)).toBe(6);
    for (const { ready } of status.placement) expect(ready).toBeGreaterThan(0);
    expect(status.endpoints).toMatchObject([{ service: 'web', ready: 6 }]);
  });

  it('lets only Secrets that pods refer to leave home, and only to the chosen clusters', async () => {
    for (const provider of lab.providerNames) {
      expect(await holding(provider, 'the-unused-canary')).toEqual([]);
      expect((await holding(provider, 'the-used-canary')).map((found) => found.split('/')[0])).toEqual([`${name}-${lab.homeName}`]);
    }
    expect(await holding(lab.homeName, 'the-unused-canary')).toEqual([`${name}/unused`]);
    const { rows } = await lab.store.pool.query(
      "select string_agg(t::text, '') as all_of_it from (select plan::text from operation union all select entry::text from journal union all select record::text from application union all select data::text from event) t",
    );
    expect(JSON.stringify(rows)).not.toMatch(/canary"?:|dGhlLXVz/);
  });

  it('answers at the home cluster from the pods of every provider', async () => {
    const home = lab.kube(lab.homeName);
    const service = await home.get({ apiVersion: 'v1', kind: 'Service', namespace: name, name: 'web' });
    const pods = await home.list({ apiVersion: 'v1', kind: 'Pod', namespace: name });
    const seen = new Set<string>();
    const inHome = ['nsenter', `--net=/var/run/netns/hanse-${lab.homeName}`, 'curl', '-sS', '--max-time', '5', `http://${clusterIp(service)}/`] as const;
    const [program, ...words] = inHome;
    const ask = async (): Promise<string> => (await run(program, words)).stdout.trim();
    // the node takes up a Service moments after its endpoints are ready
    await expect.poll(ask, { timeout: 30_000, interval: 200 }).not.toBe('');
    // The home site is a network namespace of this machine; connections are spread at random, so a few dozen meet every pod, once the node knows them all.
    for (const end = Date.now() + 60_000; Date.now() < end && seen.size < pods.length;) seen.add(await ask());
    expect([...seen].sort()).toEqual(pods.map(({ metadata }) => metadata.name).sort());
  });

  it('has nothing to do for the same manifests, and shows exactly what an update would change', async () => {
    expect(await lab.plan.deploy({ name, manifests: files(shop()), clusters: lab.providerNames })).toMatchObject({ kind: 'nothing' });
    const update = await lab.plan.deploy({ name, manifests: files(shop({ replicas: 7 })) });
    if (update.kind !== 'plan') throw new Error(JSON.stringify(update));
    expect(update.plan.notes.filter(({ topic }) => topic === 'change').map(({ text }) => text)).toEqual(['Deployment web: spec.replicas 6 → 7.']);
    expect(await lab.carryOut(update)).toMatchObject({ state: 'done' });
    expect((await lab.applications.status('default', name)).placement.reduce((sum, { ready }) => sum + ready, 0)).toBe(7);
  });

  it('never takes an application away from a cluster by deploying it', async () => {
    const outcome = await lab.plan.deploy({ name, manifests: files(shop()), clusters: lab.providerNames.slice(0, 1) });
    expect(JSON.stringify(outcome)).toMatch(/"refused".*hanse migrate dep-shop/);
  });

  it('goes back to what it was when an update does not become ready', async () => {
    const broken = shop({ replicas: 7 }).replace('path: /, port: 8080', 'path: /none, port: 8080');
    const outcome = await lab.plan.deploy({ name, manifests: files(broken), rolloutSeconds: 10 });
    const ended = await lab.carryOut(outcome);
    expect(ended.state).toBe('rolledBack');
    expect(JSON.stringify(ended.outcome)).toMatch(/not ready/);
    expect(await lab.plan.deploy({ name, manifests: files(shop({ replicas: 7 })) })).toMatchObject({ kind: 'nothing' });
  });

  it('never overwrites what is not its own, and shows whose it is', async () => {
    const home = lab.kube(lab.homeName);
    await home.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: name }, data: { theirs: 'yes' } });
    const more = `${shop({ replicas: 7 })}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {ours: 'yes'}\n`;
    await expect(lab.plan.deploy({ name, manifests: files(more) })).rejects.toMatchObject({
      code: 'OBJECT_NOT_OURS',
      message: expect.stringContaining('ConfigMap dep-shop/settings'),
    });
    expect((await home.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'settings' }))?.['data']).toEqual({ theirs: 'yes' });
    expect(JSON.stringify(await lab.plan.delete({ name }))).toMatch(/"refused".*ConfigMap settings/);
    await home.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'settings' });
  });

  it('shows a field that someone else has taken over, with the name of who has it, and leaves it', async () => {
    const home = lab.kube(lab.homeName);
    const ref = { apiVersion: 'v1', kind: 'Service', namespace: name, name: 'web' };
    // Another manager in the sense of server-side apply.
    const select = (app: string) =>
      run(kubectl, [
        '--kubeconfig',
        `${process.env['HANSE_LAB'] ?? '/run/hanse-lab'}/${lab.homeName}/admin.kubeconfig`,
        '-n',
        name,
        'patch',
        'service',
        'web',
        '--type=merge',
        '-p',
        `{"spec":{"selector":{"app":"${app}"}}}`,
      ]);
    await select('web2');
    await expect(lab.plan.deploy({ name, manifests: files(shop({ replicas: 7 })) })).rejects.toMatchObject({
      code: 'OBJECT_CONFLICT',
      message: expect.stringMatching(/kubectl-patch.*spec.selector/s),
    });
    expect((await home.get(ref))?.['spec']).toMatchObject({ selector: { app: 'web2' } });
    await select('web');
  });

  it('takes a Secret back from the providers when no pod refers to it any more', async () => {
    const without = shop({ replicas: 2 }).replace('env: [{name: CANARY, valueFrom: {secretKeyRef: {name: used, key: canary}}}]', 'env: []');
    expect(await lab.carryOut(await lab.plan.deploy({ name, manifests: files(without) }))).toMatchObject({ state: 'done' });
    await expect.poll(async () => (await Promise.all(lab.providerNames.map((provider) => holding(provider, 'the-used-canary')))).flat(), soon).toEqual([]);
  });

  it('deletes no data unasked: claims stand in the way with size and place', async () => {
    const claim = `---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk}\nspec: {accessModes: [ReadWriteOnce], storageClassName: liqo, resources: {requests: {storage: 16Mi}}}\n`;
    const mounting = shop({ replicas: 1 })
      .replace('      containers:', '      volumes: [{name: disk, persistentVolumeClaim: {claimName: disk}}]\n      containers:')
      .replace('          resources:', '          volumeMounts: [{name: disk, mountPath: /disk}]\n          resources:');
    expect(await lab.carryOut(await lab.plan.deploy({ name, manifests: files(mounting + claim) }))).toMatchObject({ state: 'done' });
    const outcome = await lab.plan.delete({ name });
    expect(JSON.stringify(outcome)).toMatch(new RegExp(`"refused".*claim disk \\(16Mi at (${lab.providerNames.join('|')})\\)`));
    expect(await lab.plan.delete({ name, data: true })).toMatchObject({ kind: 'plan' });
  });

  it('undoes a first deployment that cannot work, to the last object', async () => {
    const ofBroken = async () =>
      (await Promise.all([lab.homeName, ...lab.providerNames].map(everything))).map((lines) => lines.filter((line) => line.includes('dep-broken')));
    const before = await ofBroken();
    const invalid = shop().replace('port: 80, targetPort: 8080', 'port: 80, targetPort: 8080, protocol: XYZ');
    const ended = await lab.carryOut(await lab.plan.deploy({ name: 'dep-broken', manifests: files(invalid) }));
    expect(ended.state).toBe('rolledBack');
    expect(JSON.stringify(ended.outcome)).toMatch(/Service.*XYZ/);
    await expect.poll(ofBroken, soon).toEqual(before);
    expect(await lab.applications.lookUp('default', 'dep-broken')).toBeNull();
  });

  it('leaves nothing behind when it is deleted', async () => {
    const ended = await lab.carryOut(await lab.plan.delete({ name, data: true }));
    expect(ended).toMatchObject({ state: 'done' });
    for (const cluster of [lab.homeName, ...lab.providerNames])
      await expect.poll(async () => (await everything(cluster)).filter((line) => line.includes(name)), soon).toEqual([]);
    await expect(lab.applications.find('default', name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await lab.store.db.selectFrom('secret').selectAll().where('purpose', '=', 'application-secret').execute()).length).toBe(0);
  });
});

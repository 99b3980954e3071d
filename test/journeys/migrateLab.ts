// A broker with the verbs of moving, on real clusters of the laboratory, and an application that ends at once on SIGTERM.
import { z } from 'zod';
import { createEngine, createOperations } from '../../broker/src/operations/io/index.ts';
import type { KubeObject } from '../../broker/src/clusters/io/index.ts';
import { brokerId } from '../../broker/src/ids.ts';
import type { Plan, PlanOutcome } from '../../broker/src/operations/index.ts';
import { createApplications, workloadVerbs } from '../../broker/src/workloads/io/index.ts';
import { migrationVerbs } from '../../broker/src/workloads/io/migration/verbs.ts';
import { labSystem, openLabWorld } from './labWorld.ts';
import { by } from './peered.ts';

export const replicas = 6;
export const image = 'docker.io/library/busybox:lab';

// Port 80 answers one request a connection, port 81 any number (HTTP/1.1); the process that Kubernetes signals ends at once and everything with it.
const script = `H=$(hostname); export H; mkdir -p /tmp/w; echo $H > /tmp/w/index.html
printf '%s\\n' 'cr=$(printf "\\r"); while read -r l; do [ "$l" = "$cr" ] && printf "HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\n\\r\\n%s" \${#H} "$H"; done' > /tmp/kept
trap 'exit 0' TERM; httpd -f -p 8080 -h /tmp/w & nc -llllllllllllllllllllllllllllllll -p 8081 -e sh /tmp/kept & wait`;

export const careless = (more: { readonly claim?: boolean; readonly strategy?: object; readonly image?: string } = {}): string =>
  [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        selector: { app: 'web' },
        ports: [
          { name: 'once', port: 80, targetPort: 8080 },
          { name: 'kept', port: 81, targetPort: 8081 },
        ],
      },
    },
    ...(more.claim
      ? [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'liqo', resources: { requests: { storage: '64Mi' } } },
          },
        ]
      : []),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: more.claim ? 1 : replicas,
        selector: { matchLabels: { app: 'web' } },
        strategy: more.strategy ?? { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 2 } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              {
                name: 'web',
                image: more.image ?? image,
                imagePullPolicy: 'IfNotPresent',
                command: ['/bin/sh', '-c', script],
                readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
                resources: { requests: { cpu: '20m', memory: '16Mi' } },
                ...(more.claim ? { volumeMounts: [{ name: 'data', mountPath: '/data' }] } : {}),
              },
            ],
            ...(more.claim ? { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } : {}),
          },
        },
      },
    },
  ]
    .map((object) => JSON.stringify(object))
    .join('\n---\n');

export type MigrateLab = Awaited<ReturnType<typeof openMigrateLab>>;

export async function openMigrateLab() {
  const { world, store, close, homeName: home, providerNames: providers, kube, nodeOf } = await openLabWorld(labSystem);
  const { deploy, delete: remove } = workloadVerbs(world);
  const { migrate, evacuate } = migrationVerbs(world, { probe: { image, pullPolicy: 'IfNotPresent' } });
  const operations = createOperations(store);
  const engine = createEngine({
    store,
    verbs: [deploy, remove, migrate, evacuate],
    brokerId: brokerId('mover'),
    leaseSeconds: 30,
    backoffSeconds: () => 0.5,
  });
  engine.start();
  const stateOf = (id: string) => store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
  const journalOf = async (id: string) =>
    (await store.db.selectFrom('journal').select('entry').where('operation', '=', id).orderBy('seq').execute()).map(({ entry }) => entrySchema.parse(entry));
  const begin = async (plan: Plan): Promise<string> => {
    const id = await operations.create({ ...by, plan });
    await operations.approve(by, id);
    engine.wake();
    return id;
  };
  const settled = async (id: string): Promise<{ id: string; state: string; detail: unknown }> => {
    for (;;) {
      const now = await stateOf(id);
      if (['done', 'rolledBack', 'failed', 'asking'].includes(now.state)) return { id, state: now.state, detail: now.outcome ?? now.question };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return {
    home,
    providers,
    nodeOf,
    kube,
    store,
    operations,
    applications: createApplications(world),
    plan: {
      deploy: (request: object) => deploy.plan(deploy.request.parse(request), by),
      delete: (request: object) => remove.plan(remove.request.parse(request), by),
      migrate: (request: object) => migrate.plan(migrate.request.parse(request), by),
      evacuate: (request: object) => evacuate.plan(evacuate.request.parse(request), by),
    },
    begin,
    settled,
    journalOf,
    carryOut: async (outcome: PlanOutcome) => settled(await begin(planOf(outcome))),
    async close() {
      await engine.stop();
      await close();
    },
  };
}

export const planOf = (outcome: PlanOutcome): Plan => {
  if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
  return outcome.plan;
};

const entrySchema = z.looseObject({
  step: z.number(),
  phase: z.string(),
  state: z.string(),
  at: z.string(),
  result: z.unknown().optional(),
  failure: z.looseObject({ message: z.string() }).optional(),
});

export const addressOf = (service: KubeObject | null): string => z.object({ spec: z.object({ clusterIP: z.string() }) }).parse(service).spec.clusterIP;

/** Uids of the pods of an application that are at a provider. */
export async function podsAt(lab: MigrateLab, namespace: string, cluster: string): Promise<string[]> {
  const pods = await lab.kube(lab.home).list({ apiVersion: 'v1', kind: 'Pod', namespace });
  return pods
    .filter(
      ({ spec, metadata }) =>
        metadata.deletionTimestamp === undefined && z.looseObject({ nodeName: z.string().optional() }).parse(spec).nodeName === lab.nodeOf(cluster),
    )
    .map(({ metadata }) => metadata.uid ?? '')
    .sort();
}

/** Deletes everything that a journey may have left under this name, whoever made it. */
export async function clear(lab: MigrateLab, namespace: string): Promise<void> {
  const kube = lab.kube(lab.home);
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  if (!(await kube.get(ref))) return;
  for (const kind of ['Pod', 'PersistentVolumeClaim'])
    for (const { metadata } of await kube.list({ apiVersion: 'v1', kind, namespace }))
      if (kind === 'Pod') await kube.delete({ apiVersion: 'v1', kind, namespace, name: metadata.name });
  await kube.delete(ref);
  await kube.until(ref, (object) => object === null, { what: 'the namespace to be gone', timeoutSeconds: 180 });
}

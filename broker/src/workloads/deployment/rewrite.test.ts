import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, fieldsOf, listOf } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';
import { remoteClusterKey, type Sites } from './affinity.ts';
import { mayRunOn, type NodeFacts, whyNotOn } from './nodeMatch.ts';
import { readPods } from './podTemplate.ts';
import { rewrite, skipReflection } from './rewrite.ts';

const sites = (...remote: string[]): Sites => ({ remote, home: false });
const pod = (spec: object) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });
const deployment = (spec: object = {}, name = 'web'): KubeManifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: pod(spec) },
});
const secret = (name: string): KubeManifest => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
const specOf = (manifest: KubeManifest | undefined) => {
  const reading = manifest && readPods(manifest);
  if (reading?.kind !== 'pods') throw new Error('no pods');
  return reading.spec;
};
const skips = (manifest: KubeManifest | undefined) => at(manifest, ['metadata', 'annotations', skipReflection]) === 'true';

describe('binding manifests to the chosen clusters', () => {
  const label = fc.constantFrom('arch', 'zone', remoteClusterKey);
  const value = fc.constantFrom('a', 'b', 'c', '1', '2', '10');
  const operator = fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt');
  const expression = fc
    .record({ key: label, operator, values: fc.array(value, { maxLength: 3 }) })
    .map(({ key, operator: sign, values }) => (sign === 'Exists' || sign === 'DoesNotExist' ? { key, operator: sign } : { key, operator: sign, values }));
  const field = fc.record({
    key: fc.constant('metadata.name'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(fc.constantFrom('n1', 'n2'), { minLength: 1, maxLength: 2 }),
  });
  const term = fc.record({ matchExpressions: fc.array(expression, { maxLength: 3 }), matchFields: fc.array(field, { maxLength: 1 }) }, { requiredKeys: [] });
  const affinity = fc.option(
    fc.record({
      nodeAffinity: fc.record(
        { requiredDuringSchedulingIgnoredDuringExecution: fc.record({ nodeSelectorTerms: fc.array(term, { maxLength: 3 }) }) },
        { requiredKeys: [] },
      ),
    }),
    { nil: undefined },
  );
  const nodeSelector = fc.option(fc.dictionary(label, value, { maxKeys: 2 }), { nil: undefined });
  const node: fc.Arbitrary<NodeFacts> = fc.record({ name: fc.constantFrom('n1', 'n2', 'n3'), labels: fc.dictionary(label, value, { maxKeys: 3 }) });
  const chosen = fc.record({ remote: fc.uniqueArray(value, { maxLength: 3 }), home: fc.boolean() }).filter(({ remote, home }) => remote.length > 0 || home);
  const kinds = fc.constantFrom<(template: object) => KubeManifest>(
    (template) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: { template } }),
    (template) => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'x' },
      spec: { template, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
    }),
    (template) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x' }, spec: { template } }),
    (template) => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'x' }, spec: { jobTemplate: { spec: { template } } } }),
    (template) => ({ ...template, apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }),
  );
  const isChosen = ({ labels }: NodeFacts, { remote, home }: Sites) =>
    labels[remoteClusterKey] === undefined ? home : remote.includes(labels[remoteClusterKey]);

  it('never lets a pod of any manifest run on a node outside the chosen clusters, and keeps out of no chosen node that the user allowed', () => {
    fc.assert(
      fc.property(kinds, affinity, nodeSelector, chosen, node, (kind, wanted, selector, where, on) => {
        const spec = { ...(wanted === undefined ? {} : { affinity: wanted }), ...(selector === undefined ? {} : { nodeSelector: selector }) };
        const manifest = kind(pod(spec));
        const before = mayRunOn(specOf(manifest), on);
        const after = mayRunOn(specOf(rewrite([manifest], { application: 'shop', sites: where })[0]), on);
        expect(after).toBe(before && isChosen(on, where));
      }),
      { numRuns: 1500 },
    );
  });

  it('keeps an empty term of the user from matching everything once ours is joined', () => {
    const affinityOfNothing = { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } } };
    const [bound] = rewrite([deployment(affinityOfNothing)], { application: 'shop', sites: sites('pa') });
    expect(mayRunOn(specOf(bound), { name: 'pa', labels: { [remoteClusterKey]: 'pa' } })).toBe(false);
  });

  it('says what a pod asks that a node does not have', () => {
    expect(whyNotOn(specOf(deployment({ nodeSelector: { arch: 'arm64' } })), { name: 'pa', labels: { arch: 'amd64' } })).toBe(
      'nodeSelector asks arch=arm64, its node has arch=amd64',
    );
  });

  it('leaves everything else of the user as it was', () => {
    const theirs = deployment({ tolerations: [{ key: 'x' }], terminationGracePeriodSeconds: 7 });
    const [bound] = rewrite([theirs], { application: 'shop', sites: sites('pa', 'pb') });
    expect(at(bound, ['spec', 'replicas'])).toBe(3);
    expect(at(bound, ['spec', 'selector'])).toEqual({ matchLabels: { app: 'web' } });
    expect(specOf(bound)).toMatchObject({ tolerations: [{ key: 'x' }], terminationGracePeriodSeconds: 7 });
    expect(bound?.metadata).toMatchObject({ namespace: 'shop', labels: { 'hanse.dev/application': 'shop' } });
    expect(at(bound, ['spec', 'template', 'metadata', 'labels'])).toEqual({ app: 'web', 'hanse.dev/application': 'shop' });
  });

  it('spreads over providers without requiring it, only where there are several', () => {
    const spreadOf = (manifest: KubeManifest | undefined) => specOf(manifest).topologySpreadConstraints;
    expect(spreadOf(rewrite([deployment()], { application: 'shop', sites: sites('pa') })[0])).toEqual([]);
    expect(spreadOf(rewrite([deployment()], { application: 'shop', sites: sites('pa', 'pb') })[0])).toMatchObject([
      { topologyKey: remoteClusterKey, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 1 },
    ]);
  });

  it('keeps every Secret at home that no pod refers to, and none that one does', () => {
    const refer: Record<string, object> = {
      volume: { volumes: [{ name: 'v', secret: { secretName: 'volume' } }] },
      projected: { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'projected' } }] } }] },
      csi: { volumes: [{ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } }] },
      env: { containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }] }] },
      envfrom: { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'envfrom' } }] }] },
      init: { initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'init' } }] }] },
      ephemeral: { ephemeralContainers: [{ name: 'i', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'ephemeral', key: 'k' } } }] }] },
      pull: { imagePullSecrets: [{ name: 'pull' }] },
      account: { serviceAccountName: 'robot' },
    };
    const robot: KubeManifest = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' }, imagePullSecrets: [{ name: 'account' }] };
    for (const [name, spec] of Object.entries(refer)) {
      const made = rewrite([...Object.keys(refer).map(secret), robot, deployment(spec)], { application: 'shop', sites: sites('pa') });
      const leaving = made.filter((manifest) => manifest.kind === 'Secret' && !skips(manifest)).map(({ metadata }) => metadata.name);
      expect(leaving).toEqual([name]);
    }
  });

  it('carries no token of the home cluster to a provider unless someone asked for it', () => {
    const mount = (...manifests: KubeManifest[]) =>
      specOf(rewrite(manifests, { application: 'shop', sites: sites('pa') }).find(({ kind }) => kind === 'Deployment')).automountServiceAccountToken;
    const robot = (automount?: boolean): KubeManifest => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'robot' },
      ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
    });
    expect(mount(deployment())).toBe(false);
    expect(mount(robot(), deployment({ serviceAccountName: 'robot' }))).toBe(false);
    expect(mount(robot(true), deployment({ serviceAccountName: 'robot' }))).toBeUndefined();
    expect(mount(deployment({ automountServiceAccountToken: true }))).toBe(true);
  });

  it('leaves the number of replicas to an autoscaler that is there', () => {
    const scaler: KubeManifest = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { maxReplicas: 9, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    };
    const [bound, other] = rewrite([deployment(), deployment({}, 'other'), scaler], { application: 'shop', sites: sites('pa') });
    expect(at(bound, ['spec', 'replicas'])).toBeUndefined();
    expect(at(other, ['spec', 'replicas'])).toBe(3);
  });

  it('changes none of the manifests it was given', () => {
    const given = [deployment(), secret('s')];
    const copy = structuredClone(given);
    rewrite(given, { application: 'shop', sites: sites('pa', 'pb') });
    expect(given).toEqual(copy);
    expect(listOf(fieldsOf(given[0]).nothing)).toEqual([]);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterFacts } from './facts.ts';
import { surveyOf } from './survey.ts';

const facts: ClusterFacts = {
  server: 'https://192.0.2.1:6443',
  uid: 'u',
  gitVersion: 'v1.35.4+rke2r1',
  groups: [],
  objects: [],
  nodes: null,
  liqo: { clusterId: 'fra1', version: 'v1.2.0', versionSource: 'label', networking: false, missingKinds: [] },
  podCidrs: ['10.42.0.0/16'],
  serviceCidrs: null,
  clockSkewMs: 0,
  credentialEndsAt: null,
  rights: [],
  policies: true,
};
const node = (name: string, more: { labels?: object; annotations?: object; spec?: object; ready?: string; allocatable?: object } = {}) => ({
  metadata: { name, labels: { 'kubernetes.io/arch': 'amd64', ...more.labels }, annotations: more.annotations ?? {} },
  spec: more.spec ?? {},
  status: { allocatable: { cpu: '8', memory: '32Gi', pods: '110', ...more.allocatable }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
});
const unseen = { nodes: null, storageClasses: null, daemonSets: null };

test('counts only what it can lend: its own nodes, ready and open to everyone', () => {
  const nodes = [
    node('a', { labels: { 'nvidia.com/gpu.product': 'NVIDIA-L40S' }, allocatable: { 'nvidia.com/gpu': '2' } }),
    node('b', { labels: { 'kubernetes.io/arch': 'arm64', 'topology.kubernetes.io/zone': 'fra-a' } }),
    node('borrowed', { labels: { 'liqo.io/type': 'virtual-node', 'liqo.io/remote-cluster-id': 'other' } }),
    node('gone', { ready: 'Unknown' }),
    node('cordoned', { spec: { unschedulable: true } }),
    node('control', { spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } }),
    { kind: 'no node at all' },
  ];
  expect(surveyOf(facts, { ...unseen, nodes }).nodes).toEqual({
    count: 2,
    allocatable: { cpuMillis: 16_000, memoryBytes: 64 * 2 ** 30, pods: 220, gpus: 2 },
    architectures: ['amd64', 'arm64'],
    gpuModels: ['NVIDIA-L40S'],
    zones: ['fra-a'],
  });
  expect(surveyOf(facts, unseen)).toMatchObject({ nodes: null, storageClasses: null, cni: null, distribution: 'rke2', serviceCidrs: null });
});

test('names a network plug-in only by what runs there', () => {
  const cni = (...daemonSets: string[]): string | null => surveyOf(facts, { ...unseen, daemonSets }).cni;
  expect([cni('cilium'), cni('calico-node'), cni('rke2-canal', 'calico-node'), cni('kube-proxy'), cni()]).toEqual(['cilium', 'calico', 'canal', null, null]);
  const inProcess = node('k3s', { annotations: { 'flannel.alpha.coreos.com/backend-type': 'vxlan' } });
  expect(surveyOf(facts, { ...unseen, nodes: [inProcess] }).cni).toBe('flannel');
});

test('leaves out the storage class behind which Liqo stands, and takes any object for what can be read of it', () => {
  const storageClasses = [
    { metadata: { name: 'liqo' }, provisioner: 'liqo.io/storage' },
    { metadata: { name: 'b', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'x' },
    { metadata: { name: 'a' } },
    null,
  ];
  expect(surveyOf(facts, { ...unseen, storageClasses }).storageClasses).toEqual([
    { name: 'a', provisioner: '', isDefault: false },
    { name: 'b', provisioner: 'x', isDefault: true },
  ]);
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (objects) => {
      expect(surveyOf(facts, { nodes: objects, storageClasses: objects, daemonSets: [] }).kubernetesVersion).toBe(facts.gitVersion);
    }),
    { numRuns: 100, seed: 2 },
  );
});

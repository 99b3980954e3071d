import { describe, expect, it } from 'vitest';
import { readAmount, readQuantity } from './quantity.ts';
import { projectNode, projectPod, snapshotOf, type About } from './snapshot.ts';

const about: About = {
  cluster: 'home',
  side: 'consumer',
  health: { state: 'connected', detail: '' },
  kubernetesVersion: 'v1.35.4',
  liqoVersion: null,
  podCidrs: [],
  serviceCidrs: [],
};
const node = (name: string, more: { labels?: object; spec?: object; ready?: string } = {}) =>
  projectNode({
    metadata: { name, labels: more.labels ?? {} },
    spec: more.spec ?? {},
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', 'nvidia.com/gpu': '2' }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
  });
const requests = (cpu: string) => ({ resources: { requests: { cpu } } });
const pod = (nodeName: string, spec: object, phase = 'Running') => projectPod({ metadata: { name: 'p' }, spec: { nodeName, ...spec }, status: { phase } });
const picture = (nodes: readonly ReturnType<typeof node>[], pods: readonly ReturnType<typeof pod>[] = []) =>
  snapshotOf(about, { nodes: nodes.flatMap((one) => one ?? []), pods: pods.flatMap((one) => one ?? []) });

describe('quantities', () => {
  it.each([
    ['1', 1],
    ['100m', 1],
    ['1500m', 2],
    ['1e3', 1000],
    ['1Ki', 1024],
    ['.5Gi', 536_870_912],
    ['-1', null],
    ['1Kb', null],
    ['', null],
  ])('%s is %s', (text, value) => expect(readQuantity(text)).toBe(value));

  it('reads what it can of a resource list', () => {
    expect(readAmount({ cpu: '250m', memory: 1024, pods: 'x', 'amd.com/gpu': '1', 'nvidia.com/mig-1g.5gb': '2' })).toEqual({
      cpuMillis: 250,
      memoryBytes: 1024,
      pods: 0,
      gpus: 3,
    });
  });
});

describe('a picture of a cluster', () => {
  const virtual = { 'liqo.io/type': 'virtual-node', 'liqo.io/remote-cluster-id': 'pa' };

  it("counts a provider's capacity once, and not as the cluster's own", () => {
    const taints = [{ key: 'virtual-node.liqo.io/not-allowed', effect: 'NoExecute' }];
    const found = picture([node('a'), node('pa', { labels: virtual, spec: { taints } })]);
    expect(found.own?.allocatable.cpuMillis).toBe(4000);
    expect(found.providers['pa']?.allocatable.gpus).toBe(2);
  });

  it('counts no node that is not ready, cordoned or tainted', () => {
    const found = picture([
      node('a', { ready: 'Unknown' }),
      node('b', { spec: { unschedulable: true } }),
      node('c', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }),
    ]);
    expect(found.own?.allocatable).toEqual({ cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 });
  });

  it('takes off what bound pods ask for, until they end', () => {
    const found = picture(
      [node('a')],
      [
        pod('a', { containers: [requests('1'), requests('500m')] }),
        pod('a', { containers: [requests('1')] }, 'Succeeded'),
        pod('', { containers: [requests('1')] }),
      ],
    );
    expect(found.own?.free).toMatchObject({ cpuMillis: 2500, pods: 109 });
  });

  it('counts side cars beside what follows them and init containers one after the other', () => {
    const initContainers = [{ ...requests('1'), restartPolicy: 'Always' }, requests('2')];
    expect(pod('a', { initContainers, containers: [requests('500m')] })?.requests.cpuMillis).toBe(3000);
    expect(pod('a', { initContainers, containers: [requests('3')], overhead: { cpu: '100m' } })?.requests.cpuMillis).toBe(4100);
  });

  it('says nothing of nodes that may not be seen', () => {
    expect(snapshotOf(about, null)).toMatchObject({ nodes: null, own: null });
  });
});

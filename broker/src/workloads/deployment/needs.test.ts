import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantityValue, readQuantity } from '../../clusters/quantity.ts';
import type { KubeManifest } from '../manifest.ts';
import { needsOf } from './needs.ts';

const workload = (kind: string, spec: object, pod: object): KubeManifest => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name: 'x' },
  spec: { ...spec, template: { spec: pod } },
});
const asks = (requests: object, more: object = {}) => ({ name: 'c', resources: { requests }, ...more });

describe('what an application needs', () => {
  it('counts replicas and what the largest replica requests', () => {
    const { replicas, each } = needsOf([
      workload('Deployment', { replicas: 6 }, { containers: [asks({ cpu: '250m', memory: '64Mi' }), asks({ cpu: 1, memory: '1Gi', 'nvidia.com/gpu': '2' })] }),
      workload('Job', { parallelism: 3 }, { containers: [asks({ cpu: '2', memory: '1Mi' })] }),
    ]);
    expect(replicas).toBe(9);
    expect(each).toEqual({ cpuMillis: 2000, memoryBytes: 2 ** 30 + 64 * 2 ** 20, pods: 1, gpus: 2 });
  });

  it('counts the hungriest init container, and sidecars beside everything', () => {
    const pod = {
      containers: [asks({ cpu: '100m', memory: '0' })],
      initContainers: [asks({ cpu: '50m', memory: '0' }, { restartPolicy: 'Always' }), asks({ cpu: '900m', memory: '0' })],
    };
    expect(needsOf([workload('Deployment', {}, pod)]).each.cpuMillis).toBe(950);
  });

  it('takes a limit for a request that is missing, and says what it had to assume', () => {
    const limited = workload('Deployment', {}, { containers: [{ name: 'c', resources: { limits: { cpu: '300m', memory: '1Mi' } } }] });
    expect(needsOf([limited])).toMatchObject({ each: { cpuMillis: 300 }, assumptions: [] });
    const silent = needsOf([workload('Deployment', {}, { containers: [{ name: 'c' }] })]);
    expect(silent.each).toMatchObject({ cpuMillis: 100, memoryBytes: 128 * 2 ** 20 });
    expect(silent.assumptions[0]).toMatch(/Deployment x: container c requests no CPU or memory; 0.1 CPU/);
  });

  it('needs room for as many as an autoscaler may make', () => {
    const scaler: KubeManifest = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'x' } },
    };
    expect(needsOf([workload('Deployment', { replicas: 2 }, { containers: [asks({})] }), scaler]).replicas).toBe(9);
  });

  it('reads every way Kubernetes writes an amount', () => {
    expect(['100m', '0.1', '.1', '1', '1e3', '1E3', '2k', '1Ki', '1.5Gi', '500u', '+1'].map(quantityValue)).toEqual([
      0.1,
      0.1,
      0.1,
      1,
      1000,
      1000,
      2000,
      1024,
      1.5 * 2 ** 30,
      0.0005,
      1,
    ]);
    expect(['', 'm', '1 Gi', '-1', '1gi', '0x10', '1e', 'NaN', '1Ki2'].map(quantityValue)).toEqual([null, null, null, null, null, null, null, null, null]);
    expect([readQuantity('0.1', 1000), readQuantity('1u', 1000), readQuantity('1.5')]).toEqual([100, 1, 2]);
  });

  it('never understates an amount of thousandths', () => {
    fc.assert(fc.property(fc.nat(1_000_000), (millis) => readQuantity(`${millis}m`, 1000) === millis));
    fc.assert(fc.property(fc.nat(1_000_000), (millis) => readQuantity(String(millis / 1000), 1000) === millis));
    fc.assert(fc.property(fc.string(), (text) => void (quantityValue(text) ?? 0)));
  });
});

// How late home's data plane is in the demo: what happens to a pod at a provider is first told at home, then written into the tables of home's nodes. By a clock of the test's own.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startMember, type Member } from '../apiServer.ts';
import { OFFLOADING, REMOTE } from '../controllers/liqo/names.ts';
import { virtualKubelet } from '../controllers/liqo/reflection.ts';
import { endpoints } from '../controllers/pods.ts';
import { lifelike } from '../start.ts';
import { startProxy, type Proxy } from './proxy.ts';

const stepMs = 10;
const names = Array.from({ length: 12 }, (_, index) => `web-${index}`);
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');

let home: Member;
let provider: Member;
let proxy: Proxy;
beforeEach(async () => {
  [home, provider] = await Promise.all([startMember('home'), startMember('po')]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  for (const member of [home, provider])
    for (const name of ['shop', 'tenant']) member.objects.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const kubeconfig = base64({ clusters: [{ cluster: { server: provider.server } }] });
  const identity = { name: 'kubeconfig', namespace: 'tenant', labels: { 'liqo.io/identity-type': 'ControlPlane' } };
  home.objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: identity, data: { kubeconfig } });
  home.objects.ensure({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'po', labels: { 'liqo.io/type': 'virtual-node', [REMOTE]: 'po' } } });
  home.objects.ensure({ apiVersion: OFFLOADING, kind: 'VirtualNode', metadata: { name: 'po', namespace: 'tenant' } });
  const status = { currentMapping: { shop: { remoteNamespace: 'shop' } } };
  home.objects.ensure({ apiVersion: OFFLOADING, kind: 'NamespaceMap', metadata: { name: 'po', namespace: 'tenant' }, status });
  for (const name of names) {
    home.objects.ensure({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', labels: { app: name } }, spec: { nodeName: 'po' } });
    home.objects.ensure({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec: { selector: { app: name } } });
  }
  proxy = startProxy(home, lifelike.proxy);
  pass();
});
afterEach(async () => {
  proxy.close();
  vi.useRealTimers();
  await Promise.all([home.close(), provider.close()]);
});

const pass = (): void => {
  virtualKubelet(home, (server) => (server === provider.server ? provider : undefined), lifelike);
  endpoints(home.objects, lifelike);
};

/** At the provider, at this moment. */
const turn = (isReady: boolean): void => {
  const condition = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: new Date().toISOString() };
  names.forEach((name, index) => {
    const pod = provider.objects.find('v1', 'Pod', 'shop', name);
    if (!pod) throw new Error(`${name} is not at the provider`);
    provider.objects.update(pod, (p) => {
      p.spec = { ...p.spec, nodeName: 'po-node' };
      p.status = { phase: 'Running', podIP: `10.202.1.${index + 1}`, conditions: [condition] };
    });
  });
};

it('is told of a pod after 0.5 to 2 s, and sends to it, or no more, 1 to 4 s after it came or went', () => {
  const isTold = (name: string): boolean =>
    JSON.stringify(home.objects.find('discovery.k8s.io/v1', 'EndpointSlice', 'shop', `${name}-sim`)?.['endpoints'] ?? []).includes('"ready":true');
  const isSentTo = (name: string): boolean => proxy.pick('shop', name) !== undefined;
  for (const isReady of [true, false]) {
    turn(isReady);
    const told = new Map<string, number>();
    const sent = new Map<string, number>();
    for (let ms = 0; ms <= 5_000; ms += stepMs) {
      pass();
      for (const name of names) {
        if (!told.has(name) && isTold(name) === isReady) told.set(name, ms);
        if (!sent.has(name) && isSentTo(name) === isReady) sent.set(name, ms);
      }
      vi.advanceTimersByTime(stepMs);
    }
    for (const name of names) {
      expect(told.get(name), `${name} told`).toBeGreaterThanOrEqual(500);
      expect(told.get(name), `${name} told`).toBeLessThanOrEqual(2_000 + stepMs);
      expect(sent.get(name), `${name} sent`).toBeGreaterThanOrEqual(1_000);
      expect(sent.get(name), `${name} sent`).toBeLessThanOrEqual(4_000 + 2 * stepMs);
    }
  }
});

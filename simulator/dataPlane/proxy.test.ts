import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMember, type Member } from '../apiServer.ts';
import { startProxy } from './proxy.ts';

let member: Member;
beforeAll(async () => {
  member = await startMember('home');
  member.objects.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
});
afterAll(() => member.close());

const write = (service: string, pod: string, slice = service): void => {
  const metadata = { name: slice, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } };
  const made = member.objects.ensure({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, endpoints: [] });
  const endpoint = { addresses: ['10.201.1.1'], conditions: { ready: true, serving: true }, targetRef: { name: pod } };
  member.objects.update(made, (s) => void (s.endpoints = [endpoint]));
};
const podOf = (key: string | undefined): string | undefined => key?.split('/')[1];

it('has the tables in the end as the slices are, however many changes come in one moment', async () => {
  const proxy = startProxy(member, { msMin: 5, msMax: 8 });
  const services = Array.from({ length: 300 }, (_, index) => `web-${index}`);
  for (const service of services) {
    // a moment each, so that timers of different lengths end together
    for (const pod of ['first', 'second', 'last']) {
      write(service, pod);
      for (const until = performance.now() + 0.3; performance.now() < until;);
    }
  }
  await expect.poll(() => podOf(proxy.pick('shop', 'web-299')), { timeout: 50_000 }).toBe('last');
  await pause(50); // whatever is still to come
  expect(services.filter((service) => podOf(proxy.pick('shop', service)) !== 'last')).toEqual([]);
  proxy.close();
});

it('sends to the pods of every slice of a Service', async () => {
  const proxy = startProxy(member, { msMin: 0, msMax: 0 });
  write('both', 'here');
  write('both', 'elsewhere', 'both-from-home');
  const picked = (): string[] => [proxy.pick('shop', 'both'), proxy.pick('shop', 'both')].map((key) => podOf(key) ?? '').toSorted();
  await expect.poll(picked, { timeout: 50_000 }).toEqual(['elsewhere', 'here']);
  proxy.close();
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { less, nothing, place, type PlacementRequest, type Resources, type SnapshotCluster, together } from '../../placement/index.ts';
import { takenBy } from './taken.ts';

const amount = (cpuMillis: number): Resources => ({ cpuMillis, memoryBytes: cpuMillis, pods: 100, gpus: 0 });
const clusterWith = (name: string, free: Resources): SnapshotCluster => ({
  name,
  role: 'provider',
  provider: name,
  offering: null,
  reach: 'federated',
  facts: [],
  free,
  freeSource: 'peering',
});
const request = (subject: string, cpuMillis: number, replicas: number): PlacementRequest => ({
  subject,
  replicas,
  each: { ...amount(cpuMillis), pods: 1 },
  criteria: [],
  preferences: [],
  providersMin: 1,
  exclude: ['pa'],
});

it('never sends the applications of one evacuation together to where they do not fit together', () => {
  const application = fc.record({ cpuMillis: fc.integer({ min: 1, max: 2000 }), replicas: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(fc.array(application, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 9000 }), (all, b, c) => {
      const free = new Map([
        ['pb', amount(b)],
        ['pc', amount(c)],
      ]);
      let planned: ReadonlyMap<string, Resources> = new Map();
      for (const [index, { cpuMillis, replicas }] of all.entries()) {
        const asked = request(`a${index}`, cpuMillis, replicas);
        const clusters = [...free].map(([name, whole]) => clusterWith(name, less(whole, planned.get(name) ?? nothing)));
        const placement = place(asked, { version: 1, takenAt: '2026-11-22T00:00:00Z', clusters });
        if (placement.chosen === null) continue;
        const before = { request: asked, placement: { ...placement, chosen: [{ cluster: 'pa', replicas }] } };
        planned = together(planned, takenBy({ before, after: { request: asked, placement } }));
      }
      for (const [name, whole] of free) expect(planned.get(name)?.cpuMillis ?? 0).toBeLessThanOrEqual(whole.cpuMillis);
      expect(planned.get('pa')?.cpuMillis ?? 0).toBeLessThanOrEqual(0);
    }),
  );
});

it('gives back what the application held where it does not stay', () => {
  const asked = request('shop', 100, 4);
  const placement = place(asked, { version: 1, takenAt: '2026-11-22T00:00:00Z', clusters: [clusterWith('pb', amount(9000))] });
  const before = {
    request: asked,
    placement: {
      ...placement,
      chosen: [
        { cluster: 'pa', replicas: 3 },
        { cluster: 'pb', replicas: 1 },
      ],
    },
  };
  const taken = takenBy({ before, after: { request: asked, placement } });
  expect([taken.get('pa')?.cpuMillis, taken.get('pb')?.cpuMillis]).toEqual([-300, 300]);
});

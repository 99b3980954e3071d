import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../operations/plan.ts';
import { leavePlan } from './makeLeavePlan.ts';
import { federatePlan, resizePlan } from './makePlan.ts';
import { kinds } from './planSteps.ts';
import type { Peering } from './peering.ts';
import type { PartState } from './parts.ts';
import { type Part, parts } from './wantedChanges.ts';

const peering = (provider: string): Peering => ({
  home: 'harbour',
  provider,
  homeClusterId: 'h',
  providerClusterId: provider,
  homeNamespace: `liqo-tenant-${provider}`,
  providerNamespace: 'liqo-tenant-h',
  authentication: 'handshake',
  dataPlane: 'native',
  virtualNode: provider,
  resources: { cpuMillis: 4000, memoryBytes: 2 ** 33, pods: 110, gpus: 0 },
  state: 'peering',
});

const allDone = Object.fromEntries(parts.map((part) => [part, 'done'])) as Record<Part, PartState>;

const changesOf = (missing: readonly (typeof parts)[number][]) => ({
  state: allDone,
  missing,
  contradictions: [],
  adopted: [],
  authentication: 'handshake' as const,
});

const leaving = fc.record({ force: fc.boolean(), bidirectional: fc.boolean() });

describe('plans of federation', () => {
  it('asks the provider before anything is made, and can undo every step that makes something', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom('amstel', 'main', 'po'), { minLength: 1 }), fc.subarray([...parts]), (providers, missing) => {
        const plan = federatePlan(
          providers.map((provider) => ({ peering: peering(provider), changes: changesOf(missing) })),
          {},
        );
        expect(plan.pointOfNoReturn).toBeNull();
        expect(plan.steps.every(({ destructive, undo }) => !destructive && undo.kind !== 'irreversible')).toBe(true);
        const making = new Set<string>([
          kinds.homeNamespace,
          kinds.providerNamespace,
          kinds.nonce,
          kinds.signedNonce,
          kinds.tenant,
          kinds.identity,
          kinds.slice,
        ]);
        expect(plan.steps.filter(({ kind }) => making.has(kind)).every(({ undo }) => undo.kind === 'undo')).toBe(true);
        const firstMaking = plan.steps.findIndex(({ kind }) => making.has(kind));
        const lastAccept = plan.steps.findLastIndex(({ kind }) => kind === kinds.accept);
        expect(firstMaking === -1 || lastAccept < firstMaking).toBe(true);
      }),
    );
  });

  it('destroys nothing before the gate has been passed, and has its point of no return at the first destructive step', () => {
    fc.assert(
      fc.property(leaving, ({ force, bidirectional }) => {
        const plan = leavePlan({ peering: peering('main'), force, bidirectional, evacuation: [] }, {});
        const first = plan.steps.findIndex(({ destructive }) => destructive);
        expect(plan.pointOfNoReturn).toBe(first);
        expect(plan.steps.findIndex(({ kind }) => kind === kinds.gate)).toBeLessThan(first);
      }),
    );
  });

  it('has its point of no return where an evacuation ends the first pod', () => {
    const one = leavePlan({ peering: peering('main'), force: false, bidirectional: false, evacuation: [] }, {}).steps[0];
    if (!one) throw new Error('no step');
    const evacuation: Step[] = [one, { ...one, undo: { kind: 'irreversible', why: 'pods end' } }, one];
    expect(leavePlan({ peering: peering('main'), force: false, bidirectional: false, evacuation }, {}).pointOfNoReturn).toBe(1);
  });

  it('gives the slices back before the nodes go, those before the credential, that before the Tenant', () => {
    const order = leavePlan({ peering: peering('main'), force: false, bidirectional: false, evacuation: [] }, {}).steps.map(({ kind }) => kind);
    const wanted = [kinds.gate, kinds.endSlices, kinds.endNodes, kinds.endIdentity, kinds.endTenant, kinds.proveAbsence, kinds.endNamespaces, kinds.forget];
    expect(order.filter((kind) => (wanted as string[]).includes(kind))).toEqual(wanted);
  });

  it('touches no provider that is gone, and nothing that the other direction needs', () => {
    const forced = leavePlan({ peering: peering('main'), force: true, bidirectional: false, evacuation: [] }, {});
    expect(forced.steps.some(({ side }) => side.role === 'provider')).toBe(false);
    const both = leavePlan({ peering: peering('main'), force: false, bidirectional: true, evacuation: [] }, {}).steps.map(({ kind }) => kind);
    expect(both).not.toContain(kinds.endNamespaces);
    expect(both).not.toContain(kinds.endForeignClusters);
  });

  it('writes nothing but JSON into a plan', () => {
    const all = [
      leavePlan({ peering: peering('main'), force: false, bidirectional: false, evacuation: [] }, {}),
      resizePlan(peering('main'), peering('main').resources, {}),
      federatePlan([{ peering: peering('main'), changes: changesOf(parts) }], {}),
    ];
    for (const plan of all) expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

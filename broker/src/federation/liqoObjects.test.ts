import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HanseError } from '../errors.ts';
import { isLookedAt, isRunning, isSilent, parseAs, sliceVerdict, thing } from './liqoObjects.ts';

const words = fc.constantFrom('metadata', 'spec', 'status', 'name', 'namespace', 'uid', 'labels', 'annotations', 'conditions', 'type', 'data', '__proto__');
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('record'),
    fc.array(tie('node'), { maxLength: 3 }),
  ),
  record: fc.dictionary(words, tie('node'), { maxKeys: 4 }),
}));
const named = fc.record(
  { kind: fc.constant('Tenant'), metadata: fc.record({ name: fc.constant('t'), uid: fc.constant('u') }), spec: node, status: node },
  { requiredKeys: ['metadata'] },
);

it('whatever an API server gives for an object of Liqo is read, or turned down with the object and the field', () => {
  const readers = [
    (object: unknown) => thing(object),
    (object: unknown) => isRunning(parseAs('virtualNode', object)),
    (object: unknown) => sliceVerdict(parseAs('slice', object)),
    ...(['tenant', 'identity', 'foreignCluster', 'claim'] as const).map((name) => (object: unknown) => parseAs(name, object)),
  ];
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(node, named), fc.constantFrom(...readers), (object, read) => {
      try {
        read(object);
      } catch (error) {
        refused += 1;
        expect(error).toBeInstanceOf(HanseError);
        expect(error).toMatchObject({
          code: 'CLUSTER_REJECTED',
          message: expect.stringContaining('not what its kind promises'),
          place: { path: expect.any(String) },
        });
      }
    }),
    { numRuns: 3000, seed: 7 },
  );
  expect(refused).toBeGreaterThan(500);
});

it('never repeats what stands in an object that it turns down', () => {
  const canary = 'canary-5f1c';
  const object = { kind: 'Secret', metadata: { name: 'kubeconfig', namespace: 'liqo', uid: 7 }, data: { token: canary }, spec: canary, status: canary };
  for (const name of ['plain', 'tenant', 'slice', 'virtualNode'] as const)
    expect(() => parseAs(name, object)).toThrow(/^(?!.*canary-5f1c)Secret liqo\/kubeconfig is not/);
});

it('a provider that Liqo is going to look at is not silent before that look, whatever it will be', () => {
  const seen = (apiServerUrl: string, ...conditions: readonly object[]) =>
    parseAs('foreignCluster', { metadata: { name: 'pb' }, status: { apiServerUrl, conditions } });
  const looked = (status: string) => seen('https://pb:6443', { type: 'APIServerStatus', status });
  const notYet = [seen('https://pb:6443'), seen('https://pb:6443', { type: 'Other', status: 'Error' })];
  expect(notYet.map(isSilent)).toEqual([false, false]);
  expect(notYet.map(isLookedAt)).toEqual([false, false]);
  expect(['Established', 'Error', 'None'].map((status) => isSilent(looked(status)))).toEqual([false, true, true]);
  expect(isLookedAt(looked('Established'))).toBe(true);
  // without an address there is nothing to look at
  expect([seen(''), parseAs('foreignCluster', { metadata: { name: 'pb' } })].map(isSilent)).toEqual([true, true]);
});

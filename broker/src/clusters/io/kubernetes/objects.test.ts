import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HanseError } from '../../../errors.ts';
import { answered, retryAfterSeconds } from './failure.ts';
import { describeState, parseObject, parsePage } from './objects.ts';

const words = fc.constantFrom(
  'items',
  'metadata',
  'name',
  'continue',
  'resourceVersion',
  'status',
  'conditions',
  'phase',
  'finalizers',
  'details',
  'causes',
  'reason',
  'message',
  'retryAfterSeconds',
  '__proto__',
);
const { node: answer } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.dictionary(words, tie('node'), { maxKeys: 5 }),
    fc.array(tie('node'), { maxLength: 3 }),
  ),
}));
const runs = { numRuns: 3000, seed: 8 };

it('whatever an API server answers is an object with a name, or turned down with where it was asked', () => {
  fc.assert(
    fc.property(fc.oneof(answer, fc.record({ metadata: answer, items: answer, status: answer })), (value) => {
      for (const read of [() => [parseObject(value, 'v1', 'Pod', 'pa: get pods/web')], () => parsePage(value, 'v1', 'Pod', 'pa: get pods/web').items]) {
        try {
          for (const object of read()) {
            expect(object).toMatchObject({ metadata: { name: expect.any(String) }, kind: expect.any(String), apiVersion: expect.any(String) });
            expect(describeState(object).length).toBeLessThanOrEqual(401);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(HanseError);
          expect(error).toMatchObject({ code: 'CLUSTER_REJECTED', message: expect.stringContaining('pa: get pods/web') });
        }
      }
    }),
    runs,
  );
});

it('whatever it answers for a failure becomes one of our errors, of bounded length, and waits a bounded time', () => {
  const what = { cluster: 'pa', verb: 'get', object: 'pods/web', secret: false };
  fc.assert(
    fc.property(answer, fc.integer({ min: 400, max: 599 }), fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined)), (body, http, header) => {
      const error = answered(what, http, body);
      expect(error).toBeInstanceOf(HanseError);
      expect(error.message.length).toBeLessThan(1000);
      expect(error.fix).toMatch(/\w/);
      expect(retryAfterSeconds(header, body)).toBeGreaterThanOrEqual(0.1);
      expect(retryAfterSeconds(header, body)).toBeLessThanOrEqual(3600);
    }),
    runs,
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOf, readGrant } from './grant.ts';

const wanted = { cpuMillis: 4000, memoryBytes: 8 * 2 ** 30, pods: 110, gpus: 0 };

describe("the provider's word", () => {
  it('is yes where the provider made an account and wrote nothing', () => expect(answerOf('pa', readGrant(null), wanted)).toEqual({ kind: 'accepted' }));

  it('accepts nobody by a word that is not exactly yes', () => {
    fc.assert(
      fc.property(fc.string(), (accept) => {
        const answer = answerOf('pa', readGrant({ accept }), wanted);
        expect(answer.kind === 'accepted').toBe(accept.trim().toLowerCase() === 'yes');
      }),
    );
  });

  it('refuses more than it lends, and says by how much', () => {
    const answer = answerOf('pa', readGrant({ accept: 'yes', maxCpu: '2', maxMemory: '4Gi', maxPods: '110' }), wanted);
    expect(answer).toEqual({ kind: 'refused', why: 'pa lends less than is asked for: 4 CPU of at most 2; 8 GiB of at most 4 GiB.' });
  });

  it('lets nothing through a limit that cannot be read', () =>
    expect(answerOf('pa', readGrant({ accept: 'yes', maxCpu: 'some' }), wanted).kind).toBe('refused'));

  it('passes on the reason of a refusal', () => {
    const answer = answerOf('pa', readGrant({ accept: 'no', reason: 'the contract ended' }), wanted);
    expect(answer).toEqual({ kind: 'refused', why: 'pa refuses this consumer: the contract ended' });
  });
});

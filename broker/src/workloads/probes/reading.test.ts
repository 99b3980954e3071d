import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from './reading.ts';

const report = (message: string | null) => ({ cluster: 'pa', message, skewMs: 0, skewBoundMs: 600 });

describe('reports of probes', () => {
  it('are never read as faster than they are, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), fc.integer({ min: -600, max: 600 }), (coming, going, wrong) => {
        const now = 1_795_000_000_000;
        const read = readReport(report(`${now + coming + wrong} ${now + going + wrong} 0 9\n`), now);
        if (read.kind !== 'measured') throw new Error('unusable');
        expect(read.sender.comingMs).toBeGreaterThanOrEqual(coming);
        expect(read.sender.goingMs).toBeGreaterThanOrEqual(going);
      }),
    );
  });

  it('are turned down when they are nothing that a probe writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(null)), (message) => {
        expect(['measured', 'unusable']).toContain(readReport(report(message), 1).kind);
      }),
    );
    expect(readReport(report('0 0 9 9'), 1)).toMatchObject({ kind: 'unusable' });
    expect(readReport(report('5 5 3 2'), 1)).toMatchObject({ kind: 'unusable' }); // more lost than sent
    // one endpoint that never was one here is no delay, and no reason to know nothing
    expect(readReport(report('0 5 0 7'), 1)).toMatchObject({ kind: 'measured', sender: { comingMs: null, goingMs: 604 }, requests: { total: 7, lost: 0 } });
    expect(readReport(report('9999999999999 9999999999999 0 9'), 1)).toMatchObject({ kind: 'unusable', why: expect.stringContaining('clock') });
  });
});

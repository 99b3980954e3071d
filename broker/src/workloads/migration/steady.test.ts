import { describe, expect, it } from 'vitest';
import { afterLook, isLost, isSteady, settledAfterSilenceMs, steadyFrom, tracelessSilenceMs } from './steady.ts';

const well = { answered: true, complete: true };

describe('whether replicas elsewhere may be relied on', () => {
  it('is so after the time that is needed, when every look is well', () => {
    const state = afterLook(steadyFrom(0, 3000), { atMs: 1000, ...well });
    expect(isSteady(state, 2999)).toBe(false);
    expect(isSteady(state, 3000)).toBe(true);
  });

  it('begins again with each replica that is missing', () => {
    const gap = afterLook(steadyFrom(0, 3000), { atMs: 2000, answered: true, complete: false });
    expect(isSteady(gap, 100_000)).toBe(false);
    expect(isSteady(afterLook(gap, { atMs: 3000, ...well }), 5999)).toBe(false);
    expect(isSteady(afterLook(gap, { atMs: 3000, ...well }), 6000)).toBe(true);
  });

  it('is never so while an API server is silent', () => {
    const silent = afterLook(steadyFrom(0, 3000), { atMs: 1000, answered: false, complete: true });
    expect(isSteady(silent, 1_000_000)).toBe(false);
  });

  it('takes long enough after a long silence for what it hid to show', () => {
    let state = afterLook(steadyFrom(0, 3000), { atMs: 1000, answered: false, complete: true });
    state = afterLook(state, { atMs: 5000, answered: false, complete: true });
    state = afterLook(state, { atMs: 1001 + tracelessSilenceMs, ...well });
    expect(isSteady(state, 1000 + tracelessSilenceMs + settledAfterSilenceMs)).toBe(false);
    expect(isSteady(state, 1001 + tracelessSilenceMs + settledAfterSilenceMs)).toBe(true);
  });

  it('takes no longer after a short one', () => {
    let state = afterLook(steadyFrom(0, 3000), { atMs: 1000, answered: false, complete: true });
    state = afterLook(state, { atMs: 2000, ...well });
    expect(isSteady(state, 5000)).toBe(true);
  });

  it('is lost when the silence goes on, and not before', () => {
    const state = afterLook(steadyFrom(0, 3000), { atMs: 1000, answered: false, complete: true });
    expect(isLost(state, 1000 + tracelessSilenceMs)).toBe(false);
    expect(isLost(state, 1001 + tracelessSilenceMs)).toBe(true);
    expect(isLost(steadyFrom(0, 3000), 1_000_000)).toBe(false);
  });
});

import { expect, it } from 'vitest';
import { ownerId } from '../../ids.ts';
import type { Plan, Validity } from '../../operations/plan.ts';
import { leaveVerb } from './leave.ts';

const nobody = async (): Promise<never> => {
  throw new Error('nobody is asked');
};
const deps = (stillValid: (plan: Plan) => Validity): Parameters<typeof leaveVerb>[0] => ({
  clusters: { home: nobody, find: nobody, list: nobody, kube: nobody },
  peerings: { find: nobody, list: nobody, put: nobody, forget: nobody },
  reservations: { hold: nobody, apply: nobody, cancel: nobody, free: nobody },
  usersOf: nobody,
  evacuation: { plan: nobody, stillValid: async (_, plan) => stillValid(plan) },
});
const plan = (madeFrom: Plan['madeFrom']): Plan => ({ kind: 'leave', subject: 'pa', title: '', steps: [], pointOfNoReturn: null, notes: [], madeFrom });

it('a leave that moves applications away first is held against the world as a move is, before it begins and before its point of no return', async () => {
  const stale: Validity = { valid: false, reasons: ['Deployment web of shop is new.'] };
  const { stillValid } = leaveVerb(
    deps(() => stale),
    {},
  );
  const by = { owner: ownerId('default') };
  expect(await stillValid?.(plan({ clusters: [], moves: [] }), by)).toEqual(stale);
  expect(await stillValid?.(plan({ clusters: [] }), by)).toEqual({ valid: true });
});

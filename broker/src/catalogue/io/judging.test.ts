import { expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { isReliable, policyOf, stateOf } from '../index.ts';
import { createJudge } from './judging.ts';

test('a credential that cannot be judged is believed by nobody, and keeps no other from being judged', () => {
  const issuer = anIssuer('did:web:csp.example');
  const validity = { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' };
  const token = signJwt(issuer, aHeader(issuer), aPayload(issuer, validity, 'urn:vc', [{ id: 'urn:a' }]));
  const faulty = new Map();
  faulty.get = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  const judging = createJudge(() => 'key');
  const judgement = judging(token, faulty, policyOf({}), new Date('2026-11-22T08:00:00Z'));
  expect(isReliable(judgement)).toBe(false);
  expect(stateOf(judgement)).toBe('unverifiable');
  expect(judgement.checks).toMatchObject([{ reason: expect.stringContaining('Maximum call stack size exceeded') }]);
});

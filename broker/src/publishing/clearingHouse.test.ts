import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkNames } from '../catalogue/index.ts';
import { complianceQuestion, notaryQuestion, readAnswer } from './clearingHouse.ts';
import { remedyFor } from './remedies.ts';

test('asks as API v2 has it, with both ids and nothing that could lead elsewhere', () => {
  const asked = notaryQuestion('https://notary.example/', { kind: 'vat-id', number: 'DE1/../2?x=1', vcId: 'https://a/b', subjectId: 'https://a/b#cs' });
  expect(asked.url).toBe(
    'https://notary.example/v2/registration-numbers/vat-id/DE1%2F..%2F2%3Fx%3D1?vcId=https%3A%2F%2Fa%2Fb&subjectId=https%3A%2F%2Fa%2Fb%23cs',
  );
  expect(complianceQuestion('https://gxdch.example', 'L1', 'https://a/l', 'a.b.c')).toEqual({
    url: 'https://gxdch.example/v2/api/credential-offers/label-level-1?vcid=https%3A%2F%2Fa%2Fl',
    body: 'a.b.c',
  });
});

test('takes nothing for a credential that is none, and repeats a refusal in one bounded line', () => {
  const refusal = (status: number, text: string): string => {
    const answer = readAnswer(status, text);
    return 'refusal' in answer ? answer.refusal : 'none';
  };
  expect(refusal(409, '{"statusCode":409,"message":{"conforms":false,"results":["no LegalPerson","no terms"]},"error":"Conflict"}')).toBe(
    'it answered 409: no LegalPerson; no terms; Conflict',
  );
  expect(refusal(502, '<html>bad gateway</html>')).toBe('it answered 502: <html>bad gateway</html>');
  expect(refusal(201, 'not a token')).toContain('is no credential');
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 599 }),
      fc.oneof(
        fc.json(),
        fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 2000 }).map((codes) => String.fromCodePoint(...codes)),
      ),
      (status, text) => {
        const told = refusal(status, text);
        expect(told).not.toBe('none');
        expect(told.length).toBeLessThan(1500);
        if (status !== 200 && status !== 201) expect(told).not.toMatch(/\p{C}/u);
      },
    ),
    { numRuns: 100, seed: 5 },
  );
});

test('tells what to do about every check that did not pass', () => {
  for (const name of checkNames) {
    expect(remedyFor({ name, result: 'passed' })).toBeNull();
    for (const result of ['failed', 'unknown'] as const) expect(remedyFor({ name, result })?.length, name).toBeGreaterThan(10);
  }
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HanseError } from '../errors.ts';
import { aCriterion } from '../../../test/fixtures/randomWorlds.ts';
import { parseCriteria } from './criterion.ts';
import { parseCriterion, parsePolicy, parsePreference, printCriterion, printPreference } from './index.ts';

const refusal = (act: () => unknown): HanseError => {
  try {
    act();
  } catch (error) {
    if (error instanceof HanseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('what is printed is read as the same criterion', () => {
  fc.assert(
    fc.property(aCriterion, (criterion) => {
      expect(parseCriterion(printCriterion(criterion))).toEqual(criterion);
    }),
  );
  const text = fc.tuple(
    fc.constantFrom('region', 'gpu.model', 'city'),
    fc.constantFrom('=', '!='),
    fc.array(fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9 ._:/+#()-]{0,20}[A-Za-z0-9])?$/), { minLength: 1, maxLength: 5 }),
  );
  fc.assert(
    fc.property(text, ([fact, operator, values]) => {
      const criterion = parseCriterion(`${fact}${operator}${values.join(',')}`);
      expect(criterion.values).toEqual([...new Set(values)]);
      expect(parseCriterion(printCriterion(criterion))).toEqual(criterion);
    }),
  );
});

test('any text is read or refused with a place and a remedy, never a crash', () => {
  const garbage = fc.oneof(
    fc.string({ maxLength: 600 }),
    fc
      .tuple(fc.constantFrom('country', 'label', 'gpu.count', 'price', '__proto__'), fc.constantFrom('=', '>=', '!=', '@', '=='), fc.string())
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(garbage, (text) => {
      for (const parse of [parseCriterion, parsePreference]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(HanseError);
          expect(error).toMatchObject({ code: 'INVALID_REQUEST', place: { path: expect.any(String) }, fix: expect.stringMatching(/\w/) });
        }
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});

test('a mistyped criterion is told what it could have been', () => {
  expect(refusal(() => parseCriterion('contry=DE')).fix).toContain('Did you mean country?');
  expect(refusal(() => parseCriterion('country>=DE')).message).toContain('country has no order');
  expect(refusal(() => parseCriterion('label>=L7')).fix).toContain('SC, L1, L2, L3');
  expect(refusal(() => parseCriterion('label>=L1@notarized')).fix).toContain('notarised');
  expect(refusal(() => parseCriterion('gpu.count>=4,8')).message).toContain('exactly one value');
  expect(refusal(() => parseCriterion('gpu.count>=many')).fix).toContain('number');
});

test('criteria that nothing can satisfy together are refused, with both of them', () => {
  const together = (...texts: string[]) => refusal(() => parseCriteria(texts));
  expect(together('cpu.cores>=64', 'cpu.cores<=32').message).toContain('together with cpu.cores>=64 nothing can satisfy it');
  expect(together('country=DE', 'country=NL').place).toEqual({ path: 'country=NL' });
  expect(together('price<0.05', 'price>=0.05').message).toContain('price<0.05');
  for (const possible of [
    ['cpu.cores>=64', 'cpu.cores<=64'],
    ['country=EU', 'country=DE'],
    // two labels, or two assurances, can each satisfy one
    ['label>=L2', 'label<=L1'],
    ['cpu.cores>=64@certified', 'cpu.cores<=32'],
  ])
    expect(parseCriteria(possible)).toHaveLength(2);
});

test('countries and labels are read in any case', () => {
  expect(parseCriterion(' country = de, nl @certified ')).toEqual({ fact: 'country', operator: '=', values: ['DE', 'NL'], assurance: 'certified' });
  expect(printPreference(parsePreference('price'))).toBe('price:lowest');
  expect(parsePreference('cpu.cores:lowest*2.5')).toEqual({ fact: 'cpu.cores', direction: 'lowest', weight: 2.5 });
});

const policy = `apiVersion: hanse.dev/v1
kind: Policy
metadata:
  name: eu
spec:
  criteria:
    - country=EU
    - contry=DE
  spread: { providersMin: 2 }
`;

test('a policy names file, line and path of every fault', () => {
  expect(parsePolicy(policy.replace('contry', 'country'), 'p.yaml')).toMatchObject({
    name: 'eu',
    providersMin: 2,
    criteria: [{ fact: 'country' }, { fact: 'country' }],
  });
  expect(refusal(() => parsePolicy(policy, 'p.yaml')).place).toEqual({ file: 'p.yaml', line: 8, path: 'spec.criteria.1' });
  const misspelt = refusal(() => parsePolicy(policy.replace('spread:', 'spreed:').replace('contry', 'country'), 'p.yaml'));
  expect(misspelt.message).toMatch(/p\.yaml:\d+ \(spec\).*spreed/);
  expect(refusal(() => parsePolicy('a: [', 'p.yaml')).place).toMatchObject({ file: 'p.yaml', line: 1 });
  expect(refusal(() => parsePolicy('a: &x [1]\nb: *x', 'p.yaml')).message).toContain('aliases');
});

test('any text is a policy or refused, never a crash', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(fc.nat(policy.length), fc.string({ maxLength: 5 })).map(([at, more]) => policy.slice(0, at) + more + policy.slice(at)),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        parsePolicy(given, 'p.yaml');
      } catch (error) {
        expect(error).toBeInstanceOf(HanseError);
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});

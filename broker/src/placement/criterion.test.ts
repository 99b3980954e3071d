import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factTable } from '../catalogue/index.ts';
import { HanseError } from '../errors.ts';
import { aCriterion } from '../../../test/fixtures/randomWorlds.ts';
import { aCluster, aFact } from '../../../test/fixtures/worlds.ts';
import { factJudge } from './criteria/fact.ts';
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
  expect(refusal(() => parseCriterion('contry=DE')).fix).toBe(`Did you mean country? hanse facts lists all ${Object.keys(factTable).length} of them.`);
  expect(refusal(() => parseCriterion('gpu>=4')).fix).toContain('Did you mean gpu.count or gpu.model?');
  expect(refusal(() => parseCriterion('memry>=4')).fix).toContain('Did you mean memory.gib?');
  expect(refusal(() => parseCriterion('label>=L1@certifed')).fix).toContain('Did you mean certified?');
  expect(refusal(() => parseCriterion('country>=DE')).message).toContain('country has no order');
  expect(refusal(() => parseCriterion('label>=L7')).fix).toContain('SC, L1, L2, L3');
  expect(refusal(() => parseCriterion('label>=L1@notarized')).fix).toContain('notarised');
  expect(refusal(() => parseCriterion('gpu.count>=4,8')).message).toContain('exactly one value');
  expect(refusal(() => parseCriterion('gpu.count>=many')).fix).toContain('number');
});

test('criteria that nothing can satisfy together are refused, with both of them', () => {
  const together = (...texts: string[]) => refusal(() => parseCriteria(texts));
  expect(together('cpu.cores>=64', 'cpu.cores<=32').message).toBe('The criterion "cpu.cores<=32" can never hold together with cpu.cores>=64.');
  expect(together('country!=DE', 'label>=L1', 'country=DE').place).toEqual({ path: 'country=DE' });
  expect(together('country=EU', 'country!=DE,FR', 'country=FR').message).toContain('together with country!=DE,FR.');
  expect(together('country!=DE', 'country!=FR', 'country=DE,FR').message).toContain('together with country!=DE and country!=FR.');
  // the most assured statements are counted by both
  expect(together('cpu.cores>=64@certified', 'cpu.cores<=32').message).toContain('can never hold');
  expect(together('distance(52.37,4.9)<=100km', 'distance(48.85,2.35)<=100km').message).toContain('can never hold together with distance(52.37,4.9)<=100km');
  expect(together('country=DE', 'country=NL').place).toEqual({ path: 'country=NL' });
  expect(together('price<0.05', 'price>=0.05').message).toContain('price<0.05');
  for (const possible of [
    ['cpu.cores>=64', 'cpu.cores<=64'],
    ['country=EU', 'country=DE'],
    // of labels any one is enough, and what is measured stands beside what is certified
    ['label>=L2', 'label<=L1'],
    ['availability>=0.9@certified', 'availability<=0.5@measured'],
    ['distance(52.37,4.9)<=250km', 'distance(48.85,2.35)<=250km'],
  ])
    expect(parseCriteria(possible)).toHaveLength(2);
});

test('countries and labels are read in any case', () => {
  expect(parseCriterion(' country = de, nl @certified ')).toEqual({ fact: 'country', operator: '=', values: ['DE', 'NL'], assurance: 'certified' });
  expect(printPreference(parsePreference('price'))).toBe('price:lowest');
  expect(parsePreference('cpu.cores:lowest*2.5')).toEqual({ fact: 'cpu.cores', direction: 'lowest', weight: 2.5 });
});

test('a value in another unit of its dimension asks the same as in the unit of its fact', () => {
  for (const [given, kept] of [
    ['memory>=64GiB', 'memory.gib>=64'],
    ['memory.gib>=65536 MiB', 'memory.gib>=64'],
    ['memory=64..128GiB', 'memory.gib=64..128'],
    ['memory=512MiB..1TiB', 'memory.gib=0.5..1024'],
    ['latency<=0.02s', 'latency.ms<=20'],
    ['price<=0.05EUR/h', 'price<=0.05'],
    ['price<=0.7ct/h', 'price<=0.007'],
    ['cpu>=500m', 'cpu.cores>=0.5'],
    ['availability>=99.9%', 'availability>=0.999'],
    ['energy.renewable>=80%', 'energy.renewable>=80'],
    ['distance(+52.370, 4.90)<=500000m', 'distance(52.37,4.9)<=500km'],
  ] as const)
    expect(printCriterion(parseCriterion(given)), given).toBe(kept);
  const unit = fc.constantFrom(['KiB', 2 ** -20], ['MiB', 2 ** -10], ['GiB', 1], ['TiB', 1024]) satisfies fc.Arbitrary<readonly [string, number]>;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }), // less than none is refused
      unit,
      fc.constantFrom('>=', '<', '='),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (count, [word, factor], sign, stated) => {
        const criterion = parseCriterion(`memory.gib${sign}${count}${word}`);
        expect(parseCriterion(printCriterion(criterion))).toEqual(criterion);
        expect(Number(criterion.values[0])).toBe(count * factor);
        const holds = { '>=': stated >= count * factor, '<': stated < count * factor, '=': stated === count * factor }[sign];
        const facts = [aFact('memory.gib', stated)];
        expect(factJudge(criterion)(aCluster('c', { facts })).verdict).toBe(holds ? 'satisfied' : 'excluded');
      },
    ),
  );
});

test('what no offer can be is refused, with what there can be', () => {
  for (const [text, why] of [
    ['availability>=1.5', '1.5 is impossible: availability is from 0 to 1'],
    ['availability>=150%', '150% is impossible'],
    ['energy.renewable>=101', 'from 0 to 100'],
    ['energy.pue<1', 'can never hold: energy.pue is 1 or more'],
    ['gpu.count<0', 'can never hold: gpu.count is 0 or more'],
    ['label>L3', 'can never hold: label is one of SC, L1, L2, L3'],
    ['gdpr!=true,false', 'can never hold'],
    ['kubernetes.version<0', 'can never hold'],
    ['cpu.cores=64..8', 'runs backwards'],
    ['cpu.cores>=8..64', 'a range follows = or !='],
    ['distance(52.37,4.9)>=30000km', 'from 0 to 20016 km'],
    ['distance(92,4.9)<=5km', 'no latitude and longitude'],
    ['distance<=5km', 'names no point'],
    ['position=52', 'names no point'],
  ] as const)
    expect(refusal(() => parseCriterion(text)).message, text).toContain(why);
  for (const [text, fix] of [
    ['memory>=20ms', 'its units are GiB, Gi, KiB'],
    ['price<=5USD', 'its units are EUR/h'],
    ['gpu.count>=4GiB', 'a number such as 4'],
    ['availability>=2', 'from 0 to 1'],
    ['cpu.cores=64..8', 'Write 8..64.'],
    ['distance<=5km', 'distance(52.37,4.9)<=500km'],
  ] as const)
    expect(refusal(() => parseCriterion(text)).fix, text).toContain(fix);
  expect(refusal(() => parseCriterion('memory>=64gib')).message).toContain('the nearest is GiB');
});

test('a criterion is preferred as it is required', () => {
  for (const text of [
    'country=DE',
    'label>=L2*3',
    'distance(52.37,-4.9):lowest',
    'distance(52.37,4.9)<=500km@declared*0.5',
    'cpu.cores=8..64*2',
    'price:lowest',
  ])
    expect(printPreference(parsePreference(text))).toBe(text);
  expect(printPreference(parsePreference('memory>=64GiB * 2'))).toBe('memory.gib>=64*2');
  expect(printPreference(parsePreference('distance(52.37,4.9)'))).toBe('distance(52.37,4.9):lowest');
  expect(refusal(() => parsePreference('label>=L7*2')).fix).toContain('SC, L1, L2, L3');
  expect(refusal(() => parsePreference('country')).fix).toContain('country=VALUE');
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
  // both by their newer names, and told where the second of two that exclude each other stands
  const [required, never] = [policy.replace('criteria:', 'required:'), 'country!=DE,FR\n    - country=FR'];
  expect(parsePolicy(required.replace('contry=DE', 'memory>=64GiB\n  preferred: [country=DE*2]'), 'p.yaml')).toMatchObject({
    criteria: [{ fact: 'country' }, { fact: 'memory.gib', values: ['64'] }],
    preferences: [{ wish: { fact: 'country' }, weight: 2 }],
  });
  expect(refusal(() => parsePolicy(required.replace('contry=DE', never), 'p.yaml')).place).toEqual({ file: 'p.yaml', line: 9, path: 'spec.required.2' });
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

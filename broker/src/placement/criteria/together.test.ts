import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCriterion, printCriterion } from '../index.ts';
import { satisfies } from './fact.ts';
import type { Statement } from './fact.ts';
import { firstContradiction } from './together.ts';

/** Words over one fact, and every value of it that these words can tell apart. */
const worlds: Readonly<Record<string, { readonly criteria: readonly string[]; readonly values: readonly Statement['value'][] }>> = {
  'cpu.cores': {
    criteria: ['>=2', '>2', '<=2', '<2', '=2', '!=2', '=1..2', '!=1..3', '=3', '<=4', '>=4', '=0,4', '<1'],
    values: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5],
  },
  availability: { criteria: ['>=1', '<1', '>0', '=0', '!=1', '=0.5..1', '<=0.5', '!=0..0.5'], values: [0, 0.25, 0.5, 0.75, 1] },
  label: { criteria: ['>=L1', '<L2', '=L2', '!=L2', '!=SC,L1', '=SC..L1', '>L2', '<=SC', '!=L3'], values: ['SC', 'L1', 'L2', 'L3'] },
  'kubernetes.version': {
    criteria: ['>=1.33', '<1.33', '=1.33', '!=1.33', '=1.33..1.34', '>1.33', '<1.33.1', '<=1.34', '>1.34'],
    values: ['1.32.9', '1.33.0', '1.33.1', '1.33.9', '1.34.0', '1.34.1'],
  },
  country: { criteria: ['=DE', '!=DE', '=EU', '!=EU', '=DE,NO', '=EEA', '!=NO', '=US', '!=US,CH'], values: ['DE', 'FR', 'NO', 'IS', 'US', 'CH', 'BR'] },
  'gpu.model': { criteria: ['=A100', '!=A100', '=a100,H100', '!=H100', '=T4'], values: ['A100', 'H100', 'T4', 'L40S'] },
  gdpr: { criteria: ['=true', '!=true', '=false', '!=false', '=true,false'], values: [true, false] },
};
const assurances = ['', '@declared', '@certified', '@measured'];

/**
 * What is told, as well assured as can be, beside what is measured. A criterion rests on one statement, and taking away another hurts none: as many statements
 * as there are criteria are enough.
 */
function anythingSatisfies(fact: string, words: readonly string[]): boolean {
  const judges = words.map((word) => satisfies(parseCriterion(word)));
  const values = worlds[fact]?.values ?? [];
  const kinds = ['certified', 'measured'] as const;
  const all = kinds.flatMap((assurance) => values.map((value): Statement => ({ value, assurance })));
  const holds = (said: readonly Statement[], from: number): boolean =>
    judges.every((judge) => judge(said)) || (said.length < words.length && all.some((one, index) => index >= from && holds([...said, one], index)));
  return holds([], 0);
}

test('criteria are found to exclude each other exactly where no statements satisfy them all', () => {
  const asked = fc
    .constantFrom(...Object.keys(worlds))
    .chain((fact) =>
      fc.tuple(
        fc.constant(fact),
        fc.array(fc.tuple(fc.constantFrom(...(worlds[fact]?.criteria ?? [])), fc.constantFrom(...assurances)), { minLength: 1, maxLength: 3 }),
      ),
    );
  let contradicting = 0;
  fc.assert(
    fc.property(asked, ([fact, parts]) => {
      const words = parts.map(([rest, assurance]) => `${fact}${rest}${assurance}`);
      const found = firstContradiction(words.map(parseCriterion));
      if (found !== null) contradicting += 1;
      expect(found === null, words.join(' ')).toBe(anythingSatisfies(fact, words));
      // what is named is enough, and with the one that it is told of nothing is left
      if (found !== null) {
        expect(found.others.length).toBeGreaterThan(0);
        expect(anythingSatisfies(fact, [words[found.index] ?? '', ...found.others.map(printCriterion)])).toBe(false);
      }
    }),
    { numRuns: 3000 },
  );
  expect(contradicting).toBeGreaterThan(50);
  // three statements, none of which says two of these
  expect(firstContradiction(['label<=SC@certified', 'label>L2@declared', 'label=L2@declared'].map(parseCriterion))).toBeNull();
});

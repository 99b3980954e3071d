import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** The longest files begin first, so that none of them is left alone at the end; vitest itself goes by their size where it remembers nothing. */
const longest = [
  'test/faults/verbs.test.ts',
  ...['silent', 'lapsing', 'reacting', 'measured', 'wholeJob', 'demo'].map((name) => `test/journeys/${name}.simulator.test.ts`),
  'test/faults/interconnectCrash.test.ts',
  'test/faults/rollback.test.ts',
  'test/page/page.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((file) => moduleId.endsWith(file));
      return index === -1 ? longest.length : index;
    };
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right));
  }
}

export default defineConfig({
  test: {
    include: ['broker/**/*.test.ts', 'cli/**/*.test.ts', 'contract/**/*.test.ts', 'simulator/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/database.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // journeys mostly wait for what is simulated: on 2 cores two of them leave room for a third file
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});

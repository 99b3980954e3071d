import { describe } from 'vitest';
import { wholeJob } from './wholeJob.ts';
import { hasLab, labWorld } from './world.ts';

describe.skipIf(!hasLab())('with the laboratory', () =>
  wholeJob('real clusters', labWorld, 400_000, { goneForGood: 'when it comes back after all, a certificate request may stay there: docs/reality.md' }),
);

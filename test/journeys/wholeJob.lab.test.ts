import { describe } from 'vitest';
import { wholeJob } from './wholeJob.ts';
import { hasLab, labWorld } from './world.ts';

describe.skipIf(!hasLab())('with the laboratory', () => wholeJob('real clusters', labWorld, 600_000));

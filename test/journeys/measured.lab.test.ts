import { describe } from 'vitest';
import { measuredJourney } from './measured.ts';
import { hasLab, labWorld } from './world.ts';

describe.skipIf(!hasLab())('with the laboratory', () => {
  measuredJourney('real clusters', labWorld, { heartbeatSeconds: 5, waitMs: 600_000, quickMs: 2000 });
});

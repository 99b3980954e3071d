import { describe } from 'vitest';
import { installDemoClusters } from './demoProgram.ts';
import { probeImage, wholeJob } from './wholeJob.ts';
import { hasLab, labWorld } from './world.ts';

describe.skipIf(!hasLab())('with the laboratory', () => {
  wholeJob('real clusters', labWorld, 600_000);
  wholeJob('real clusters that npm start -- --clusters DIR was given', labWorld, 600_000, (world) => installDemoClusters(world, { probeImage }));
});

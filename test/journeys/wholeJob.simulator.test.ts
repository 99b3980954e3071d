import { wholeJob } from './wholeJob.ts';
import { simulatedWorld } from './world.ts';

wholeJob('the simulator', simulatedWorld, 300_000);

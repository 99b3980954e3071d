import { simulatedWorld } from '../journeys/world.ts';
import { killedVerbs } from './verbs.ts';

killedVerbs('the simulator', simulatedWorld, { both: false, timeoutMs: 600_000 });

import { measuredJourney } from './measured.ts';
import { simulatedWorld } from './world.ts';

/** pa answers half a second late, more than twice what anybody else needs on a busy machine. */
measuredJourney('the simulator', () => simulatedWorld(), {
  heartbeatSeconds: 0.25,
  waitMs: 120_000,
  quickMs: 400,
  slow: (world, isSlow) => world.slow?.('pa', isSlow ? 500 : 0),
});

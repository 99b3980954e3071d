// Takes an hour on a busy machine: HANSE_CRASH_LAB=1 asks for it, HANSE_CRASH_VERBS=migrate,leave for a part of it.
import { describe } from 'vitest';
import { hasLab, labWorld } from '../journeys/world.ts';
import { killedVerbs } from './verbs.ts';

describe.skipIf(process.env['HANSE_CRASH_LAB'] !== '1' || !hasLab())('with the laboratory', () =>
  killedVerbs('real clusters', labWorld, { both: true, timeoutMs: 900_000 }),
);

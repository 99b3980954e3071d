// What Hanse itself measured of a cluster, as facts beside those that are stated of it.
import { factTable, type Fact } from '../catalogue/index.ts';
import type { Measured } from '../clusters/index.ts';

/** Facts that nobody states: they are measured, or not known. */
export const measuredNames = ['latency.ms', 'availability'] as const;

/** `at`: milliseconds since 1970; what was measured too long ago is no fact any more. */
export function measuredFacts({ latency, availability }: Measured, at: number): Fact[] {
  const said = [
    ['latency.ms', latency, latency?.medianMs],
    ['availability', availability, availability?.share],
  ] as const;
  return said.flatMap(([name, from, value]): Fact[] => {
    const meaning = factTable[name];
    if (from === null || value === undefined || meaning === undefined || Date.parse(from.until) <= at) return [];
    const { probes, since, until } = from;
    return [
      {
        name,
        group: meaning.group,
        value,
        ...(meaning.unit !== undefined && { unit: meaning.unit }),
        assurance: 'measured',
        credential: 'measured',
        issuer: 'hanse',
        validUntil: until,
        measurement: { probes, since },
      },
    ];
  });
}

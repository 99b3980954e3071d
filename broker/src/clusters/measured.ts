// What heartbeats say of a cluster: how often it answered, and how soon. By our own clock, from questions of our own: nothing that is read here was written there.

/** What was asked in ten minutes. Times are milliseconds since 1970. */
export type Heartbeats = {
  readonly firstAt: number;
  readonly lastAt: number;
  /** The last that was answered; null: none was. */
  readonly answeredAt: number | null;
  readonly asked: number;
  readonly answered: number;
  /** Of those that were answered, or of the latest of them. */
  readonly roundTripsMs: readonly number[];
};

/** RFC 3339. */
type Probes = { readonly probes: number; readonly since: string; readonly until: string };

export type Measured = {
  /** `share`: of the probes that were answered, from 0 to 1, rounded down. null: too few were sent. */
  readonly availability: (Probes & { readonly share: number }) | null;
  /** `medianMs` is rounded up. null: too few were answered lately. */
  readonly latency: (Probes & { readonly medianMs: number }) | null;
};

export const periodMs = 600_000;
/** A day counts for the availability, the last ten to twenty minutes for the latency. */
export const availabilityMs = 86_400_000;
const latencyMs = 2 * periodMs;

/** Fewer say nothing. */
export const askedMin = 40;
const answeredMin = 10;

/** From its last probe on, a measurement is taken for what would be measured now for so long. */
const holdsMs = 1_800_000;

/** `now`: milliseconds since 1970. What is older than a day has no part in it. */
export function measuredBy(heartbeats: readonly Heartbeats[], now: number): Measured {
  return {
    availability: availabilityOf(heartbeats.filter(({ lastAt }) => lastAt > now - availabilityMs)),
    latency: latencyOf(heartbeats.filter(({ lastAt }) => lastAt > now - latencyMs)),
  };
}

function availabilityOf(heartbeats: readonly Heartbeats[]): Measured['availability'] {
  const asked = heartbeats.reduce((sum, each) => sum + each.asked, 0);
  if (asked < askedMin) return null;
  const answered = heartbeats.reduce((sum, each) => sum + each.answered, 0);
  const last = Math.max(...heartbeats.map(({ lastAt }) => lastAt));
  return { share: Math.floor((answered / asked) * 10_000) / 10_000, ...probes(asked, heartbeats, last) };
}

function latencyOf(heartbeats: readonly Heartbeats[]): Measured['latency'] {
  const answered = heartbeats.filter(({ roundTripsMs }) => roundTripsMs.length > 0);
  const sorted = answered.flatMap(({ roundTripsMs }) => roundTripsMs).toSorted((left, right) => left - right);
  // of an even number the slower of the two in the middle
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined || sorted.length < answeredMin) return null;
  const last = Math.max(...answered.map(({ answeredAt, lastAt }) => answeredAt ?? lastAt));
  return { medianMs: median < 10 ? Math.ceil(median * 10) / 10 : Math.ceil(median), ...probes(sorted.length, answered, last) };
}

const probes = (count: number, heartbeats: readonly Heartbeats[], last: number): Probes => ({
  probes: count,
  since: new Date(Math.min(...heartbeats.map(({ firstAt }) => firstAt))).toISOString(),
  until: new Date(last + holdsMs).toISOString(),
});

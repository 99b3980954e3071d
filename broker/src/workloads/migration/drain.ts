// How long to wait until every sender has dropped or taken up an endpoint: from what was measured, never shorter than twice the slowest.

/**
 * Of one sender: milliseconds from the change at the home cluster's API until its last, or first, request that went the new way.
 * null: that endpoint never was one for this sender (Liqo without its network may keep a provider's endpoints from another provider).
 */
export type SenderMeasurement = { readonly cluster: string; readonly comingMs: number | null; readonly goingMs: number | null };

export type Measurement = {
  readonly home: string;
  /** RFC 3339. */
  readonly at: string;
  /** Where the endpoints were that came and went. */
  readonly endpointsAt: readonly string[];
  readonly senders: readonly SenderMeasurement[];
  /** By how much clocks may differ; already counted as slower in the senders' figures. */
  readonly skewMs: number;
};

export type DrainLimits = { readonly floorSeconds: number; readonly ceilingSeconds: number };

/** Declared, whatever was measured; an operator may declare others. The floor covers what a measurement of one endpoint does not see (many endpoints, a busy node). */
export const drainLimits: DrainLimits = { floorSeconds: 15, ceilingSeconds: 120 };
export const arrivalLimits: DrainLimits = { floorSeconds: 3, ceilingSeconds: 60 };
/** Nobody who declared a shorter longest drain waits longer for the targets. */
export const arrivalLimitsUnder = ({ ceilingSeconds }: DrainLimits): DrainLimits => ({
  floorSeconds: Math.min(arrivalLimits.floorSeconds, ceilingSeconds),
  ceilingSeconds: Math.min(arrivalLimits.ceilingSeconds, ceilingSeconds),
});
/**
 * Between targets being ready and the sources leaving, at least. A kubelet that starts again calls containers with a readiness probe not ready, for about a second, when they had run for less than
 * 10 s by then (Kubernetes 1.35, pkg/kubelet/prober/prober_manager.go; before 1.35 all of them): as long as that may come, the sources serve. 5 s more for its start.
 */
export const settledAfterStartSeconds = 15;
/** Nobody who declared a shorter shortest drain waits longer for the targets. */
export const settleSeconds = ({ floorSeconds }: DrainLimits): number => Math.min(settledAfterStartSeconds, floorSeconds);
export const measurementHoldsMs = 10 * 60_000;

const clamp = (seconds: number, { floorSeconds, ceilingSeconds }: DrainLimits): number => Math.min(ceilingSeconds, Math.max(floorSeconds, seconds));
const slowestMs = (senders: readonly SenderMeasurement[], field: 'comingMs' | 'goingMs'): number => Math.max(0, ...senders.map((sender) => sender[field] ?? 0));

/**
 * Seconds between taking endpoints out and ending their pods. Clients of kept connections may use one up to its greatest age, after the last moment at which a sender
 * could still open one. Without a measurement: the ceiling.
 */
export const drainSeconds = (measurement: Measurement | null, connectionAgeSeconds: number, limits: DrainLimits = drainLimits): number =>
  !measurement || measurement.senders.length === 0
    ? limits.ceilingSeconds
    : clamp(Math.ceil((2 * slowestMs(measurement.senders, 'goingMs')) / 1000 + connectionAgeSeconds), limits);

/** Seconds between targets being ready at home and the sources leaving. */
export const arrivalSeconds = (measurement: Measurement | null, limits: DrainLimits = arrivalLimits): number =>
  !measurement || measurement.senders.length === 0 ? limits.ceilingSeconds : clamp(Math.ceil((2 * slowestMs(measurement.senders, 'comingMs')) / 1000), limits);

/** The newest measurement of this home that is young enough and knows every sender and one of these places of endpoints; null: measure. */
export function usableMeasurement(
  measurements: readonly Measurement[],
  asked: { readonly home: string; readonly senders: readonly string[]; readonly now: string },
): Measurement | null {
  const usable = measurements.filter(({ home, at, senders }) => {
    const ageMs = Date.parse(asked.now) - Date.parse(at);
    return (
      home === asked.home && ageMs >= 0 && ageMs < measurementHoldsMs && asked.senders.every((cluster) => senders.some((sender) => sender.cluster === cluster))
    );
  });
  return usable.toSorted((one, other) => (one.at < other.at ? 1 : -1))[0] ?? null;
}

// What a controller is here, and how long simulated things take.
import type { Objects } from '../objects.ts';

/**
 * In milliseconds. `podRunMs`: how long a pod that is not started again runs before it ends well. `reflect…`: how late the home learns what happened to a pod
 * at a provider; each pod has its own delay between the two.
 */
export type Pace = {
  readonly podStartMs: number;
  readonly podReadyMs: number;
  readonly podRunMs: number;
  readonly reflectMsMin: number;
  readonly reflectMsMax: number;
  /** Requests are really sent between pods, so that pods which report something have something to report. */
  readonly hasDataPlane?: boolean;
};

/** One level-triggered pass over everything; answers in how many milliseconds it wants to look again, or null. */
export type Controller = (objects: Objects, pace: Pace) => number | null;

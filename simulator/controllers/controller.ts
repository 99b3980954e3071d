// What a controller is here, and how long simulated things take.
import type { Objects } from '../objects.ts';

/** In milliseconds. */
export type Pace = { readonly podStartMs: number; readonly podReadyMs: number };

/** One level-triggered pass over everything; answers in how many milliseconds it wants to look again, or null. */
export type Controller = (objects: Objects, pace: Pace) => number | null;

// How much of a source is taken. One that keeps to its format never meets most of these; each says why it is there.
import { presentationBytesMax } from '../../judge/credential.ts';

/** A turn of one source: then the others' work has had its share of the network, and it goes on where it stood. */
export const turnMsMax = 120_000;
export const stepsMax = 50;
/** The documents that an event's label names are a request each. */
export const requestsMax = 1_000;
/** A page of 1,000 credentials of 8 KiB. */
export const pageBytesMax = 8 * 1024 * 1024;
/** Twenty events with a hundred documents each are 2,020; no page of the other kinds is as large. */
export const itemsPerStepMax = 3_000;
/** A presentation with everything of a participant: what the judge reads at most. */
export const itemBytesMax = presentationBytesMax;
export type HeldMax = { readonly items: number; readonly bytes: number };
/**
 * Of one source, with what it gave before and is still kept: five times the credentials of 20,000 providers, and the space that the database gives to one
 * stranger.
 */
export const heldMax: HeldMax = { items: 100_000, bytes: 512 * 1024 * 1024 };
/** Ids stand in an index of the database. */
export const idBytesMax = 1_000;
/** In one turn: one mistake may happen, a dozen is a source that announces what it does not have. */
export const liesMax = 10;
/** In one turn: what is no signed token at all. Credentials of the old format are refused too and are not counted: whole years of feeds are full of them. */
export const rubbishMax = 100;
/** So long a source that lies or floods is not asked. */
export const pauseMs = 3_600_000;
/** One that has more than a turn takes goes on soon. */
export const soonMs = 10_000;
/** A failure is tried again after `askAgainMs`, then twice that, up to this. */
export const failureMsMax = 3_600_000;
/** Events services keep their events for a year at most: what is older there is nowhere any more. */
export const feedKeptMs = 366 * 86_400_000;
/** Shown for each source, the newest. */
export const reasonsMax = 10;

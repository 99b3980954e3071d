export { declared } from './assemble.ts';
export { parseCriterion, printCriterion } from './criterion.ts';
export { explain, nearestCandidate, smallestChange } from './explain.ts';
export { decisionVersion, place } from './place.ts';
export type { Candidate, Criterion, Opinion, Placement, PlacementRequest, Preference, Resources } from './placement.ts';
export { parsePolicy } from './policy.ts';
export type { Policy } from './policy.ts';
export { parsePreference, printPreference } from './preference.ts';
export type { Reach, Snapshot, SnapshotCluster } from './snapshot.ts';

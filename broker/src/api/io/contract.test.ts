// The contract repeats the shapes of our values so that clients need nothing of the broker. The compiler holds the two together: each of these is a type error when one side changes alone.
import { expect, it } from 'vitest';
import type * as wire from '../../../../contract/src/index.ts';
import type { Offering } from '../../catalogue/offering.ts';
import type { Cluster } from '../../clusters/cluster.ts';
import type { Fault } from '../../errors.ts';
import type { Peering } from '../../federation/peering.ts';
import type { Entry, Failure, Made, Question } from '../../operations/journal.ts';
import type { Plan, PlanNote, Step } from '../../operations/plan.ts';
import type { Candidate, Opinion, Placement } from '../../placement/placement.ts';
import type { Application } from '../../workloads/application.ts';

/** Whatever ours holds can be sent. */
type Sendable<Ours extends Theirs, Theirs> = [Ours, Theirs];
/** And what is received back is ours again. */
type Same<A extends B, B extends C, C = A> = [A, B, C];

export type Agreement = [
  Same<Plan, wire.Plan>,
  Same<Step, wire.Step>,
  Same<PlanNote, wire.PlanNote>,
  Sendable<Entry, wire.Entry>,
  Same<keyof Entry, keyof wire.Entry>,
  Same<Entry['state'], wire.Entry['state']>,
  Same<Entry['phase'], wire.Entry['phase']>,
  Sendable<Failure, wire.Failure>,
  Same<Made, wire.Made>,
  Same<Question, wire.Question>,
  Same<Fault, wire.Fault>,
  Sendable<Cluster, wire.Cluster>,
  Same<keyof Cluster, keyof wire.Cluster>,
  Same<Offering, wire.Offering>,
  Same<Opinion, wire.Opinion>,
  Same<Candidate, wire.Candidate>,
  Same<Placement, wire.Placement>,
  Same<Peering, wire.Peering>,
  Sendable<Application, wire.Application>,
];

it('the values of the house and the documents of the contract agree (checked by the compiler)', () => {
  expect(true).toBe(true);
});

// The verbs of federation with their performers, for main.
import type { Verb } from '../../operations/io/performer.ts';
import { type FederateRequest, federateVerb } from './federate.ts';
import { type LeaveRequest, leaveVerb } from './leave.ts';
import { federationPerformers } from './performers.ts';
import type { FederationDeps } from './ports.ts';
import { type ResizeRequest, resizeVerb } from './resize.ts';

export type FederationVerbs = { readonly federate: Verb<FederateRequest>; readonly leave: Verb<LeaveRequest>; readonly resize: Verb<ResizeRequest> };

export const federationVerbs = (deps: FederationDeps): FederationVerbs => {
  const performers = federationPerformers(deps);
  return { federate: federateVerb(deps, performers), leave: leaveVerb(deps, performers), resize: resizeVerb(deps, performers) };
};

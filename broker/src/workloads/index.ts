export type { Application, Asked, SealedSecret } from './application.ts';
export { acceptedForms } from './deployment/prepare.ts';
export { applicationLabel } from './deployment/rewrite.ts';
export type { ApplicationStatus, EndpointFacts, PodFacts, WorkloadFacts } from './status.ts';

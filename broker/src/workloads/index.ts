export type { Application, SealedSecret } from './application.ts';
export { applicationLabel } from './deployment/rewrite.ts';
export type { ApplicationStatus, EndpointFacts, PodFacts, WorkloadFacts } from './status.ts';

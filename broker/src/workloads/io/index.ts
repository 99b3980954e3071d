export { migrationVerbs, planEvacuationOf, usersOf } from './migration/verbs.ts';
export { type Applications, createApplications, workloadVerbs } from './verbs.ts';
export { startSweeping } from './sweepSecrets.ts';
export type { World } from './world.ts';

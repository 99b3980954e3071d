export { migrationVerbs, planEvacuationOf, usersOf } from './migration/verbs.ts';
export { type Applications, createApplications, workloadVerbs } from './verbs.ts';
export { createRows as createApplicationRows } from './rows.ts';
export { startSweeping } from './sweepSecrets.ts';
export type { World } from './world.ts';

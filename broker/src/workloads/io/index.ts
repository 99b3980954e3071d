export { type MigrationVerbs, migrationVerbs, planEvacuationOf, usersOf } from './migration/verbs.ts';
export { type Applications, createApplications, workloadVerbs, type WorkloadVerbs } from './verbs.ts';
export type { World } from './world.ts';

// The HTTP API as data.
export * from './application.ts';
export * from './base.ts';
export * from './cluster.ts';
export * from './event.ts';
export * from './consumer.ts';
export * from './declaration.ts';
export * from './lan.ts';
export * from './operation.ts';
export * from './page.ts';
export * from './peering.ts';
export * from './placement.ts';
export * from './plan.ts';
export * from './problem.ts';
export * from './proof.ts';
export * from './reaction.ts';
export * from './routes.ts';
export * from './server.ts';

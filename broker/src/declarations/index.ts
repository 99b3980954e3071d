// The public face of declarations: documents to requests of the verbs, and what stands back to documents.
export { applicationFaults, applicationOf, translateApplication } from './application.ts';
export type { Act, Translated } from './act.ts';
export type { Declared, NamedText } from './document.ts';
export { federationFaults, federationOf, translateFederation } from './federation.ts';
export { policyOf, translatePolicy } from './policy.ts';
export { readDeclarations } from './read.ts';
export type { State } from './state.ts';

// Branded identifiers: inside the house an id of one thing cannot be passed where another's is meant.
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Whose row it is. One broker may serve several consumers; nothing assumes that there is only one. */
export type OwnerId = Branded<'owner'>;
export type OperationId = Branded<'operation'>;
/** The identity of one broker process's data directory: stable over its restarts. */
export type BrokerId = Branded<'broker'>;
/** The name under which an owner knows a cluster (RFC 1123 label). Its Liqo cluster id may be another one. */
export type ClusterName = Branded<'cluster'>;

export const ownerId = (text: string): OwnerId => text as OwnerId;
export const operationId = (text: string): OperationId => text as OperationId;
export const brokerId = (text: string): BrokerId => text as BrokerId;
export const clusterName = (text: string): ClusterName => text as ClusterName;

/** JSON as a type: what plans, journals, events and receipts are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

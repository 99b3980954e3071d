// The public face of this capability: everybody else imports this and nothing behind it.
export type { Cluster, ClusterSide, Evidence, Platform } from './cluster.ts';
export { accountOf, anchorName, grantName, type Account } from './account.ts';
export { contains, overlap, parseAddress, parseRange, refuseAddress, type Allowed, type Range } from './address.ts';
export type { Measured } from './measured.ts';
export { hasEnded, readPodReport } from './podReport.ts';
export { type Amount, quantityValue, readAmount, readQuantity } from './quantity.ts';
export type { Capacity, ClusterSnapshot, Health, NodeState } from './snapshot.ts';
export type { Survey } from './survey.ts';

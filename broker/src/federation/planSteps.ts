// What the plans of a peering have in common: the kinds of their steps, on whose authority they are, and how one is written.
import type { JsonObject } from '../ids.ts';
import type { Side, Step, Undo } from '../operations/plan.ts';
import type { Peering } from './peering.ts';

export const kinds = {
  reserve: 'federation.reserve',
  accept: 'federation.accept',
  homeNamespace: 'federation.homeNamespace',
  providerNamespace: 'federation.providerNamespace',
  homeRanges: 'federation.homeRanges',
  providerRanges: 'federation.providerRanges',
  server: 'federation.gatewayServer',
  client: 'federation.gatewayClient',
  homeKey: 'federation.homeKey',
  providerKey: 'federation.providerKey',
  connection: 'federation.connection',
  nonce: 'federation.nonce',
  signedNonce: 'federation.signedNonce',
  tenant: 'federation.tenant',
  identity: 'federation.identity',
  slice: 'federation.slice',
  node: 'federation.node',
  settle: 'federation.settle',
  resize: 'federation.resize',
  gate: 'federation.gate',
  declareGone: 'federation.declareGone',
  endSlices: 'federation.endSlices',
  endNodes: 'federation.endNodes',
  endTunnel: 'federation.endTunnel',
  endIdentity: 'federation.endIdentity',
  endTenant: 'federation.endTenant',
  endForeignClusters: 'federation.endForeignClusters',
  endRequests: 'federation.endRequests',
  endNamespaces: 'federation.endNamespaces',
  proveAbsence: 'federation.proveAbsence',
  forget: 'federation.forget',
} as const;

export const nothing: Undo = { kind: 'nothing' };
export const undo = (title: string): Undo => ({ kind: 'undo', title });
export const broker: Side = { role: 'broker' };
export const homeSide = (peering: Peering): Side => ({ role: 'consumer', cluster: peering.home });
export const providerSide = (peering: Peering): Side => ({ role: 'provider', cluster: peering.provider });

/** A Peering is JSON throughout. */
export const peeringJson = ({ tunnel, ...peering }: Peering): JsonObject => ({
  ...peering,
  ...(tunnel === undefined ? {} : { tunnel: { ...tunnel, seenAs: [...tunnel.seenAs] } }),
  resources: { ...peering.resources },
});

export type Draft = {
  readonly kind: string;
  readonly title: string;
  readonly side: Side;
  readonly undo: Undo;
  readonly input?: JsonObject;
  readonly destructive?: boolean;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
};

export const step = (peering: Peering, draft: Draft): Step => ({
  kind: draft.kind,
  title: draft.title,
  side: draft.side,
  input: { peering: peeringJson(peering), ...draft.input },
  undo: draft.undo,
  destructive: draft.destructive ?? false,
  attempts: draft.attempts ?? 5,
  timeoutSeconds: draft.timeoutSeconds ?? 120,
});

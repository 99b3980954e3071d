// Every route as data. The broker serves exactly these, the command line and the web page call exactly these.
import { z } from 'zod';
import { application, applicationStatus, explanation } from './application.ts';
import { json, jsonObject, label, operationId, page } from './base.ts';
import { cluster } from './cluster.ts';
import { consumer } from './consumer.ts';
import { declarationsQuery, declaredChange, planDeclarations, schemaParams } from './declaration.ts';
import { impact, impactQuery } from './impact.ts';
import { circuit, lan, nodeConfig, nodeConfigQuery } from './lan.ts';
import { answerOperation, createOperation, operation, operationDetail, operationState, planned } from './operation.ts';
import { offerRoutes } from './offerRoutes.ts';
import { pageRoutes } from './pageRoutes.ts';
import { peering } from './peering.ts';
import { auditQuery, auditVerdict, policy, putPolicy, putPolicyQuery, receipt, receiptDetail, receiptId } from './proof.ts';
import { reaction } from './reaction.ts';
import { health, verb } from './server.ts';

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Parameters in braces, as in OpenAPI. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of every successful answer; null: no content. */
  readonly answer: z.ZodType | null;
  /** Answered without a token. */
  readonly open?: true;
};

const byId = z.object({ id: operationId });
const byName = z.object({ name: label });

export const routes = {
  ...pageRoutes,
  health: { method: 'GET', path: '/v1/health', tag: 'broker', summary: 'Whether the broker and its database answer', answer: health, open: true },
  listVerbs: { method: 'GET', path: '/v1/verbs', tag: 'broker', summary: 'Every verb, and how its request looks', answer: page(verb) },

  createOperation: {
    method: 'POST',
    path: '/v1/operations',
    tag: 'operations',
    summary: 'Make a plan; nothing happens before it is approved. Header Idempotency-Key: the same key with the same request answers the same operation',
    body: createOperation,
    answer: planned,
  },
  listOperations: {
    method: 'GET',
    path: '/v1/operations',
    tag: 'operations',
    summary: 'Newest first',
    query: z.object({ state: operationState.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: page(operation),
  },
  getOperation: { method: 'GET', path: '/v1/operations/{id}', tag: 'operations', summary: 'With its plan and journal', params: byId, answer: operationDetail },
  approveOperation: { method: 'POST', path: '/v1/operations/{id}/approve', tag: 'operations', summary: 'Carry the plan out', params: byId, answer: operation },
  cancelOperation: {
    method: 'POST',
    path: '/v1/operations/{id}/cancel',
    tag: 'operations',
    summary: 'Discard a plan, or undo what was done; refused after the point of no return',
    params: byId,
    answer: operation,
  },
  pauseOperation: {
    method: 'POST',
    path: '/v1/operations/{id}/pause',
    tag: 'operations',
    summary: 'Begin no other step; the one that is under way ends first',
    params: byId,
    answer: operation,
  },
  resumeOperation: { method: 'POST', path: '/v1/operations/{id}/resume', tag: 'operations', summary: 'Go on after a pause', params: byId, answer: operation },
  retryOperation: {
    method: 'POST',
    path: '/v1/operations/{id}/retry',
    tag: 'operations',
    summary: 'Try a step again whose failure asks a person',
    params: byId,
    answer: operation,
  },
  answerOperation: {
    method: 'POST',
    path: '/v1/operations/{id}/answer',
    tag: 'operations',
    summary: 'Answer the question of an operation',
    params: byId,
    body: answerOperation,
    answer: operation,
  },

  listClusters: { method: 'GET', path: '/v1/clusters', tag: 'clusters', summary: 'The clusters that were added', answer: page(cluster) },
  getCluster: { method: 'GET', path: '/v1/clusters/{name}', tag: 'clusters', summary: 'One cluster', params: byName, answer: cluster },

  ...offerRoutes,
  listImpact: {
    method: 'GET',
    path: '/v1/impact',
    tag: 'applications',
    summary: 'What runs on a proof that lapsed or ends soon, and what its policy asks to be done',
    query: impactQuery,
    answer: page(impact),
  },
  listPeerings: { method: 'GET', path: '/v1/peerings', tag: 'peerings', summary: 'Federated providers', answer: page(peering) },
  listConsumers: {
    method: 'GET',
    path: '/v1/consumers',
    tag: 'clusters',
    summary: 'Who uses clusters of ours, and the word given to each',
    answer: page(consumer),
  },
  listReactions: {
    method: 'GET',
    path: '/v1/reactions',
    tag: 'peerings',
    summary:
      'What was seen of providers that calls for a new decision, what was decided, and what awaits a person; newest first (event `reaction` tells of changes)',
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: page(reaction),
  },
  listLans: {
    method: 'GET',
    path: '/v1/lans',
    tag: 'lans',
    summary: 'Layer-2 networks at exchanges, with everything that is ordered for them',
    answer: page(lan),
  },
  listCircuits: {
    method: 'GET',
    path: '/v1/circuits',
    tag: 'lans',
    summary: 'Every order at an exchange, also those that are cancelled and still charged',
    answer: page(circuit),
  },
  getNodeConfig: {
    method: 'GET',
    path: '/v1/lans/{name}/config',
    tag: 'lans',
    summary: 'What the nodes of the sites have to be told, as text',
    params: byName,
    query: nodeConfigQuery,
    answer: nodeConfig,
  },

  listApplications: { method: 'GET', path: '/v1/applications', tag: 'applications', summary: 'The applications that were deployed', answer: page(application) },
  getApplication: { method: 'GET', path: '/v1/applications/{name}', tag: 'applications', summary: 'One application', params: byName, answer: application },
  getApplicationStatus: {
    method: 'GET',
    path: '/v1/applications/{name}/status',
    tag: 'applications',
    summary: 'Where its pods run now',
    params: byName,
    answer: applicationStatus,
  },
  explainApplication: {
    method: 'GET',
    path: '/v1/applications/{name}/explain',
    tag: 'applications',
    summary: 'Why it runs where it runs',
    params: byName,
    answer: explanation,
  },

  listPolicies: { method: 'GET', path: '/v1/policies', tag: 'policies', summary: 'Stored policies', answer: page(policy) },
  getPolicy: { method: 'GET', path: '/v1/policies/{name}', tag: 'policies', summary: 'One policy', params: byName, answer: policy },
  putPolicy: {
    method: 'PUT',
    path: '/v1/policies/{name}',
    tag: 'policies',
    summary: 'Store a policy',
    params: byName,
    query: putPolicyQuery,
    body: putPolicy,
    answer: policy,
  },
  deletePolicy: { method: 'DELETE', path: '/v1/policies/{name}', tag: 'policies', summary: 'Forget a policy', params: byName, answer: null },

  planDeclarations: {
    method: 'POST',
    path: '/v1/declarations',
    tag: 'declarations',
    summary: 'Compare documents with what is there, and plan what brings it there; nothing happens before a plan is approved',
    body: planDeclarations,
    answer: page(declaredChange),
  },
  listDeclarations: {
    method: 'GET',
    path: '/v1/declarations',
    tag: 'declarations',
    summary: 'What is there, as documents of one kind; comparing them finds nothing to do',
    query: declarationsQuery,
    answer: page(json),
  },
  getSchema: {
    method: 'GET',
    path: '/v1/schemas/{kind}',
    tag: 'declarations',
    summary: 'JSON Schema of a kind of document, for editors',
    params: schemaParams,
    answer: jsonObject,
    open: true,
  },

  listReceipts: {
    method: 'GET',
    path: '/v1/receipts',
    tag: 'proof',
    summary: 'Receipts of placements and moves',
    query: z.object({ application: label.optional() }),
    answer: page(receipt),
  },
  getReceipt: {
    method: 'GET',
    path: '/v1/receipts/{id}',
    tag: 'proof',
    summary: 'One receipt, to be verified offline',
    params: z.object({ id: receiptId }),
    answer: receiptDetail,
  },
  verifyAudit: {
    method: 'GET',
    path: '/v1/audit/verify',
    tag: 'proof',
    summary: 'Read the whole audit log and check its chain',
    query: auditQuery,
    answer: auditVerdict,
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

/** The one route that is a stream (text/event-stream): live events, resumed behind `Last-Event-ID`. */
export const eventsPath = '/v1/events';
export const eventsQuery = z.object({ operation: operationId.optional().describe('Only of this operation; ends when it ends.') });

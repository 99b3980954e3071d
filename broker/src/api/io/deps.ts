// What the API needs from the rest of the house. Small, so that it can be served before and without everything else.
import type { FastifyBaseLogger } from 'fastify';
import type { ApplicationStatus, AuditVerdict, Offers } from '../../../../contract/src/index.ts';
import type { Verb } from '../../operations/io/performer.ts';
import type { Plan } from '../../operations/plan.ts';
import type { Json, OwnerId } from '../../ids.ts';
import type { Store } from '../../store/io/store.ts';

/** On whose behalf a request acts. */
export type By = { readonly owner: OwnerId; readonly actor: string };

export type NewOperation = By & {
  readonly plan: Plan;
  readonly idempotency?: { readonly key: string; readonly digest: string };
};

/** Every method throws NOT_FOUND for an operation that is not the owner's, and CONFLICT or REFUSED with the state that forbids it. */
export type OperationActions = {
  /** Stored as `planned`; answers its id. A key that is taken answers the id of the operation that took it. */
  create(operation: NewOperation): Promise<string>;
  approve(by: By, id: string): Promise<void>;
  cancel(by: By, id: string): Promise<void>;
  retry(by: By, id: string): Promise<void>;
  answer(by: By, id: string, answer: string): Promise<void>;
};

export type ApiDeps = {
  readonly version: string;
  readonly store: Store;
  readonly log: FastifyBaseLogger;
  /** By name. */
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly operations: OperationActions;
  /** Calls back after events may have been added; a call too many does no harm. Answers how to stop. */
  onEvents(wake: () => void): () => void;
  offers(owner: string, asked: { readonly where: readonly string[]; readonly prefer: readonly string[] }): Promise<Offers>;
  applicationStatus(owner: string, name: string): Promise<ApplicationStatus>;
  /** The policy as it is kept; INVALID_REQUEST with line or path. */
  parsePolicy(text: string): Json;
  verifyAudit(owner: string, head: string | undefined): Promise<AuditVerdict>;
};

export type ApiConfig = {
  /** Loopback unless configured otherwise. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Beside loopback names: what may stand in the Host header, host:port. */
  readonly hosts: readonly string[];
  /** The one token; the only owner today is `default`. */
  readonly token: string;
};

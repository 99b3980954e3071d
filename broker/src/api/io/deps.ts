// What the API needs from the rest of the house. Small, so that it can be served before and without everything else.
import type { FastifyBaseLogger } from 'fastify';
import type {
  ApplicationStatus,
  AuditVerdict,
  CatalogueChanges,
  Circuit,
  Cluster,
  Consumer,
  CredentialDetail,
  CredentialPage,
  CredentialPast,
  CredentialsQuery,
  Impact,
  Lan,
  NodeConfigFormat,
  Offers,
  SourceOfCredentials,
} from '../../../../contract/src/index.ts';
import type { Declarations } from '../../declarations/io/index.ts';
import type { By, Operations, Verb } from '../../operations/io/index.ts';
import type { Json } from '../../ids.ts';
import type { Store } from '../../store/io/store.ts';

export type { By };

export type ApiDeps = {
  readonly version: string;
  readonly store: Store;
  readonly log: FastifyBaseLogger;
  /** By name. */
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly operations: Operations;
  /** Calls back after events may have been added; a call too many does no harm. Answers how to stop. */
  onEvents(wake: () => void): () => void;
  /** One page of the offers, held against criteria. INVALID_REQUEST names the word that cannot be read. */
  offers(owner: string, asked: OffersAsked): Promise<Offers>;
  readonly clusters: { list(owner: string): Promise<readonly Cluster[]>; find(owner: string, name: string): Promise<Cluster> };
  readonly credentials: {
    list(owner: string, asked: CredentialsQuery): Promise<CredentialPage>;
    /** `replay`: as at that time; `last`: when what it rests on last changed; null: now. NOT_FOUND. */
    show(owner: string, digest: string, replay: Date | 'last' | null): Promise<CredentialDetail>;
    /** These as they stand now; what is not there is left out. */
    shown(owner: string, digests: readonly string[]): Promise<readonly CredentialDetail[]>;
    /** NOT_FOUND. */
    history(owner: string, digest: string): Promise<readonly CredentialPast[]>;
    /** What speaks of the same things as these and does not count: given still, and given no longer. */
    beside(owner: string, digests: readonly string[]): Promise<{ readonly lapsed: readonly string[]; readonly past: readonly string[] }>;
  };
  /** What runs on proofs that lapsed. NOT_FOUND for a digest that nothing is known of. */
  impact(
    owner: string,
    asked: { readonly credential?: string | undefined; readonly provider?: string | undefined; readonly limit: number },
  ): Promise<readonly Impact[]>;
  readonly catalogue: {
    sources(owner: string): Promise<readonly SourceOfCredentials[]>;
    /** Until every source that may be asked was read as far as one turn goes. */
    harvest(owner: string): Promise<unknown>;
    /** null: it is shared with nobody. */
    readonly changes: ((owner: string, after: number, limit: number) => Promise<CatalogueChanges>) | null;
  };
  /** Who uses clusters of ours. */
  readonly consumers: { list(owner: string): Promise<readonly Consumer[]> };
  readonly applications: {
    status(owner: string, name: string): Promise<ApplicationStatus>;
    /** Sentences: what was asked, what was chosen, and every cluster's reasons. */
    explain(owner: string, name: string): Promise<readonly string[]>;
  };
  readonly lans: {
    list(owner: string): Promise<readonly Lan[]>;
    circuits(owner: string): Promise<readonly Circuit[]>;
    nodeConfig(owner: string, of: { readonly lan: string; readonly format: NodeConfigFormat; readonly member?: string | undefined }): Promise<string>;
  };
  readonly declarations: Declarations;
  /** The policy as it is kept; INVALID_REQUEST with line or path. */
  parsePolicy(text: string): Json;
  verifyAudit(owner: string, head: string | undefined): Promise<AuditVerdict>;
};

export type OffersAsked = {
  readonly where: readonly string[];
  readonly prefer: readonly string[];
  readonly text: string;
  readonly facets: readonly string[];
  /** Only those that are called so: by a name of ours, an id, or what their providers call them. */
  readonly named?: readonly string[];
  readonly offset: number;
  readonly limit: number;
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
  /** Folder of the built web page; absent: none is served. */
  readonly pageDir?: string | undefined;
  /** Folder that hanse publish wrote; absent: nothing is published from here. */
  readonly publishDir?: string | undefined;
};

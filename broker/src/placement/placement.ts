// The value of a decision: chosen, every candidate, every opinion.
import type { Assurance } from '../catalogue/index.ts';
import type { Reach } from './snapshot.ts';

export type Operator = '=' | '!=' | '>=' | '<=' | '>' | '<';

/** `country=DE,NL`, `label>=L1@certified`, `gpu.count>=4`. */
export type Criterion = {
  readonly fact: string;
  readonly operator: Operator;
  /** Any of these satisfies `=`; none may match `!=`; exactly one with the orders. */
  readonly values: readonly string[];
  /** The least assurance that counts; absent: any. */
  readonly assurance?: Assurance;
};

export type Preference = { readonly fact: string; readonly direction: 'lowest' | 'highest'; readonly weight: number };

export type Resources = { readonly cpuMillis: number; readonly memoryBytes: number; readonly pods: number; readonly gpus: number };

export type PlacementRequest = {
  /** What is placed, for receipts and messages. */
  readonly subject: string;
  readonly replicas: number;
  /** Of one replica. */
  readonly each: Resources;
  readonly criteria: readonly Criterion[];
  readonly preferences: readonly Preference[];
  /** Spread over at least so many providers where that is possible; 1 packs. */
  readonly providersMin: number;
  /** Only these clusters (names); absent: all of the snapshot. */
  readonly among?: readonly string[];
  readonly exclude: readonly string[];
  /** How near a cluster has to be; absent: `federated`. The home cluster is only considered where `among` names it. */
  readonly reach?: Reach;
};

export type Opinion = {
  readonly criterion: string;
  readonly verdict: 'satisfied' | 'excluded' | 'scored';
  readonly score?: number;
  readonly asked: string;
  readonly found: string;
  /** Credential digest, `observed`, `measured`, `request`, or `none`. */
  readonly source: string;
};

export type Candidate = { readonly cluster: string; readonly offering: string | null; readonly total: number | null; readonly opinions: readonly Opinion[] };

export type Placement = {
  /** null: nothing fits; the opinions say why. Sorted by cluster name. */
  readonly chosen: readonly { readonly cluster: string; readonly replicas: number }[] | null;
  readonly candidates: readonly Candidate[];
  readonly snapshotVersion: number;
  /** Version of the rules that decided; a receipt of another version is not replayed but reported. */
  readonly decisionVersion: number;
};

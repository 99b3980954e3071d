// The value of a decision: chosen, every candidate, every opinion.
import type { Assurance } from '../catalogue/index.ts';
import type { Point } from './criteria/distance.ts';
import type { Reach } from './snapshot.ts';

export type Operator = '=' | '!=' | '>=' | '<=' | '>' | '<';

/** `country=DE,NL`, `label>=L1@certified`, `gpu.count>=4`, `cpu.cores=8..64`, `distance(52.37,4.9)<=500km`. */
export type Criterion = {
  readonly fact: string;
  /** Of the fact `position` only: what is asked about is how many kilometres it is from there. */
  readonly from?: Point;
  readonly operator: Operator;
  /** Any of these satisfies `=`; none may match `!=`; exactly one with the orders. In the unit of the fact. `8..64` is a range. */
  readonly values: readonly string[];
  /** The least assurance that counts; absent: any. */
  readonly assurance?: Assurance;
};

/** By the order of a fact, or by whether a criterion is met. */
export type Preference = Ordering | Wish;
export type Ordering = { readonly fact: string; readonly from?: Point; readonly direction: 'lowest' | 'highest'; readonly weight: number };
/** `fact` is that of the criterion. */
export type Wish = { readonly fact: string; readonly wish: Criterion; readonly weight: number };

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

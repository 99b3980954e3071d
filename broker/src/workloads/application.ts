// An application as Hanse keeps it: the manifests as accepted, where it may run and why.
import type { KubeManifest } from './manifest.ts';
import type { Placement, PlacementRequest, Policy } from '../placement/index.ts';

export type Application = {
  readonly name: string;
  readonly namespace: string;
  /** Our name of the home cluster. */
  readonly home: string;
  /** As accepted, before placement was written into them; Secrets without their data. What another placement is rewritten from. */
  readonly accepted: readonly KubeManifest[];
  /** As accepted and rewritten for placement, ready to apply; Secrets without their data. */
  readonly manifests: readonly KubeManifest[];
  /** Where the data of each Secret lies sealed: never in a plan, a record or an answer. */
  readonly secrets: readonly SealedSecret[];
  /** Names of the clusters whose pods it may have; the home cluster's name among them if it may run at home. Sorted. */
  readonly clusters: readonly string[];
  /** What was asked when it was placed, for moves that choose again. */
  readonly request: PlacementRequest;
  /** The words of it, as they were typed. Absent: it was deployed before they were kept. */
  readonly asked?: Asked;
  readonly placement: Placement;
  /** What its policy says is done when something happens to a provider; absent: its policy says nothing. */
  readonly react?: NonNullable<Policy['react']>;
  readonly state: 'deploying' | 'running' | 'migrating' | 'deleting';
};

export type Asked = {
  readonly where: readonly string[];
  readonly prefer: readonly string[];
  /** Name of the policy. */
  readonly policy?: string;
  /** Exactly these clusters were named; a move changes them. */
  readonly clusters?: readonly string[];
  readonly spread?: number;
};

export type SealedSecret = { readonly name: string; readonly sealed: string };

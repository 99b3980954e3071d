// What documents are held against.
import type { Peering } from '../federation/index.ts';
import type { Policy } from '../placement/index.ts';
import type { Application } from '../workloads/application.ts';

export type State = {
  readonly homes: readonly string[];
  readonly providers: readonly string[];
  readonly peerings: readonly Peering[];
  readonly applications: readonly Application[];
  readonly policies: readonly Policy[];
  /** Providers that satisfy the criteria of a Federation, by its name. */
  readonly chosen: ReadonlyMap<string, readonly string[]>;
  /** Clusters of an application that do not satisfy the criteria that its document has, by its name. */
  readonly unfit: ReadonlyMap<string, readonly string[]>;
};

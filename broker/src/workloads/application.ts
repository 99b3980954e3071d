// An application as Hanse keeps it: the manifests as accepted, where it may run and why.
import type { KubeManifest } from './manifest.ts';
import type { Placement } from '../placement/placement.ts';

export type Application = {
  readonly name: string;
  readonly namespace: string;
  /** Our name of the home cluster. */
  readonly home: string;
  /** As accepted and rewritten for placement, ready to apply. */
  readonly manifests: readonly KubeManifest[];
  /** Names of the clusters whose pods it may have; the home cluster's name among them if it may run at home. */
  readonly clusters: readonly string[];
  readonly placement: Placement;
  readonly state: 'deploying' | 'running' | 'migrating' | 'deleting';
};

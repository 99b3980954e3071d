// What a move is decided from: the application's part of the home cluster, as read once.
import type { Fields } from '../json.ts';

export type MovingDeployment = {
  readonly name: string;
  readonly uid: string;
  readonly replicas: number;
  readonly strategy: 'RollingUpdate' | 'Recreate';
  readonly isPaused: boolean;
  /** Every replica ready and none of an older template left. */
  readonly isSettled: boolean;
  /** The pod template's own labels and spec. */
  readonly labels: Labels;
  readonly spec: Fields;
};

export type Labels = Readonly<Record<string, string>>;

export type PodAtSource = {
  readonly name: string;
  readonly uid: string;
  /** Our name of the cluster; null: not placed. */
  readonly cluster: string | null;
  readonly phase: string;
  readonly labels: Labels;
  /** `ReplicaSet web-5d7`; null: nobody's. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
};

export type ClaimFacts = {
  readonly namespace: string;
  readonly name: string;
  /** As Kubernetes writes it: 1Gi. */
  readonly size: string;
  /** Our name of the cluster; null: nobody knows, or nowhere yet. */
  readonly cluster: string | null;
  readonly isBound: boolean;
};

export type Selector = { readonly name: string; readonly selector: Labels };

export type Facts = {
  readonly application: string;
  readonly namespace: string;
  readonly home: string;
  /** Names of the clusters it may run at now. Sorted. */
  readonly clusters: readonly string[];
  readonly deployments: readonly MovingDeployment[];
  /** Other kinds that make pods: StatefulSet, CronJob, Job that has not ended. */
  readonly others: readonly { readonly kind: string; readonly name: string }[];
  readonly pods: readonly PodAtSource[];
  readonly claims: readonly ClaimFacts[];
  readonly services: readonly Selector[];
  /** Label keys that network policies look at: other than these are changed where there is a choice. */
  readonly policyKeys: readonly string[];
  /** Deployments that a HorizontalPodAutoscaler scales, by name. */
  readonly scaled: readonly string[];
};

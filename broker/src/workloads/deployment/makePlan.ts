// A deployment as a value: every step, on whose authority, and what undoes it.
import type { JsonObject } from '../../ids.ts';
import type { Plan, PlanNote, Side, Step, Undo } from '../../operations/index.ts';
import type { Application } from '../application.ts';
import type { KubeManifest } from '../manifest.ts';
import { digestOf } from '../pure-crypto.ts';
import type { Sites } from './affinity.ts';
import { inputOf } from './stepInput.ts';
import { groupKind } from './podTemplate.ts';

export type DeployPlan = {
  /** As it will be. */
  readonly application: Application;
  /** As it is; null: it is deployed for the first time. */
  readonly before: Application | null;
  readonly sites: Sites;
  /** Where it is open to now; null: it is deployed for the first time. */
  readonly sitesBefore: Sites | null;
  /** What the server said would change, when it is there already (a dry run): `Deployment web: spec.replicas`. */
  readonly changes: readonly string[];
  readonly notes: readonly PlanNote[];
  /** How long pods may take to become ready. */
  readonly rolloutSeconds: number;
};

const nothing: Undo = { kind: 'nothing' };

export function makeDeployPlan(deploy: DeployPlan): Plan {
  const { application, before, changes, notes } = deploy;
  return {
    kind: 'deploy',
    subject: application.name,
    title: `${before ? 'Update' : 'Deploy'} ${application.name} at ${application.clusters.join(', ')}`,
    steps: deploySteps(deploy),
    pointOfNoReturn: null,
    madeFrom: {
      application: before === null ? null : versionOf(before),
      made: versionOf(application),
      remote: [...deploy.sites.remote],
      home: application.home,
    },
    notes: [...notes, ...changes.map((text) => ({ topic: 'change', text })), ...prunedNotes(application, before)],
  };
}

/** What identifies an application's state apart from what is going on with it. */
export const versionOf = ({ state: _passing, ...application }: Application): string => digestOf(application);

function deploySteps({ application, before, sites, sitesBefore, rolloutSeconds }: DeployPlan): Step[] {
  const { name, home, clusters } = application;
  const side: Side = { role: 'consumer', cluster: home };
  const broker: Side = { role: 'broker' };
  const once = { application: inputOf(application), before: before === null ? null : inputOf(before) };
  const at = `${name} at ${home}`;
  const pruned = prunedFrom(application, before);
  return [
    step('deploy-begin', `Write down that ${name} is being deployed`, {
      side: broker,
      input: once,
      undo: { kind: 'undo', title: before ? 'Write down what it was' : 'Forget it' },
    }),
    step('deploy-namespace', `Make the namespace ${at}, under baseline pod security`, {
      side,
      input: { namespace: name },
      undo: { kind: 'undo', title: 'Delete the namespace if this made it' },
    }),
    step('deploy-check', `Let the API server of ${home} check every object without keeping any`, { side, input: {}, undo: nothing }),
    step('deploy-offload', `Open the namespace to exactly ${clusters.join(', ')}`, {
      side,
      input: { namespace: name, ...plain(sites), before: sitesBefore === null ? null : plain(sitesBefore) },
      undo: { kind: 'undo', title: before ? 'Open it to exactly the clusters of before' : 'Take it back from them' },
      timeoutSeconds: 180,
    }),
    step('deploy-apply', `Apply ${counted(application.manifests)}`, {
      side,
      input: {},
      undo: { kind: 'undo', title: before ? 'Apply what was there before' : 'Delete them' },
      attempts: 3,
      timeoutSeconds: 180,
    }),
    step('deploy-rollout', `Wait until every replica is ready`, {
      side,
      input: { rolloutSeconds },
      undo: nothing,
      attempts: 1,
      timeoutSeconds: rolloutSeconds + 30,
    }),
    ...(pruned.length > 0
      ? [
          step('deploy-prune', `Delete what is no longer among the manifests: ${pruned.map(titleOf).join(', ')}`, {
            side,
            input: {},
            undo: { kind: 'undo', title: 'Apply them again' },
            destructive: true,
            timeoutSeconds: 180,
          }),
        ]
      : []),
    step('deploy-verify', `Verify that every pod is at a chosen cluster and no Secret left home without need`, { side, input: {}, undo: nothing }),
    step('deploy-end', `Write down that ${name} is running`, { side: broker, input: {}, undo: nothing }),
  ];
}

const plain = ({ remote, home }: Sites): JsonObject => ({ remote: [...remote], home });

type StepMore = {
  readonly side: Side;
  readonly input: JsonObject;
  readonly undo: Undo;
  readonly destructive?: boolean;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
};

export function step(kind: string, title: string, { side, input, undo, destructive = false, attempts = 5, timeoutSeconds = 60 }: StepMore): Step {
  return { kind, title, side, input, undo, destructive, attempts, timeoutSeconds };
}

/** Claims are never pruned: what they hold cannot be applied again. */
export function prunedFrom(application: Application, before: Application | null): KubeManifest[] {
  const kept = new Set(application.manifests.map(titleOf));
  return (before?.manifests ?? []).filter((manifest) => !kept.has(titleOf(manifest)) && groupKind(manifest) !== '/PersistentVolumeClaim');
}

function prunedNotes(application: Application, before: Application | null): PlanNote[] {
  const kept = new Set(application.manifests.map(titleOf));
  return (before?.manifests ?? [])
    .filter((manifest) => !kept.has(titleOf(manifest)) && groupKind(manifest) === '/PersistentVolumeClaim')
    .map((manifest) => ({
      topic: 'data',
      text: `${titleOf(manifest)} is no longer among the manifests; it is kept, because its data could not be brought back.`,
    }));
}

export const titleOf = (manifest: KubeManifest): string => `${manifest.kind} ${manifest.metadata.name}`;

/** `1 Deployment, 2 Services`. */
function counted(manifests: readonly KubeManifest[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of manifests) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`).join(', ');
}

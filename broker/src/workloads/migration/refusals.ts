// Why an application cannot be moved without losing something; all of it before the first step.
import type { Refusal } from '../../operations/index.ts';
import { fieldsOf, listOf, textOf } from '../json.ts';
import { claimRefusals, claimsAt } from './claims.ts';
import type { Facts, MovingDeployment } from './facts.ts';

export function moveRefusals(facts: Facts, from: string): Refusal[] {
  return [
    ...claimRefusals(facts.claims, [from]),
    ...facts.deployments.flatMap((deployment) => [...volumeRefusals(facts, deployment, from), ...deploymentRefusals(facts, deployment)]),
    ...facts.others.map(({ kind, name }) => ({
      message: `${kind} ${name} of ${facts.application} cannot be moved: only Deployments can have their pods at two places at once.`,
      fix: kind === 'Job' ? 'Wait until it has ended, or delete it.' : 'Delete it, or leave the application where it is.',
    })),
    ...strangers(facts, from),
  ];
}

function deploymentRefusals({ scaled }: Facts, { name, strategy, isPaused, isSettled }: MovingDeployment): Refusal[] {
  return [
    ...(strategy === 'Recreate'
      ? [
          {
            message: `Deployment ${name} has the strategy Recreate: its old and new pods must never run at once, so it cannot be moved without an interruption.`,
            fix: 'Set strategy RollingUpdate if two of its pods may run beside each other.',
          },
        ]
      : []),
    ...(isPaused ? [{ message: `Deployment ${name} is paused.`, fix: `Resume it: kubectl rollout resume deployment/${name}.` }] : []),
    ...(isSettled
      ? []
      : [
          {
            message: `Deployment ${name} has not rolled out: not every replica is ready, or older ones are still there.`,
            fix: 'Wait until it has rolled out, or mend what its pods wait for.',
          },
        ]),
    ...(scaled.includes(name)
      ? [
          {
            message: `Deployment ${name} is scaled by a HorizontalPodAutoscaler, which would change the number of replicas in the middle of the move.`,
            fix: 'Delete the HorizontalPodAutoscaler for the time of the move.',
          },
        ]
      : []),
  ];
}

/** What lies in a volume of the node, or in a claim, does not come along. */
function volumeRefusals({ namespace, claims }: Facts, { name, spec }: MovingDeployment, from: string): Refusal[] {
  return listOf(spec['volumes']).flatMap((item) => {
    const volume = fieldsOf(item);
    const volumeName = textOf(volume['name']) ?? '?';
    const claim = textOf(fieldsOf(volume['persistentVolumeClaim'])['claimName']);
    if (claim !== undefined) {
      const known = claims.find((found) => found.name === claim);
      // said already, with its size
      if (known && claimsAt([known], [from]).length > 0) return [];
      return [
        {
          message: `Deployment ${name} uses claim ${namespace}/${claim} (${known?.size ?? 'unknown size'} at ${known?.cluster ?? 'no cluster yet'}); Hanse cannot move volumes yet.`,
          fix: 'Leave the application where it is, or remove the claim from it.',
        },
      ];
    }
    const path = textOf(fieldsOf(volume['hostPath'])['path']);
    if (path !== undefined)
      return [
        {
          message: `Deployment ${name} uses the host path ${path} of the nodes at ${from} (unknown size, volume ${volumeName}); what lies there would be left behind.`,
          fix: 'Remove the volume.',
        },
      ];
    const other = ['ephemeral', 'csi', 'local', 'nfs', 'iscsi', 'fc', 'rbd', 'cephfs'].find((kind) => Object.hasOwn(volume, kind));
    return other === undefined
      ? []
      : [
          {
            message: `Deployment ${name} uses a volume of kind ${other} (${volumeName}, unknown size, at ${from}); Hanse cannot move volumes yet.`,
            fix: 'Remove the volume.',
          },
        ];
  });
}

/** Pods at the source that no Deployment of the application would bring up elsewhere. */
function strangers({ pods, application }: Facts, from: string): Refusal[] {
  return pods
    .filter(
      ({ cluster, phase, owner }) =>
        cluster === from &&
        phase !== 'Succeeded' &&
        phase !== 'Failed' &&
        owner?.kind !== 'ReplicaSet' &&
        owner?.kind !== 'StatefulSet' &&
        owner?.kind !== 'Job',
    )
    .map(({ name, owner }) => ({
      message: `Pod ${name} of ${application} at ${from} belongs to ${owner ? `${owner.kind} ${owner.name}` : 'nobody'}: nothing would bring it up elsewhere.`,
      fix: 'Delete it, or describe it as a Deployment.',
    }));
}

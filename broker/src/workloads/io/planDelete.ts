// Reads what deleting an application would take with it.
import type { Kube } from '../../clusters/io/index.ts';
import type { PlanOutcome } from '../../operations/index.ts';
import { makeDeletePlan } from '../deployment/makeDeletePlan.ts';
import { allowedKinds } from '../deployment/allowList.ts';
import { groupKind } from '../deployment/podTemplate.ts';
import { claimText, readClaims } from './claims.ts';
import { isOurs } from './objects.ts';
import { clustersOfNodes, readNodes } from './pods.ts';
import type { DeleteRequest } from './request.ts';
import type { Workplace } from './world.ts';

export async function planDelete(work: Workplace, { name, data, foreign: withForeign }: DeleteRequest, owner: string): Promise<PlanOutcome> {
  const application = await work.rows.find(owner, name);
  if (application.state !== 'running')
    return {
      kind: 'refused',
      reasons: [
        { message: `${name} is ${application.state}: another operation has it.`, fix: 'Wait for it to end, or answer what it asks: hanse operations.' },
      ],
    };
  const kube = await work.clusters.kube(owner, application.home);
  const nodes = clustersOfNodes(await readNodes(kube), application.home, await work.peerings(owner, application.home));
  const claims = (await readClaims(kube, application.namespace, nodes)).map(claimText);
  if (claims.length > 0 && !data)
    return {
      kind: 'refused',
      reasons: claims.map((claim) => ({
        message: `${name} holds data: ${claim}.`,
        fix: 'Save what is needed, then delete the data too: hanse delete --data.',
      })),
    };
  const foreign = await foreignObjects(kube, application.namespace, application.name);
  if (foreign.length > 0 && !withForeign)
    return {
      kind: 'refused',
      reasons: foreign.map((object) => ({
        message: `${object} in namespace ${application.namespace} is not Hanse's and would go with it.`,
        fix: 'Take it away first, or delete it too: hanse delete --foreign.',
      })),
    };
  return { kind: 'plan', plan: makeDeletePlan({ application, claims, foreign }) };
}

/** Kubernetes itself makes these in every namespace. */
const ofKubernetes = ['ServiceAccount default', 'ConfigMap kube-root-ca.crt'];

/** Of the kinds that people make; what belongs to an object goes with it. Claims are told apart. */
async function foreignObjects(kube: Kube, namespace: string, application: string): Promise<string[]> {
  const resources = await kube.resources();
  const kinds = resources.filter(
    (resource) =>
      resource.namespaced &&
      resource.verbs.includes('list') &&
      allowedKinds.some((key) => key === groupKind(resource)) &&
      groupKind(resource) !== '/PersistentVolumeClaim',
  );
  const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => kube.list({ apiVersion, kind, namespace })));
  return lists
    .flat()
    .filter((object) => !isOurs(object, application) && (object.metadata.ownerReferences ?? []).length === 0)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .filter((title) => !ofKubernetes.includes(title))
    .sort();
}

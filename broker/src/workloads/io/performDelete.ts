// Every effect that deleting an application has on the world.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Outcome, Performers, StepContext } from '../../operations/io/index.ts';
import type { Application } from '../application.ts';
import { readApplication } from '../deployment/stepInput.ts';
import { readClaims, refuseWhileClaimed } from './claims.ts';
import { deleteOurs, isOurs, notOurs, objectOf, refOf } from './objects.ts';
import { offloadingRef } from './offloading.ts';
import { groupKind } from '../deployment/podTemplate.ts';
import { kubeOf, type Workplace } from './world.ts';

const done: Outcome = { kind: 'done' };
const firstInput = z.looseObject({ application: z.unknown() });
const planned = ({ plan }: StepContext): Application => readApplication(firstInput.parse(plan.steps[0]?.input).application);

export function deletePerformers(work: Workplace): Performers {
  const at = async (context: StepContext): Promise<{ kube: Kube; application: Application }> => {
    const application = planned(context);
    return { application, kube: await kubeOf(work, context, application.home) };
  };
  return {
    'delete-begin': {
      async perform(context) {
        await work.rows.begin({ owner: context.owner, application: planned(context), operation: context.operation, state: 'deleting' });
        return done;
      },
      async undo(context) {
        await work.rows.write({ owner: context.owner, application: { ...planned(context), state: 'running' }, operation: context.operation });
        return done;
      },
    },
    'delete-workloads': {
      async perform(context) {
        const { kube, application } = await at(context);
        await deleteObjects(kube, application, context);
        await untilNoPods(kube, application, context);
        return done;
      },
    },
    'delete-claims': {
      async perform(context) {
        const { kube, application } = await at(context);
        for (const { name, uid } of await readClaims(kube, application.namespace, new Map())) {
          const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: application.namespace, name };
          await kube.delete(ref, { uid });
          await kube.until(ref, (object) => object === null || object.metadata.uid !== uid, { what: `claim ${name} to be gone`, timeoutSeconds: 120 });
        }
        return done;
      },
    },
    'delete-offloading': {
      async perform(context) {
        const { kube, application } = await at(context);
        if ((await kube.get(offloadingRef(application.namespace))) === null) return done;
        await refuseWhileClaimed(kube, application.namespace);
        await deleteOurs(kube, offloadingRef(application.namespace), { application: application.name, timeoutSeconds: 280 });
        return done;
      },
    },
    'delete-namespace': {
      async perform(context) {
        const { kube, application } = await at(context);
        const ref = { apiVersion: 'v1', kind: 'Namespace', name: application.namespace };
        const found = await kube.get(ref);
        if (found && !isOurs(found, application.name)) throw notOurs(kube.cluster, found);
        await deleteOurs(kube, ref, { application: application.name, timeoutSeconds: 280 });
        return done;
      },
    },
    'delete-prove': { perform: async (context) => prove(await at(context), context) },
    'delete-end': {
      async perform(context) {
        const application = planned(context);
        await work.rows.remove({ owner: context.owner, application, operation: context.operation });
        for (const { sealed } of application.secrets) await work.store.forget(context.owner, sealed);
        return done;
      },
    },
  };
}

/** What makes pods first goes last to be applied, so backwards: nothing is started again while it is taken apart. Claims have a step of their own. */
async function deleteObjects(kube: Kube, { name, manifests }: Application, context: StepContext): Promise<void> {
  const targets = manifests.toReversed().filter((manifest) => groupKind(manifest) !== '/PersistentVolumeClaim');
  for (const [index, manifest] of targets.entries()) {
    context.progress(`${manifest.kind} ${manifest.metadata.name}`, index / targets.length);
    await deleteOurs(kube, refOf(objectOf(manifest)), { application: name, timeoutSeconds: 200 });
  }
}

async function untilNoPods(kube: Kube, { namespace, name }: Application, context: StepContext): Promise<void> {
  for (const pod of await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })) {
    context.progress(`${pod.metadata.name} is ending`);
    const ref = refOf(pod);
    const { uid } = pod.metadata;
    // Orphans of a move carry our label but nobody owns them any more.
    if (isOurs(pod, name) && pod.metadata.deletionTimestamp === undefined && (pod.metadata.ownerReferences ?? []).length === 0 && uid !== undefined)
      await kube.delete(ref, { uid });
    await kube.until(ref, (object) => object === null || object.metadata.uid !== uid, {
      what: `pod ${pod.metadata.name} to be gone from its cluster`,
      timeoutSeconds: 200,
    });
  }
}

const mapSchema = z.looseObject({
  spec: z.looseObject({ desiredMapping: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  status: z.looseObject({ currentMapping: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/** Liqo's own lists of namespaces at providers are what the home cluster can show of them. */
async function prove({ kube, application }: { kube: Kube; application: Application }, context: StepContext): Promise<Outcome> {
  const { namespace } = application;
  const left = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  const maps = await kube.list({ apiVersion: 'offloading.liqo.io/v1beta1', kind: 'NamespaceMap' });
  const mapped = maps.filter((map) => isMapped(map, namespace)).map((map) => map.metadata.name);
  if (left !== null || mapped.length > 0) {
    const places = [...(left === null ? [] : [kube.cluster]), ...mapped];
    throw new HanseError('TIMED_OUT', `Namespace ${namespace} is still there for ${places.join(', ')}.`);
  }
  const gone = context.made().length + application.manifests.length;
  return {
    kind: 'done',
    result: { absent: gone, unseen: `Inside the clusters of the providers nothing but Liqo's lists could be read: hanse has no right there.` },
  };
}

function isMapped(map: KubeObject, namespace: string): boolean {
  const { spec, status } = mapSchema.parse(map);
  return Object.hasOwn(spec?.desiredMapping ?? {}, namespace) || Object.hasOwn(status?.currentMapping ?? {}, namespace);
}

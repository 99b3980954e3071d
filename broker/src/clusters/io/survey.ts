// Reads a cluster for whoever describes it: with a kubeconfig that is as little trusted as any other, and never a changing request.
import { HanseError } from '../../errors.ts';
import type { Allowed } from '../address.ts';
import { surveyOf, type Survey } from '../survey.ts';
import { connectWith } from './bootstrap.ts';
import { enter } from './enter.ts';
import { observe, permitted } from './observe.ts';

export type SurveyRequest = { readonly kubeconfig: string; readonly context?: string | undefined; readonly allowedAddresses: Allowed };

/** KUBECONFIG_REJECTED with every fault; what kubernetes/kube.ts names when the cluster does not answer. */
export async function survey({ kubeconfig, context, allowedAddresses }: SurveyRequest): Promise<Survey> {
  const { access } = await enter('the cluster', { kubeconfig, context }, { allowed: allowedAddresses, now: Date.now() });
  const { server, ca, tlsServerName, credential } = access;
  const kube = connectWith({ cluster: 'the cluster', server, ca, tlsServerName }, credential, allowedAddresses);
  try {
    const facts = await observe(kube, { wanted: [], credentialEndsAt: null });
    const [nodes, storageClasses, daemonSets] = await Promise.all([
      permitted(kube.list({ apiVersion: 'v1', kind: 'Node' })),
      permitted(kube.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' })),
      permitted(kube.list({ apiVersion: 'apps/v1', kind: 'DaemonSet' })),
    ]);
    return surveyOf(facts, { nodes, storageClasses, daemonSets: daemonSets?.map(({ metadata }) => metadata.name) ?? null });
  } catch (error) {
    if (error instanceof HanseError && error.code === 'CLUSTER_UNAUTHORIZED')
      throw new HanseError('CLUSTER_UNAUTHORIZED', error.message, { fix: 'Give a kubeconfig whose credential the cluster still takes.' });
    throw error;
  } finally {
    await kube.close();
  }
}

// The world as it is with an application, read at its home cluster.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../clusters/io/index.ts';
import type { Peering } from '../../federation/index.ts';
import type { Application } from '../application.ts';
import { titleOf } from '../deployment/makePlan.ts';
import { referredSecrets } from '../deployment/references.ts';
import { skipReflection } from '../deployment/rewrite.ts';
import type { EndpointFacts, Observed } from '../status.ts';
import { objectOf, refOf } from './objects.ts';
import { offloadingRef, selectedBy } from './offloading.ts';
import { clustersOfNodes, readNodes, readPods } from './pods.ts';
import { reviewWorkload } from './rollout.ts';

export async function observe(kube: Kube, application: Application, peerings: readonly Peering[]): Promise<Observed> {
  const { namespace, home, manifests } = application;
  const nodes = clustersOfNodes(await readNodes(kube), home, peerings);
  const found = await Promise.all(manifests.map(async (manifest) => ({ title: titleOf(manifest), object: await kube.get(refOf(objectOf(manifest))) })));
  const [pods, endpoints, offloading, strayed] = await Promise.all([
    readPods(kube, namespace, nodes),
    readEndpoints(kube, namespace),
    kube.get(offloadingRef(namespace)),
    strayedSecrets(kube, application),
  ]);
  const names = new Map(peerings.map(({ providerClusterId, provider }) => [providerClusterId, provider]));
  const selected = offloading ? (selectedBy(offloading) ?? ['any cluster']) : null;
  return {
    pods,
    endpoints,
    workloads: found.flatMap(({ object }) => {
      const review = object === null ? null : reviewWorkload(object);
      return review === null ? [] : [{ kind: review.kind, name: review.name, wanted: review.wanted, ready: review.ready, updated: review.updated }];
    }),
    openTo: selected?.map((id) => names.get(id) ?? id) ?? null,
    missing: found.filter(({ object }) => object === null).map(({ title }) => title),
    strayedSecrets: strayed,
  };
}

/** Secrets of the namespace that Liqo takes to providers although no pod of the application refers to them: made by others, after us or beside us. */
export async function strayedSecrets(kube: Kube, { namespace, manifests }: Application): Promise<string[]> {
  const referred = referredSecrets(manifests);
  const secrets = await kube.list({ apiVersion: 'v1', kind: 'Secret', namespace });
  return secrets
    .filter(({ metadata }) => metadata.annotations?.[skipReflection] === undefined && !referred.has(metadata.name))
    .map(({ metadata }) => metadata.name)
    .sort();
}

const slice = z.looseObject({
  endpoints: z
    .array(z.looseObject({ addresses: z.array(z.string()).nullish(), conditions: z.looseObject({ ready: z.boolean().nullish() }).nullish() }))
    .nullish(),
});

async function readEndpoints(kube: Kube, namespace: string): Promise<EndpointFacts[]> {
  const slices = await kube.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace });
  const services = new Map<string, string[]>();
  for (const object of slices) {
    const service = object.metadata.labels?.['kubernetes.io/service-name'];
    if (service !== undefined) services.set(service, [...(services.get(service) ?? []), ...readyAddresses(object)]);
  }
  return [...services]
    .map(([service, addresses]) => ({ service, ready: addresses.length, addresses: [...addresses].sort() }))
    .sort((one, other) => (one.service < other.service ? -1 : 1));
}

const readyAddresses = (object: KubeObject): string[] =>
  (slice.parse(object).endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses ?? []);

// What a provider's own nodes learn of endpoints elsewhere: Liqo's virtual kubelet passes on the home's EndpointSlices without those of that provider, some time after each change.
import type { Member } from '../../apiServer.ts';
import type { Plain } from '../../fields.ts';
import type { Stored } from '../../object.ts';
import type { Objects } from '../../objects.ts';
import type { Pace } from '../controller.ts';
import { label, plain, rows, text } from '../read.ts';
import { OFFLOADING } from './names.ts';
import { endpointsAsSeen } from './network.ts';

const SLICE = 'discovery.k8s.io/v1';
const REFLECTED_BY = 'endpointslice.reflection.liqo.io';
const NOTHING_IS_TRANSLATED = '--local-podcidr=0.0.0.0/0';
const ARGUMENTS = 'spec.template.spec.template.spec.containers';

/** The arguments of a virtual kubelet are settled when its virtual node is made: later changes of the options do not reach it. */
export function settleOptions(objects: Objects, virtual: Stored): void {
  if (rows(virtual, ARGUMENTS).length > 0) return;
  const named = plain(virtual, 'spec.vkOptionsTemplateRef');
  const options =
    objects.find(OFFLOADING, 'VkOptionsTemplate', text(named, 'namespace'), text(named, 'name')) ??
    objects.find(OFFLOADING, 'VkOptionsTemplate', 'liqo', 'virtual-kubelet-default');
  const args = options?.spec?.extraArgs ?? [];
  const template = { spec: { template: { spec: { containers: [{ name: 'virtual-kubelet', args }] } } } };
  objects.update(virtual, (v) => void (v.spec = { ...v.spec, template }));
}

/** When a change will be passed on, by the place where it arrives. Forgotten with the process: it waits once more. */
const dueTimes = new WeakMap<Objects, Map<string, number>>();

/** Answers how long until the next change is passed on; 0: none waits. */
export function reflectEndpoints(
  home: Member,
  virtual: Stored,
  provider: Member,
  { namespace, remote }: { namespace: string; remote: string },
  pace: Pace,
): number {
  const target = provider.objects.find('v1', 'Namespace', undefined, remote);
  if (!target || target.metadata.deletionTimestamp) return 0;
  const due = dueTimes.get(provider.objects) ?? new Map<string, number>();
  dueTimes.set(provider.objects, due);
  const slices = home.objects.all(SLICE, 'EndpointSlice', namespace).filter((slice) => label(slice, 'endpointslice.kubernetes.io/managed-by') !== REFLECTED_BY);
  const nameOf = (slice: Stored): string => `${slice.metadata.name}-${home.name}`;
  for (const copy of provider.objects.all(SLICE, 'EndpointSlice', remote))
    if (label(copy, 'offloading.liqo.io/origin') === home.name && !slices.some((slice) => nameOf(slice) === copy.metadata.name)) provider.objects.drop(copy);
  const waits = slices.map((slice): number => {
    const others = elsewhere(home.objects, slice, virtual);
    if (others === null) return 0;
    const wanted = endpointsAsSeen(provider.objects, home.name, others);
    const copy = provider.objects.find(SLICE, 'EndpointSlice', remote, nameOf(slice));
    const key = `${remote}/${nameOf(slice)}`;
    if (JSON.stringify(copy?.endpoints ?? []) === JSON.stringify(wanted)) {
      due.delete(key);
      return 0;
    }
    const at = due.get(key) ?? Date.now() + pace.reflectMsMin + Math.random() * (pace.reflectMsMax - pace.reflectMsMin);
    due.set(key, at);
    if (at > Date.now()) return at - Date.now();
    due.delete(key);
    const labels = {
      'kubernetes.io/service-name': label(slice, 'kubernetes.io/service-name'),
      'endpointslice.kubernetes.io/managed-by': REFLECTED_BY,
      'offloading.liqo.io/origin': home.name,
    };
    const metadata = { name: nameOf(slice), namespace: remote, labels };
    const made = provider.objects.ensure({ apiVersion: SLICE, kind: 'EndpointSlice', metadata, addressType: 'IPv4', endpoints: [], ports: [] });
    provider.objects.update(made, (s) => {
      s.endpoints = structuredClone(wanted);
      s.ports = structuredClone(slice.ports);
    });
    return 0;
  });
  const left = waits.filter((ms) => ms > 0);
  return left.length === 0 ? 0 : Math.min(...left);
}

/** null: one address cannot be translated, and then that slice is not passed on at all. */
function elsewhere(home: Objects, slice: Stored, virtual: Stored): Plain[] | null {
  const others = rows(slice, 'endpoints').filter((endpoint) => endpoint.nodeName !== virtual.metadata.name);
  const isOfHome = (endpoint: Plain): boolean => {
    const node = home.find('v1', 'Node', undefined, String(endpoint.nodeName));
    return node !== undefined && label(node, 'liqo.io/type') !== 'virtual-node';
  };
  const args = rows(virtual, ARGUMENTS)[0]?.args;
  const isAnyPassedOn = Array.isArray(args) && args.includes(NOTHING_IS_TRANSLATED);
  return isAnyPassedOn || others.every(isOfHome) ? others : null;
}

// Lists as tables, for kubectl get: the columns of the real server for what people look at most, name and age for the rest.
import { at, amount, condition, label, plain, rows, text } from './controllers/read.ts';
import { isPlain, type Plain } from './fields.ts';
import type { Stored } from './object.ts';

type Cell = string | number;
/** `wide`: only with -o wide. */
type Column = { readonly name: string; readonly wide?: boolean; cell(object: Stored): Cell };

export const wantsTable = (accept: string | undefined): boolean => /application\/json;as=Table;v=v1;g=meta\.k8s\.io/.test(accept ?? '');

/** `given`: a list or one object, as it would be answered otherwise. */
export function asTable(given: unknown): unknown {
  if (!isPlain(given)) return given;
  const isList = Array.isArray(given.items);
  const objects = (isList ? given.items : [given]) as Stored[]; // the server's own answer
  const kind = isList ? String(given.kind).replace(/List$/, '') : String(given.kind);
  const shown = [name, ...(columnsOf[kind] ?? []), ...(columnsOf[kind]?.some((column) => column.name === 'Age') ? [] : [age])];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: isList ? given.metadata : { resourceVersion: objects[0]?.metadata.resourceVersion },
    columnDefinitions: shown.map((column) => ({
      name: column.name,
      type: 'string',
      format: column.name === 'Name' ? 'name' : '',
      description: '',
      priority: column.wide === true ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: shown.map(({ cell }) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const age: Column = { name: 'Age', cell: ({ metadata }) => since(metadata.creationTimestamp) };
const column = (title: string, cell: (object: Stored) => Cell): Column => ({ name: title, cell });
const wide = (title: string, cell: (object: Stored) => Cell): Column => ({ name: title, wide: true, cell });
const status =
  (field: string) =>
  (object: Stored): number =>
    amount(object, `status.${field}`);
const entries = (object: Stored): number => Object.keys(object.data ?? {}).length;
const orNone = (value: string): string => value || '<none>';

const columnsOf: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    column('Ready', (pod) => `${containers(pod).filter(({ ready }) => ready === true).length}/${rows(pod, 'spec.containers').length}`),
    column('Status', podStatus),
    column('Restarts', (pod) => containers(pod).reduce((sum, container) => sum + amount(container, 'restartCount'), 0)),
    age,
    wide('IP', (pod) => orNone(text(pod, 'status.podIP'))),
    wide('Node', (pod) => orNone(text(pod, 'spec.nodeName'))),
  ],
  Deployment: [
    column('Ready', (object) => `${status('readyReplicas')(object)}/${amount(object, 'spec.replicas', 1)}`),
    column('Up-to-date', status('updatedReplicas')),
    column('Available', status('availableReplicas')),
  ],
  ReplicaSet: [
    column('Desired', (object) => amount(object, 'spec.replicas', 1)),
    column('Current', status('replicas')),
    column('Ready', status('readyReplicas')),
  ],
  StatefulSet: [column('Ready', (object) => `${status('readyReplicas')(object)}/${amount(object, 'spec.replicas', 1)}`)],
  Node: [
    column('Status', nodeStatus),
    column('Roles', (node) => orNone(label(node, 'kubernetes.io/role'))),
    age,
    column('Version', (node) => text(node, 'status.nodeInfo.kubeletVersion')),
  ],
  Namespace: [column('Status', (object) => text(object, 'status.phase'))],
  Service: [
    column('Type', (object) => text(object, 'spec.type') || 'ClusterIP'),
    column('Cluster-IP', (object) => orNone(text(object, 'spec.clusterIP'))),
    column('External-IP', () => '<none>'),
    column('Port(s)', (object) => orNone(ports(object))),
  ],
  ConfigMap: [column('Data', entries)],
  Secret: [column('Type', (object) => (typeof object['type'] === 'string' ? object['type'] : 'Opaque')), column('Data', entries)],
};

const containers = (pod: Stored): Plain[] => rows(pod, 'status.containerStatuses');
const ports = (service: Stored): string =>
  rows(service, 'spec.ports')
    .map(({ port, protocol = 'TCP' }) => `${String(port)}/${String(protocol)}`)
    .join(',');

function podStatus(pod: Stored): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  const waits = containers(pod)
    .map((container) => text(plain(container, 'state.waiting'), 'reason'))
    .find((reason) => reason !== '');
  const phase = text(pod, 'status.phase') || 'Pending';
  return waits ?? (phase === 'Succeeded' ? 'Completed' : phase);
}

function nodeStatus(node: Stored): string {
  const ready = condition(node, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec.unschedulable') === true ? `${ready},SchedulingDisabled` : ready;
}

/** As the real server writes durations: two units while they matter. */
function since(time: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  return hours < 48 ? `${hours}h` : `${days}d`;
}

// Machines of one member, as its manager makes and takes them: a new one boots, joins and becomes ready; one that goes is cordoned and drained first.
import type { Member } from '../apiServer.ts';
import { rows, text } from '../controllers/read.ts';
import type { Disk } from '../disk.ts';
import { isPlain } from '../fields.ts';
import { kindOf } from '../kinds.ts';
import { addNode, type NodeSpec } from '../world.ts';

export type MachinePace = { readonly joinMs: number; readonly readyMs: number; readonly drainMs: number };

export type Machine = { readonly name: string; readonly number: number; readonly since: number; leavingSince: number | null };

export type Machines = {
  /** How many there shall be. */
  readonly wanted: number;
  list(): readonly Machine[];
  /** Neither one that comes nor one that goes. */
  settled(): boolean;
  isReady(machine: Machine): boolean;
  scale(wanted: number): Promise<void>;
  /** As long as it holds, no machine comes or goes. */
  hold(holds: boolean): void;
  reset(): Promise<void>;
  close(): void;
};

export type MachineOptions = {
  readonly disk: Disk;
  /** Under which they are remembered. */
  readonly part: string;
  readonly member: Member;
  now(): number;
  readonly pace: MachinePace;
  /** The node that a machine becomes. */
  nodeOf(number: number): NodeSpec;
};

type State = { wanted: number; next: number; machines: Machine[] };

const lookEveryMs = 100;
const nodeKind = kindOf('v1', 'Node');
const podKind = kindOf('v1', 'Pod');

export async function startMachines({ disk, part, member, now, pace, nodeOf }: MachineOptions): Promise<Machines> {
  if (!nodeKind || !podKind) throw new Error('no nodes or pods');
  const { objects } = member;
  const asFound = (): State => {
    const names = objects.list(nodeKind).flatMap(({ metadata }) => (metadata.labels?.['liqo.io/type'] === 'virtual-node' ? [] : [metadata.name]));
    const machines = names.map((name, index) => ({ name, number: 100 + index, since: 0, leavingSince: null }));
    return { wanted: machines.length, next: 100 + machines.length, machines };
  };
  let state = read(disk.read(part)) ?? asFound();
  const save = (): Promise<void> => disk.write(part, state);
  await save();

  const age = ({ since }: Machine): number => now() - since;
  const nodeWhere = (name: string) => ({ kind: nodeKind, namespace: undefined, name });
  const patchNode = (name: string, patch: object): void => void (objects.get(nodeWhere(name)) && objects.merge(nodeWhere(name), patch, { manager: 'manager' }));
  const podsOn = (name: string) => objects.list(podKind).filter((pod) => text(pod, 'spec.nodeName') === name);

  const join = (machine: Machine): void => {
    if (age(machine) < pace.joinMs) return;
    if (!objects.get(nodeWhere(machine.name))) {
      addNode(member, { ...nodeOf(machine.number), name: machine.name });
      setReady(machine.name, 'False');
    }
    if (age(machine) >= pace.joinMs + pace.readyMs) setReady(machine.name, 'True');
  };
  const setReady = (name: string, status: 'True' | 'False'): void => {
    const node = objects.get(nodeWhere(name));
    if (!node || rows(node, 'status.conditions').some((condition) => condition['type'] === 'Ready' && condition['status'] === status)) return;
    objects.merge(
      nodeWhere(name),
      { status: { conditions: [{ type: 'Ready', status, lastTransitionTime: new Date().toISOString() }] } },
      { manager: 'kubelet', subresource: 'status' },
    );
  };
  /** Cordoned, then its pods are told to go, and only when they are gone the node. */
  const leave = (machine: Machine): boolean => {
    patchNode(machine.name, { spec: { unschedulable: true } });
    for (const pod of podsOn(machine.name)) {
      const { name, namespace, deletionTimestamp } = pod.metadata;
      if (deletionTimestamp === undefined) objects.delete({ kind: podKind, namespace, name }, {});
    }
    if (podsOn(machine.name).length > 0 || now() - (machine.leavingSince ?? now()) < pace.drainMs) return false;
    if (objects.get(nodeWhere(machine.name))) objects.delete(nodeWhere(machine.name), {});
    return true;
  };
  let held = false;
  const look = async (): Promise<void> => {
    if (held) return;
    const gone = state.machines.filter((machine) => machine.leavingSince !== null && leave(machine));
    for (const machine of state.machines) if (machine.leavingSince === null && machine.since > 0) join(machine);
    if (gone.length === 0) return;
    state.machines = state.machines.filter((machine) => !gone.includes(machine));
    await save();
  };
  const timer = setInterval(() => void look().catch(() => {}), lookEveryMs);
  timer.unref();

  const isReady = (machine: Machine): boolean => {
    const node = objects.get(nodeWhere(machine.name));
    return node !== undefined && rows(node, 'status.conditions').some((condition) => condition['type'] === 'Ready' && condition['status'] === 'True');
  };
  const staying = (): Machine[] => state.machines.filter(({ leavingSince }) => leavingSince === null);
  return {
    get wanted() {
      return state.wanted;
    },
    list: () => state.machines,
    settled: () => staying().length === state.wanted && state.machines.every((machine) => machine.leavingSince === null && isReady(machine)),
    isReady,
    async scale(wanted) {
      state.wanted = wanted;
      const there = staying();
      for (let count = there.length; count < wanted; count += 1) {
        state.machines.push({ name: nodeOf(state.next).name, number: state.next, since: now(), leavingSince: null });
        state.next += 1;
      }
      // the newest go first
      for (const machine of there.toReversed().slice(0, Math.max(0, there.length - wanted))) machine.leavingSince = now();
      await save();
    },
    hold: (holds) => void (held = holds),
    async reset() {
      state = asFound();
      await save();
    },
    close: () => clearInterval(timer),
  };
}

function read(found: unknown): State | undefined {
  if (!isPlain(found) || typeof found['wanted'] !== 'number' || typeof found['next'] !== 'number' || !Array.isArray(found['machines'])) return undefined;
  return found as unknown as State; // this file alone writes it
}

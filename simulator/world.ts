// Several members that see each other: their API servers, and the controllers that move things between them.
import { type Ground, startMember, type Member } from './apiServer.ts';
import type { Controller, Pace } from './controllers/controller.ts';
import { garbage, namespaces } from './controllers/lifecycle.ts';
import { installLiqo } from './controllers/liqo/install.ts';
import { liqo } from './controllers/liqo/liqo.ts';
import type { Between } from './controllers/liqo/network.ts';
import { endpoints, kubelet, scheduler } from './controllers/pods.ts';
import { deployments, replicaSets } from './controllers/rollout.ts';

export type World = {
  readonly members: readonly Member[];
  member(name: string): Member;
  /** Ends everything; nothing is kept. */
  close(): Promise<void>;
};

export type NodeSpec = {
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly gpus?: number;
  readonly providerId?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

export type MemberSpec = {
  readonly name: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly nodes?: readonly NodeSpec[];
  /** Ranges that Liqo's networking module keeps free there; absent: Liqo without that module. */
  readonly reservedSubnets?: readonly string[];
  readonly ground?: Ground;
};

const QUICK: Pace = { podStartMs: 20, podReadyMs: 40, podRunMs: 1000, reflectMsMin: 0, reflectMsMax: 0 };
const PASSES_MAX = 50;
const controllers: readonly Controller[] = [namespaces, garbage, deployments, replicaSets, scheduler, kubelet, endpoints];

/** A world of members, each with Liqo 1.2; what a member's log holds already stays as it is. `hasWay`: whether packets come from one member's nodes to another's. */
export async function startWorld(specs: readonly MemberSpec[], pace: Pace = QUICK, hasWay: Between['hasWay'] = () => true): Promise<World> {
  const members = await Promise.all(specs.map(({ name, ground }) => startMember(name, ground)));
  const ticker = startTicker(members, pace, hasWay);
  members.forEach((member, i) => {
    const { name, podCidr, serviceCidr, nodes, reservedSubnets }: MemberSpec = specs[i] ?? { name: member.name };
    installLiqo(member, podCidr ?? `10.${201 + i}.0.0/16`, serviceCidr ?? `10.${221 + i}.0.0/16`, reservedSubnets ?? null);
    for (const node of nodes ?? [{ name: `${name}-node`, cpu: '16', memory: '64Gi' }]) addNode(member, node);
  });
  return {
    members,
    member: (name) => {
      const found = members.find((m) => m.name === name);
      if (!found) throw new Error(`no member ${name}`);
      return found;
    },
    close: async () => {
      ticker.stop();
      await Promise.all(members.map((m) => m.close()));
    },
  };
}

/** Runs the controllers until nothing changes any more, after each change and when one of them asked to look again. */
function startTicker(members: readonly Member[], pace: Pace, hasWay: Between['hasWay']): { stop(): void } {
  const between: Between = { hasWay, byName: (name) => members.find((m) => m.name === name) };
  const peers = (server: string): Member | undefined => members.find((m) => m.server === server);
  const versions = (): string => members.map((m) => m.objects.version).join();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const wake = (ms: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(run, ms);
  };
  const pass = (): number => {
    const alive = members.filter((m) => !m.faults.frozen);
    const own = alive.flatMap((m) => controllers.map((controller) => controller(m.objects, pace)));
    const waits = [...own, ...alive.map((member) => liqo(member, peers, between, pace))].filter((ms) => ms !== null);
    return Math.min(1000, ...waits);
  };
  const run = (): void => {
    let soon = 1000;
    for (let n = 0; n < PASSES_MAX; n += 1) {
      const before = versions();
      soon = pass();
      if (versions() === before) break;
    }
    wake(Math.max(5, soon));
  };
  for (const member of members) member.objects.onChange(() => wake(2));
  wake(0);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

export function addNode(member: Member, { name, cpu, memory, gpus = 0, providerId, labels }: NodeSpec): void {
  const capacity = { cpu, memory, pods: '110', ...(gpus > 0 && { 'nvidia.com/gpu': String(gpus) }) };
  member.objects.ensure({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux', ...labels } },
    spec: providerId === undefined ? {} : { providerID: providerId },
    status: {
      allocatable: capacity,
      capacity,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
      nodeInfo: { kubeletVersion: 'v1.35.4', architecture: 'amd64', kernelVersion: '6.18.0', containerRuntimeVersion: 'containerd://1.6' },
    },
  });
}

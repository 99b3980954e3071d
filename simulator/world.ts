// Several members that see each other: their API servers, and the controllers that move things between them.
import { startMember, type Member } from './apiServer.ts';
import type { Controller, Pace } from './controllers/controller.ts';
import { garbage, namespaces } from './controllers/lifecycle.ts';
import { installLiqo } from './controllers/liqo/install.ts';
import { liqo } from './controllers/liqo/liqo.ts';
import { endpoints, kubelet, scheduler } from './controllers/pods.ts';
import { deployments, replicaSets } from './controllers/rollout.ts';

export type World = {
  member(name: string): Member;
  /** Ends everything; nothing is kept. */
  close(): Promise<void>;
};

export type MemberSpec = {
  readonly name: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly port?: number;
};

const QUICK: Pace = { podStartMs: 20, podReadyMs: 40, podRunMs: 1000 };
const PASSES_MAX = 50;
const controllers: readonly Controller[] = [namespaces, garbage, deployments, replicaSets, scheduler, kubelet, endpoints];

/** A world of members, each with one node and Liqo 1.2 without its networking module. */
export async function startWorld(specs: readonly MemberSpec[], pace: Pace = QUICK): Promise<World> {
  const members = await Promise.all(specs.map((s) => startMember(s.name, s.port)));
  const ticker = startTicker(members, pace);
  members.forEach((member, i) => {
    const spec = specs[i] ?? { name: member.name };
    installLiqo(member, spec.podCidr ?? `10.${201 + i}.0.0/16`, spec.serviceCidr ?? `10.${221 + i}.0.0/16`);
    addNode(member, spec);
  });
  return {
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
function startTicker(members: readonly Member[], pace: Pace): { stop(): void } {
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
    const waits = alive.flatMap((m) => controllers.map((controller) => controller(m.objects, pace))).filter((ms) => ms !== null);
    for (const member of alive) liqo(member, peers);
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

function addNode(member: Member, spec: MemberSpec): void {
  const name = `${member.name}-node`;
  const capacity = { cpu: spec.cpu ?? '16', memory: spec.memory ?? '64Gi', pods: '110' };
  member.objects.ensure({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' } },
    spec: {},
    status: {
      allocatable: capacity,
      capacity,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
      nodeInfo: { kubeletVersion: 'v1.35.4', architecture: 'amd64', kernelVersion: '6.18.0', containerRuntimeVersion: 'containerd://1.6' },
    },
  });
}

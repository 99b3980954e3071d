// Several members that see each other: their API servers, and the controllers that move things between them.
import { startMember, type Member } from './apiServer.ts';
import { controllers, type Pace } from './controllers/kubernetes.ts';
import { installLiqo, liqo } from './controllers/liqo.ts';

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

const QUICK: Pace = { podStartMs: 20, podReadyMs: 40 };
const PASSES_MAX = 50;

/** A world of members, each with one node and Liqo 1.2 without its networking module. */
export async function startWorld(specs: readonly MemberSpec[], pace: Pace = QUICK): Promise<World> {
  const members = await Promise.all(specs.map((s) => startMember(s.name, s.port)));
  const peers = (server: string): Member | undefined => members.find((m) => m.server === server);
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const wake = (ms: number): void => {
    if (closed || timer) return;
    timer = setTimeout(run, ms);
  };
  const run = (): void => {
    timer = null;
    if (closed) return;
    let soon: number | null = null;
    for (let pass = 0; pass < PASSES_MAX; pass += 1) {
      const before = members.map((m) => m.objects.version).join();
      for (const member of members) {
        if (member.faults.frozen) continue;
        for (const controller of controllers) {
          const again = controller(member.objects, pace);
          if (again !== null) soon = Math.min(soon ?? again, again);
        }
        liqo(member, peers);
      }
      if (members.map((m) => m.objects.version).join() === before) break;
    }
    if (timer) clearTimeout(timer);
    timer = null;
    wake(soon === null ? 1000 : Math.max(5, soon));
  };
  members.forEach((member, i) => {
    const spec = specs[i];
    installLiqo(member, spec?.podCidr ?? `10.${201 + i}.0.0/16`, spec?.serviceCidr ?? `10.${221 + i}.0.0/16`);
    member.objects.ensure({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: `${member.name}-node`,
        labels: { 'kubernetes.io/hostname': `${member.name}-node`, 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' },
      },
      spec: {},
      status: {
        allocatable: { cpu: spec?.cpu ?? '16', memory: spec?.memory ?? '64Gi', pods: '110' },
        capacity: { cpu: spec?.cpu ?? '16', memory: spec?.memory ?? '64Gi', pods: '110' },
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
        nodeInfo: { kubeletVersion: 'v1.35.4', architecture: 'amd64', kernelVersion: '6.18.0', containerRuntimeVersion: 'containerd://1.6' },
      },
    });
    member.objects.onChange(() => {
      if (timer) clearTimeout(timer);
      timer = null;
      wake(2);
    });
  });
  run();
  return {
    member: (name) => {
      const found = members.find((m) => m.name === name);
      if (!found) throw new Error(`no member ${name}`);
      return found;
    },
    close: async () => {
      closed = true;
      if (timer) clearTimeout(timer);
      await Promise.all(members.map((m) => m.close()));
    },
  };
}

// The plan to give a cluster more nodes or fewer through who made them, or why not.
import type { PlanOutcome, Refusal, Step, Validity } from '../operations/plan.ts';
import type { ClusterSide } from './cluster.ts';
import { type Managed, managerTitles, type ManagerRef, type NodePool } from './entry.ts';

export type ScaleWish = { readonly nodes: number } | { readonly change: number };

export type ScaleInput = {
  readonly name: string;
  readonly side: ClusterSide;
  readonly manager: Pick<ManagerRef, 'kind' | 'url'>;
  readonly managed: Managed;
  readonly wish: ScaleWish;
  /** Absent: there is only one that can be scaled. */
  readonly pool?: string | undefined;
};

const nodesMost = 1000;

const choose = ({ managed, manager, pool, name }: ScaleInput): NodePool | Refusal => {
  const named = pool === undefined ? managed.pools.filter(({ fixed }) => fixed === null) : managed.pools.filter((one) => one.name === pool || one.key === pool);
  const [only, second] = named;
  const all = managed.pools.map((one) => `${one.name} (${one.wanted}${one.fixed === null ? '' : `; ${one.fixed}`})`).join(', ');
  const others = managed.pools.filter(({ fixed }) => fixed === null).map((one) => one.name);
  const fix = others.length === 0 ? elsewhere(manager) : `Name one that can be scaled: --node-pool ${others.join(' or ')}.`;
  if (only === undefined)
    return {
      message: `${name} has no ${pool === undefined ? 'node pool that could be scaled' : `node pool ${pool}`}${all === '' ? '' : `; there is ${all}`}`,
      fix,
    };
  if (second !== undefined) return { message: `${name} has several node pools: ${all}`, fix };
  return only.fixed === null ? only : { message: `node pool ${only.name} of ${name} cannot be scaled: ${only.fixed}`, fix };
};

const elsewhere = ({ kind, url }: ScaleInput['manager']): string => `Change it where it is managed, in ${managerTitles[kind]} at ${url}, or scale again later.`;

const against = ({ name, manager }: ScaleInput, pool: NodePool, to: number): Refusal[] => [
  ...(to < 1
    ? [{ message: `${to} nodes would leave node pool ${pool.name} of ${name} empty`, fix: 'Leave at least one; to give the provider up: hanse leave.' }]
    : []),
  ...(to > nodesMost ? [{ message: `${to} nodes are more than ${nodesMost}`, fix: 'Ask for fewer.' }] : []),
  ...(to < pool.wanted && !pool.drains
    ? [
        {
          message: `${managerTitles[manager.kind]} takes nodes of node pool ${pool.name} away without draining them: what runs there would be cut off`,
          fix: 'Set "Drain Before Delete" of the pool in Rancher first.',
        },
      ]
    : []),
];

const counted = (nodes: number): string => (nodes === 1 ? '1 node' : `${nodes} nodes`);

const stepsOf = ({ name, side, manager, managed }: ScaleInput, pool: NodePool, to: number): readonly Step[] => {
  const grows = to > pool.wanted;
  const difference = counted(Math.abs(to - pool.wanted));
  const before = managed.nodes.map((node) => node.name);
  const base = {
    side: { role: side, cluster: name },
    input: { name, pool: pool.key, from: pool.wanted, to, before },
    destructive: !grows,
    attempts: 5,
    timeoutSeconds: 60,
  } as const;
  const title = managerTitles[manager.kind];
  return [
    {
      ...base,
      kind: 'cluster-scale-pool',
      title: `Tell ${title} that node pool ${pool.name} of ${name} shall have ${counted(to)} (now ${pool.wanted})`,
      undo: {
        kind: 'undo',
        title: `Tell ${title} that it shall have ${counted(pool.wanted)} again${grows ? '' : ': nodes that went are made anew'}`,
      },
    },
    {
      ...base,
      kind: 'cluster-scale-seen',
      title: grows
        ? `Wait until ${difference} more ${to - pool.wanted === 1 ? 'is' : 'are'} Ready in what is seen of ${name}`
        : `Wait until ${title} has cordoned and drained ${difference}, and taken ${pool.wanted - to === 1 ? 'it' : 'them'} away`,
      destructive: false,
      attempts: 2,
      undo: { kind: 'nothing' },
    },
  ];
};

export const planScale = (input: ScaleInput): PlanOutcome => {
  const { name, wish, managed, manager } = input;
  const pool = choose(input);
  if ('message' in pool) return { kind: 'refused', reasons: [pool] };
  const to = 'nodes' in wish ? wish.nodes : pool.wanted + wish.change;
  if (to === pool.wanted) return { kind: 'nothing', reason: `Node pool ${pool.name} of ${name} has ${counted(to)} already.` };
  const reasons = against(input, pool, to);
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const notes = [
    { topic: 'nodes', text: `${managed.nodes.map((node) => `${node.name}${node.ready ? '' : ' (not ready)'}`).join(', ')}` },
    ...(to < pool.wanted
      ? [{ topic: 'which', text: `${managerTitles[manager.kind]} chooses which go; pods on them are evicted as their disruption budgets allow` }]
      : []),
    { topic: 'cost', text: `${managerTitles[manager.kind]} at ${manager.url} tells no price: the terms of who runs it apply` },
  ];
  return {
    kind: 'plan',
    plan: {
      kind: 'cluster-scale',
      subject: name,
      title: `Scale node pool ${pool.name} of ${name} from ${pool.wanted} to ${counted(to)}`,
      steps: stepsOf(input, pool, to),
      pointOfNoReturn: null,
      madeFrom: { pool: pool.key, wanted: pool.wanted },
      notes,
    },
  };
};

/** Somebody else scaled it meanwhile: what was approved is no longer what would happen. */
export const scaleStillValid = (madeFrom: { readonly pool: string; readonly wanted: number }, managed: Managed): Validity => {
  const pool = managed.pools.find(({ key }) => key === madeFrom.pool);
  if (pool === undefined) return { valid: false, reasons: [`the node pool ${madeFrom.pool} is gone`] };
  if (pool.wanted !== madeFrom.wanted)
    return { valid: false, reasons: [`node pool ${pool.name} shall have ${counted(pool.wanted)} by now, not ${madeFrom.wanted}`] };
  return { valid: true };
};

export type ScaleSeen = { readonly done: boolean; readonly seen: string };

/** Whether what is seen of the cluster is what was asked for. `before`: the names of the nodes that there were. */
export const scaleSeen = (
  asked: { readonly pool: string; readonly from: number; readonly to: number; readonly before: readonly string[] },
  managed: Managed | null,
): ScaleSeen => {
  if (managed === null) return { done: false, seen: 'nothing is seen of its nodes at this moment' };
  const { pool, from, to, before } = asked;
  const isAsked = managed.pools.some(({ key, wanted }) => key === pool && wanted === to);
  const added = managed.nodes.filter(({ name }) => !before.includes(name));
  const ready = added.filter((node) => node.ready);
  const gone = before.filter((name) => !managed.nodes.some((node) => node.name === name));
  if (to > from)
    return {
      done: isAsked && ready.length >= to - from,
      seen: `${ready.length} of ${to - from} new nodes ready${ready.length === 0 ? '' : `: ${ready.map(({ name }) => name).join(', ')}`}`,
    };
  return { done: isAsked && gone.length >= from - to, seen: `${gone.length} of ${from - to} nodes gone${gone.length === 0 ? '' : `: ${gone.join(', ')}`}` };
};

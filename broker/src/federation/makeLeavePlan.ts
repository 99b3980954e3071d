// Leaving as a plan: each step says what it does, on whose authority, and what undoes it.
import type { JsonObject } from '../ids.ts';
import type { Plan, PlanNote, Step } from '../operations/plan.ts';
import { peeringTitle } from './names.ts';
import type { Peering } from './peering.ts';
import { endTunnelSteps } from './tunnelSteps.ts';
import { kinds, nothing, undo, broker, homeSide, providerSide, step, type Draft } from './planSteps.ts';

export type Leaving = {
  readonly peering: Peering;
  /** The provider is gone for good: only the home side can be cleared. */
  readonly force: boolean;
  /** Peered in the other direction too: what both directions share stays. */
  readonly bidirectional: boolean;
  readonly evacuation: readonly Step[];
  /** How the peering stands in the records before it ends; absent: not at all. */
  readonly was?: Peering['state'];
};

const ending = (p: Peering, draft: Omit<Draft, 'undo' | 'destructive'>): Step =>
  step(p, { ...draft, undo: { kind: 'irreversible', why: 'Federate again to have it back.' }, destructive: true, attempts: 8 });

const homeEnding = ({ peering: p, force, bidirectional }: Leaving): readonly Step[] => [
  ...(force ? [ending(p, { kind: kinds.declareGone, title: `Tell Liqo at ${p.home} that ${p.provider} is gone for good`, side: homeSide(p) })] : []),
  ending(p, { kind: kinds.endSlices, title: `Give the resources of ${p.provider} back`, side: homeSide(p) }),
  ending(p, {
    kind: kinds.endNodes,
    title: `Take the virtual node away${bidirectional || p.tunnel !== undefined ? '' : ' and begin to remove the tenant namespaces'}`,
    side: homeSide(p),
    input: { force, bidirectional },
    timeoutSeconds: 300,
  }),
  ending(p, {
    kind: kinds.endIdentity,
    title: `Delete the credential for ${p.provider} and what was left of the handshake`,
    side: homeSide(p),
    input: { force },
  }),
];

const providerEnding = ({ peering: p, force, bidirectional }: Leaving): readonly Step[] =>
  force
    ? []
    : [
        ending(p, { kind: kinds.endTenant, title: `Delete our Tenant at ${p.provider} and the certificates it was given`, side: providerSide(p) }),
        ...(bidirectional
          ? []
          : [
              ending(p, {
                kind: kinds.endForeignClusters,
                title: `Delete the ForeignCluster that Liqo leaves behind at ${p.provider}`,
                side: providerSide(p),
                input: { at: 'provider' },
              }),
            ]),
        ending(p, { kind: kinds.endRequests, title: `Delete the certificate requests that this peering caused at ${p.provider}`, side: providerSide(p) }),
      ];

const leavingSteps = (leaving: Leaving): readonly Step[] => {
  const { peering: p, force, bidirectional, was } = leaving;
  return [
    step(p, {
      kind: kinds.gate,
      title: `See that nothing runs at ${p.provider} and note what Liqo would leave there`,
      side: broker,
      undo: undo('Record the peering as it was'),
      input: { force, ...(was === undefined ? {} : { was }) },
    }),
    ...homeEnding(leaving),
    ...endTunnelSteps(p, leaving),
    ...providerEnding(leaving),
    ...(bidirectional
      ? []
      : [
          ending(p, {
            kind: kinds.endForeignClusters,
            title: `Delete the ForeignCluster that Liqo leaves behind at ${p.home}`,
            side: homeSide(p),
            input: { at: 'home' },
          }),
        ]),
    step(p, {
      kind: kinds.proveAbsence,
      title: 'Prove that nothing is left outside the tenant namespaces that go',
      side: broker,
      undo: nothing,
      input: { force, bidirectional },
    }),
    ...(bidirectional
      ? []
      : [
          ending(p, {
            kind: kinds.endNamespaces,
            title: 'Wait until the tenant namespaces are gone, and with them all they held',
            side: homeSide(p),
            input: { force },
            timeoutSeconds: 300,
          }),
        ]),
    step(p, { kind: kinds.forget, title: `Release the booking and forget ${peeringTitle(p)}`, side: broker, undo: nothing }),
  ];
};

const leavingNotes = ({ peering: p, force, bidirectional }: Leaving, losses: readonly string[]): readonly PlanNote[] => [
  { topic: 'undo', text: `Once the resources are given back there is no way back; hanse federate ${p.provider} peers again.` },
  ...(bidirectional
    ? [{ topic: 'kept', text: `${p.provider} borrows from ${p.home} too: the tenant namespaces and ForeignClusters stay for that direction.` }]
    : []),
  ...(force
    ? [
        {
          topic: 'left at the provider',
          text: `${p.provider} does not answer. What it keeps of this peering: namespace ${p.providerNamespace} with Tenant ${p.homeClusterId} and its Secrets, ForeignCluster ${p.homeClusterId}, certificate requests, and any namespace and pod that was offloaded there.`,
        },
      ]
    : []),
  ...losses.map((text): PlanNote => ({ topic: 'lost', text })),
];

/** An evacuation before leaving ends pods for good. */
const firstIrreversible = (steps: readonly Step[]): number | null => {
  const index = steps.findIndex(({ undo: { kind } }) => kind === 'irreversible');
  return index < 0 ? null : index;
};

/** `losses`: with force, what still runs at the provider and is given up. */
export const leavePlan = (leaving: Leaving, madeFrom: JsonObject, losses: readonly string[] = []): Plan => {
  const steps = [...leaving.evacuation, ...leavingSteps(leaving)];
  return {
    kind: 'leave',
    subject: leaving.peering.provider,
    title: `Leave ${leaving.peering.provider}${leaving.force ? ', which is gone for good' : ''}`,
    steps,
    pointOfNoReturn: firstIrreversible(leaving.evacuation) ?? leaving.evacuation.length + 1,
    madeFrom,
    notes: leavingNotes(leaving, losses),
  };
};

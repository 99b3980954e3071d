// Federating, leaving and resizing as plans: each step says what it does, on whose authority, and what undoes it.
import type { JsonObject } from '../ids.ts';
import type { Plan, PlanNote, Side, Step, Undo } from '../operations/plan.ts';
import { identityName, peeringTitle } from './names.ts';
import type { Peering } from './peering.ts';
import { resourcesInWords, type SliceResources } from './quantity.ts';
import type { Changes, Part } from './wantedChanges.ts';

export const kinds = {
  reserve: 'federation.reserve',
  accept: 'federation.accept',
  homeNamespace: 'federation.homeNamespace',
  providerNamespace: 'federation.providerNamespace',
  nonce: 'federation.nonce',
  signedNonce: 'federation.signedNonce',
  tenant: 'federation.tenant',
  identity: 'federation.identity',
  slice: 'federation.slice',
  node: 'federation.node',
  settle: 'federation.settle',
  resize: 'federation.resize',
  gate: 'federation.gate',
  declareGone: 'federation.declareGone',
  endSlices: 'federation.endSlices',
  endNodes: 'federation.endNodes',
  endIdentity: 'federation.endIdentity',
  endTenant: 'federation.endTenant',
  endForeignClusters: 'federation.endForeignClusters',
  endRequests: 'federation.endRequests',
  endNamespaces: 'federation.endNamespaces',
  proveAbsence: 'federation.proveAbsence',
  forget: 'federation.forget',
} as const;

const nothing: Undo = { kind: 'nothing' };
const undo = (title: string): Undo => ({ kind: 'undo', title });
const broker: Side = { role: 'broker' };
const homeSide = (peering: Peering): Side => ({ role: 'consumer', cluster: peering.home });
const providerSide = (peering: Peering): Side => ({ role: 'provider', cluster: peering.provider });

/** A Peering is JSON throughout. */
export const peeringJson = (peering: Peering): JsonObject => ({ ...peering, resources: { ...peering.resources } });

type Draft = {
  readonly kind: string;
  readonly title: string;
  readonly side: Side;
  readonly undo: Undo;
  readonly input?: JsonObject;
  readonly destructive?: boolean;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
};

const step = (peering: Peering, draft: Draft): Step => ({
  kind: draft.kind,
  title: draft.title,
  side: draft.side,
  input: { peering: peeringJson(peering), ...draft.input },
  undo: draft.undo,
  destructive: draft.destructive ?? false,
  attempts: draft.attempts ?? 5,
  timeoutSeconds: draft.timeoutSeconds ?? 120,
});

const partStep: Readonly<Record<Part, (peering: Peering) => Draft>> = {
  homeNamespace: (p) => ({
    kind: kinds.homeNamespace,
    title: `Make the tenant namespace ${p.homeNamespace} at ${p.home}`,
    side: homeSide(p),
    undo: undo('Delete it, if this operation made it'),
  }),
  providerNamespace: (p) => ({
    kind: kinds.providerNamespace,
    title: `See that the tenant namespace ${p.providerNamespace} is there at ${p.provider}`,
    side: providerSide(p),
    undo: undo('Delete it, if this operation made it'),
  }),
  nonce: (p) => ({ kind: kinds.nonce, title: `Have ${p.provider} write a challenge`, side: providerSide(p), undo: undo('Delete the challenge') }),
  signedNonce: (p) => ({
    kind: kinds.signedNonce,
    title: `Have ${p.home} sign the challenge with its cluster key`,
    side: homeSide(p),
    undo: undo('Delete the signature'),
  }),
  tenant: (p) => ({
    kind: kinds.tenant,
    title: `Be admitted by ${p.provider} as tenant ${p.homeClusterId}`,
    side: providerSide(p),
    undo: undo('Delete the Tenant, what it left behind and its certificate request'),
  }),
  identity: (p) => ({
    kind: kinds.identity,
    title: `Keep the credential for ${p.provider} at ${p.home} (Identity ${identityName(p.providerClusterId)})`,
    side: homeSide(p),
    undo: undo('Delete the Identity and its Secret'),
  }),
  slice: (p) => ({
    kind: kinds.slice,
    title: `Ask ${p.provider} for ${resourcesInWords(p.resources)} (ResourceSlice ${p.virtualNode})`,
    side: homeSide(p),
    undo: undo('Delete the ResourceSlice and its virtual node'),
  }),
  node: (p) => ({
    kind: kinds.node,
    title: `Wait until the virtual node ${p.virtualNode} is Ready at ${p.home}`,
    side: homeSide(p),
    undo: nothing,
    timeoutSeconds: 300,
  }),
};

/** `former`: what is lent already by a peering that stands, to go back to. */
export type Federating = { readonly peering: Peering; readonly changes: Changes; readonly former?: SliceResources };

const formerInput = (former: SliceResources | undefined): { input?: JsonObject } => (former === undefined ? {} : { input: { former: { ...former } } });

const before = ({ peering, former }: Federating): readonly Step[] => [
  step(peering, {
    kind: kinds.reserve,
    title: `Book ${resourcesInWords(peering.resources)} at ${peering.provider}`,
    side: broker,
    undo: undo(former === undefined ? 'Release the booking' : 'Book what it was'),
    ...formerInput(former),
  }),
  step(peering, { kind: kinds.accept, title: `Ask whether ${peering.provider} accepts ${peering.homeClusterId}`, side: providerSide(peering), undo: nothing }),
];

const making = ({ peering, changes }: Federating): readonly Step[] =>
  changes.missing.filter((part) => part !== 'node').map((part) => step(peering, partStep[part](peering)));

const after = ({ peering, changes, former }: Federating): readonly Step[] => [
  // also when the node is Ready now: what is completed before it may restart it
  ...(changes.missing.length > 0 ? [step(peering, partStep.node(peering))] : []),
  step(peering, {
    kind: kinds.settle,
    title: `Record that ${peeringTitle(peering)} stands`,
    side: broker,
    undo: undo('Record what was before'),
    ...formerInput(former),
  }),
];

const federatingNotes = (all: readonly Federating[]): readonly PlanNote[] => [
  ...all.map(({ peering }): PlanNote => ({
    topic: 'capacity',
    text: `${peering.provider}: ${resourcesInWords(peering.resources)} as node ${peering.virtualNode}.`,
    data: { ...peering.resources },
  })),
  ...all.flatMap(({ changes }) =>
    changes.adopted.map((what): PlanNote => ({ topic: 'already there', text: `${what} was not made by Hanse and is used as it is.` })),
  ),
  {
    topic: 'data plane',
    text: 'Native routing: pods of both sides reach each other by their own addresses. The routes between the sites are the sites\u2019 own work.',
  },
  { topic: 'undo', text: 'Every step can be undone. Liqo may leave issued certificate requests at the provider; Hanse removes those that it caused.' },
];

const names = (all: readonly { readonly peering: Peering }[]): string => all.map(({ peering }) => peering.provider).join(', ');

/** Handshakes one after the other, so that the virtual nodes of all providers start while the next one is asked. */
export const federatePlan = (all: readonly Federating[], madeFrom: JsonObject, moreNotes: readonly PlanNote[] = []): Plan => ({
  kind: 'federate',
  subject: names(all),
  title: `Federate ${all[0]?.peering.home ?? ''} with ${names(all)}`,
  steps: [...all.flatMap(before), ...all.flatMap(making), ...all.flatMap(after)],
  pointOfNoReturn: null,
  madeFrom,
  notes: [...federatingNotes(all), ...moreNotes],
});

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
    title: `Take the virtual node away and begin to remove the tenant namespace${bidirectional ? '' : 's'}`,
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

export const resizePlan = (peering: Peering, wanted: SliceResources, madeFrom: JsonObject): Plan => {
  const to: Peering = { ...peering, resources: wanted };
  return {
    kind: 'resize',
    subject: peering.provider,
    title: `Resize ${peering.provider} from ${resourcesInWords(peering.resources)} to ${resourcesInWords(wanted)}`,
    steps: [
      step(to, {
        kind: kinds.reserve,
        title: `Book ${resourcesInWords(wanted)} at ${peering.provider}`,
        side: broker,
        undo: undo('Book what it was'),
        input: { former: { ...peering.resources } },
      }),
      step(to, { kind: kinds.accept, title: `Ask whether ${peering.provider} lends that much`, side: providerSide(peering), undo: nothing }),
      step(to, {
        kind: kinds.resize,
        title: `Change the slice ${peering.virtualNode}`,
        side: homeSide(peering),
        undo: undo(`Change it back to ${resourcesInWords(peering.resources)}`),
        input: { former: { ...peering.resources } },
      }),
      step(to, {
        kind: kinds.settle,
        title: 'Record the new size',
        side: broker,
        undo: undo('Record what it was'),
        input: { former: { ...peering.resources } },
      }),
    ],
    pointOfNoReturn: null,
    madeFrom,
    notes: [{ topic: 'capacity', text: `${peering.provider}: ${resourcesInWords(wanted)}.`, data: { ...wanted } }],
  };
};

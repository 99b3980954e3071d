// Federating and resizing as plans: each step says what it does, on whose authority, and what undoes it.
import type { JsonObject } from '../ids.ts';
import type { Plan, PlanNote, Step } from '../operations/plan.ts';
import { identityName, peeringTitle } from './names.ts';
import type { Peering } from './peering.ts';
import { kinds, nothing, undo, broker, homeSide, providerSide, step, type Draft } from './planSteps.ts';
import { resourcesInWords, type SliceResources } from './quantity.ts';
import { dataPlaneNotes, tunnelPartStep } from './tunnelSteps.ts';
import type { Changes, Part } from './wantedChanges.ts';

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
  ...tunnelPartStep,
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

/** `former`: what is lent already by a peering that stands, to go back to. `because`: why a tunnel joins them. */
export type Federating = { readonly peering: Peering; readonly changes: Changes; readonly former?: SliceResources; readonly because?: string };

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
  ...dataPlaneNotes(all),
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

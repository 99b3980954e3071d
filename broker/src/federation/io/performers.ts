// One performer for each kind of step. Each reads what is there before it does anything, so that it may be run again after a crash at any place.
import { HanseError } from '../../errors.ts';
import type { Outcome, Performer, Performers } from '../../operations/io/performer.ts';
import { answerOf } from '../grant.ts';
import { kinds } from '../planSteps.ts';
import type { Peering } from '../peering.ts';
import type { ProviderSide } from '../sides.ts';
import { endPerformers } from './endPerformers.ts';
import type { FederationDeps } from './ports.ts';
import { done, type Stage, staged } from './stage.ts';
import { tunnelPerformers, withAddresses } from './tunnelPerformers.ts';

type Acting = { readonly perform: (stage: Stage) => Promise<Outcome>; readonly undo?: (stage: Stage) => Promise<Outcome> };

const bookingOf = ({ context: { owner, operation }, peering }: Stage) => ({ owner, operation, pool: peering.provider, resources: peering.resources });

const reserve = ({ reservations, peerings }: FederationDeps): Acting => ({
  async perform(stage) {
    await reservations.hold(bookingOf(stage));
    if (stage.input.former === undefined) await peerings.put(stage.context.owner, { ...stage.peering, state: 'peering' });
    return done();
  },
  async undo(stage) {
    const { former } = stage.input;
    if (former !== undefined) {
      const booking = { ...bookingOf(stage), resources: former };
      await reservations.hold(booking);
      await reservations.apply(booking);
      return done();
    }
    await reservations.cancel(bookingOf(stage));
    const recorded = await peerings.find(stage.context.owner, stage.peering.provider);
    // one that stood before this operation keeps its record
    if (recorded?.state === 'peering') await peerings.forget(stage.context.owner, stage.peering);
    return done();
  },
});

const waitForProviderSeconds = 15;

const accept: Acting = {
  async perform({ provider, peering }) {
    const answer = answerOf(peering.provider, await (await provider()).readGrant(), peering.resources);
    if (answer.kind === 'refused') throw new HanseError('PROVIDER_REFUSED', answer.why);
    if (answer.kind === 'undecided') return { kind: 'wait', reason: answer.why, seconds: waitForProviderSeconds };
    return done();
  },
};

const homeNamespace: Acting = {
  perform: async ({ home }) => done(await (await home()).ensureNamespace()),
  async undo({ home, context: { operation } }) {
    const side = await home();
    if (await side.beginEndNamespace({ onlyOf: operation })) await side.namespaceGone();
    return done();
  },
};

const providerNamespace: Acting = {
  perform: async ({ provider }) => done(await (await provider()).ensureNamespace()),
  async undo({ provider, context: { operation } }) {
    const side = await provider();
    if (await side.beginEndNamespace({ onlyOf: operation })) await side.namespaceGone();
    return done();
  },
};

const nonce: Acting = {
  perform: async ({ provider }) => done((await (await provider()).challenge()).made),
  async undo({ provider, context: { operation } }) {
    await (await provider()).end({ onlyOf: operation });
    return done();
  },
};

const challengeThere = async (provider: ProviderSide, peering: Peering): Promise<string> => {
  const challenge = await provider.readChallenge();
  if (challenge === null) throw new HanseError('STALE_PLAN', `${peering.provider}: the challenge is gone`);
  return challenge;
};

const signedNonce: Acting = {
  async perform({ home, provider, peering }) {
    const [ours, theirs] = await Promise.all([home(), provider()]);
    return done((await ours.answer(await challengeThere(theirs, peering))).made);
  },
  async undo({ home, context: { operation } }) {
    await (await home()).endAnswer({ onlyOf: operation });
    return done();
  },
};

/** Liqo's own leavings go once nobody is admitted any more. */
const endAdmission = async ({ home, provider, context: { operation } }: Stage): Promise<void> => {
  const [ours, theirs] = await Promise.all([home(), provider()]);
  const csrs = await ours.certificateRequests();
  await theirs.end({ onlyOf: operation });
  if ((await theirs.observe()).tenant !== null) return;
  await theirs.endForeignCluster();
  await theirs.endCertificateRequests((await theirs.certificateRequests(csrs)).found);
};

const tenant: Acting = {
  async perform({ home, provider, peering }) {
    const [ours, theirs] = await Promise.all([home(), provider()]);
    const [request, { signature, made }] = await Promise.all([ours.request(), challengeThere(theirs, peering).then((challenge) => ours.answer(challenge))]);
    return done([...made, ...(await theirs.lend({ ...request, signature }))]);
  },
  async undo(stage) {
    await endAdmission(stage);
    return done();
  },
};

const identity: Acting = {
  async perform({ home, provider, peering }) {
    const [ours, theirs] = await Promise.all([home(), provider()]);
    const admission = await theirs.readAdmission();
    if (admission === null) throw new HanseError('TIMED_OUT', `${peering.provider}: the Tenant is not admitted`);
    return done(await ours.keepCredential(admission.authParams));
  },
  async undo({ home, context: { operation } }) {
    const ours = await home();
    await ours.endIdentity({ onlyOf: operation });
    const { identity: left, slices } = await ours.observe();
    if (left === null && slices.length === 0) await ours.endForeignCluster();
    return done();
  },
};

const slice: Acting = {
  async perform({ home }) {
    const ours = await home();
    const made = await ours.ensureSlice();
    await ours.sliceAccepted();
    return done(made);
  },
  async undo({ home, context: { operation } }) {
    await (await home()).endSlices({ onlyOf: operation });
    return done();
  },
};

const node: Acting = {
  async perform({ home, context, peering }) {
    context.progress(`The virtual kubelet of ${peering.virtualNode} starts`);
    await (await home()).nodeReady();
    return done([], { node: peering.virtualNode });
  },
};

const settle = ({ reservations, peerings }: FederationDeps): Acting => ({
  async perform(stage) {
    await reservations.apply(bookingOf(stage));
    const peering = await withAddresses(stage.peering, async () => (await stage.home()).tunnel);
    await peerings.put(stage.context.owner, { ...peering, state: 'ready' });
    return done();
  },
  async undo(stage) {
    const { owner } = stage.context;
    const { former } = stage.input;
    await peerings.put(owner, former === undefined ? { ...stage.peering, state: 'peering' } : { ...stage.peering, resources: former, state: 'ready' });
    if (former === undefined) await reservations.free(owner, stage.peering.provider);
    return done();
  },
});

const resize: Acting = {
  async perform({ home, peering }) {
    await (await home()).resizeSlice(peering.resources);
    return done();
  },
  async undo({ home, input: { former } }) {
    if (former !== undefined) await (await home()).resizeSlice(former);
    return done();
  },
};

const performer = (stage: ReturnType<typeof staged>, { perform, undo }: Acting): Performer => ({
  perform: stage(perform),
  ...(undo === undefined ? {} : { undo: stage(undo) }),
});

export const federationPerformers = (deps: FederationDeps): Performers => {
  const stage = staged(deps);
  const acting: Readonly<Record<string, Acting>> = {
    [kinds.reserve]: reserve(deps),
    [kinds.accept]: accept,
    [kinds.homeNamespace]: homeNamespace,
    [kinds.providerNamespace]: providerNamespace,
    [kinds.nonce]: nonce,
    [kinds.signedNonce]: signedNonce,
    [kinds.tenant]: tenant,
    [kinds.identity]: identity,
    [kinds.slice]: slice,
    [kinds.node]: node,
    [kinds.settle]: settle(deps),
    [kinds.resize]: resize,
    ...tunnelPerformers(deps),
    ...endPerformers(deps),
  };
  return Object.fromEntries(Object.entries(acting).map(([kind, act]) => [kind, performer(stage, act)]));
};

// From what both sides show: which parts of a peering are there, by whom, which are half made, and what contradicts it.
import { label } from './names.ts';
import type { Observed } from './observed.ts';
import type { Contradiction, PartState } from './parts.ts';
import type { Peering } from './peering.ts';
import { resourcesInWords, sameResources, type SliceResources } from './quantity.ts';
import type { Thing } from './liqoObjects.ts';
import { tunnelAdopted, tunnelFaults, tunnelParts, tunnelStates, type TunnelPart } from './tunnelChanges.ts';

/** In the order in which they are made. */
export const parts = ['homeNamespace', 'providerNamespace', ...tunnelParts, 'nonce', 'signedNonce', 'tenant', 'identity', 'slice', 'node'] as const;
export type Part = (typeof parts)[number];

export type Changes = {
  readonly state: Readonly<Record<Part, PartState>>;
  /** Parts that have to be made or completed, in order. Empty: the peering stands. */
  readonly missing: readonly Part[];
  readonly contradictions: readonly Contradiction[];
  /** What is there already and was not made by Hanse: it is kept and used. */
  readonly adopted: readonly string[];
  /** Made by Liqo's declarative way: the provider issued the credential, there is no handshake to complete. */
  readonly authentication: 'handshake' | 'declarative';
};

const present = (thing: Thing | null | undefined): thing is Thing => thing !== null && thing !== undefined && !thing.deleting;

const admission = ({ home, provider }: Observed): Record<'nonce' | 'signedNonce' | 'tenant' | 'identity', PartState> => {
  const { nonce, tenant } = provider;
  const { signedNonce, identity } = home;
  const challenge: PartState = !present(nonce) ? 'absent' : nonce.digest === null ? 'half' : 'done';
  const answers = present(signedNonce) && present(nonce) && signedNonce.signed && signedNonce.digest === nonce.digest;
  const admitted = present(tenant) && tenant.certificate !== '';
  const certified = present(identity) && identity.hasSecret && tenant !== null && identity.certificate === tenant.certificate;
  return {
    nonce: challenge,
    signedNonce: answers ? 'done' : present(signedNonce) ? 'half' : 'absent',
    // a Tenant whose signature answers another challenge is refused at Liqo's next look
    tenant: admitted && answers && challenge === 'done' ? 'done' : present(tenant) ? 'half' : 'absent',
    identity: certified ? 'done' : present(identity) ? 'half' : 'absent',
  };
};

const isDeclarative = ({ home, provider }: Observed): boolean =>
  present(provider.tenant) && provider.tenant.authzPolicy === 'TolerateNoHandshake' && present(home.identitySecret);

const offer = (peering: Peering, { home }: Observed): Record<'slice' | 'node', PartState> => {
  const slice = home.slices.find((one) => one.name === peering.virtualNode && !one.deleting);
  const node = home.nodes.find((one) => one.name === peering.virtualNode);
  const running = home.virtualNodes.some((one) => one.name === peering.virtualNode && one.running && !one.deleting);
  return {
    slice: slice === undefined ? 'absent' : slice.verdict === 'accepted' ? 'done' : 'half',
    node: node === undefined ? 'absent' : running && node.ready ? 'done' : 'half',
  };
};

/** Under native routing nothing is wanted of it. */
const noneWanted: Readonly<Record<TunnelPart, PartState>> = {
  homeRanges: 'done',
  providerRanges: 'done',
  server: 'done',
  client: 'done',
  homeKey: 'done',
  providerKey: 'done',
  connection: 'done',
};

const states = (peering: Peering, observed: Observed): Record<Part, PartState> => {
  const { home, provider } = observed;
  const handshake = isDeclarative(observed) ? ({ nonce: 'done', signedNonce: 'done', tenant: 'done', identity: 'done' } as const) : admission(observed);
  return {
    homeNamespace: home.namespaces.some((one) => one.name === peering.homeNamespace && !one.deleting) ? 'done' : home.namespaces.length > 0 ? 'half' : 'absent',
    providerNamespace: present(provider.namespace) ? 'done' : provider.namespace === null ? 'absent' : 'half',
    ...(peering.tunnel === undefined ? noneWanted : tunnelStates(peering.tunnel, observed)),
    ...handshake,
    ...offer(peering, observed),
  };
};

const namespaceFaults = (peering: Peering, { home, provider }: Observed): Contradiction[] => {
  const faults: Contradiction[] = [];
  if (home.namespaces.length > 1)
    faults.push({
      message: `${peering.home} has ${home.namespaces.length} tenant namespaces for ${peering.provider}: ${home.namespaces.map(({ name }) => name).join(', ')}. Liqo accepts one.`,
      fix: `Delete those that are empty, or take the label ${label.tenantNamespace} off them.`,
    });
  if (home.inTheWay !== null)
    faults.push({
      message: `The namespace ${home.inTheWay.name} at ${peering.home} is not Liqo's tenant namespace for ${peering.provider}.`,
      fix: `Rename or remove it, or label it ${label.tenantNamespace}=true and ${label.remoteCluster}=${peering.providerClusterId} if it is meant to be.`,
    });
  const theirs = provider.namespace;
  if (present(theirs) && theirs.labels[label.remoteCluster] !== peering.homeClusterId)
    faults.push({
      message: `The namespace ${theirs.name} at ${peering.provider} is not labelled as the tenant namespace of ${peering.homeClusterId}.`,
      fix: `Ask ${peering.provider} to label or remove it.`,
    });
  return faults;
};

const tenantFaults = (peering: Peering, { provider, home }: Observed, homePublicKey: string): Contradiction[] => {
  const { tenant } = provider;
  if (!present(tenant)) return [];
  if (tenant.tenantCondition !== 'Active')
    return [
      { message: `${peering.provider} has set the tenant ${tenant.name} to ${tenant.tenantCondition}.`, fix: `Ask ${peering.provider} to set it to Active.` },
    ];
  if (tenant.authzPolicy === 'TolerateNoHandshake')
    return present(home.identitySecret)
      ? []
      : [
          {
            message: `${peering.provider} admitted ${tenant.name} without a handshake (TolerateNoHandshake), but ${peering.home} holds no credential for it.`,
            fix: `Complete it with the credential that ${peering.provider} issued, or have the Tenant removed and federate again.`,
          },
        ];
  if (tenant.publicKey !== '' && tenant.publicKey !== homePublicKey)
    return [
      {
        message: `${peering.provider} holds a Tenant ${tenant.name} with another public key than that of ${peering.home}: another cluster uses the same Liqo cluster id, or Liqo was installed again.`,
        fix: `Have the old Tenant removed at ${peering.provider}, then federate again.`,
      },
    ];
  return [];
};

const sliceFaults = (peering: Peering, { home }: Observed, wanted: SliceResources | null): Contradiction[] => {
  const slice = home.slices.find((one) => one.name === peering.virtualNode);
  const node = home.nodes.find((one) => one.name === peering.virtualNode);
  const faults: Contradiction[] = [];
  if (slice !== undefined && slice.verdict === 'denied')
    faults.push({
      message: `${peering.provider} denied the slice ${slice.name}: ${slice.message}`,
      fix: `Ask ${peering.provider}, or leave it and federate again.`,
    });
  if (slice !== undefined && wanted !== null && !sameResources(slice.asked, wanted))
    faults.push({
      message: `The slice ${slice.name} asks for ${resourcesInWords(slice.asked)}, not for ${resourcesInWords(wanted)}.`,
      fix: `Change it with hanse resize ${peering.provider}.`,
    });
  if (slice === undefined && node !== undefined && node.labels[label.remoteCluster] !== peering.providerClusterId)
    faults.push({
      message: `${peering.home} already has a node named ${node.name}, which is not a virtual node of ${peering.provider}.`,
      fix: 'Give the provider another Liqo cluster id, or rename the node.',
    });
  return faults;
};

const adoptedNames = (peering: Peering, { home, provider }: Observed): readonly string[] => {
  const foreign = (kind: string, where: string, one: Thing | null): string[] =>
    present(one) && one.operation === null ? [`${kind} ${one.name} at ${where}`] : [];
  return [
    ...home.namespaces.flatMap((one) => foreign('Namespace', peering.home, one)),
    ...tunnelAdopted(peering, { home, provider }),
    ...foreign('Secret', peering.provider, provider.nonce),
    ...foreign('Secret', peering.home, home.signedNonce),
    ...foreign('Tenant', peering.provider, provider.tenant),
    ...foreign('Identity', peering.home, home.identity),
    ...home.slices.flatMap((one) => foreign('ResourceSlice', peering.home, one)),
  ];
};

/** `wanted` null: whatever an existing slice has is right. `homePublicKey` as Liqo's Secret holds it (base64 of PEM). */
export const wantedChanges = (peering: Peering, observed: Observed, homePublicKey: string, wanted: SliceResources | null): Changes => {
  const state = states(peering, observed);
  return {
    state,
    missing: parts.filter((part) => state[part] !== 'done'),
    contradictions: [
      ...namespaceFaults(peering, observed),
      ...tenantFaults(peering, observed, homePublicKey),
      ...sliceFaults(peering, observed, wanted),
      ...tunnelFaults(peering, observed),
    ],
    adopted: adoptedNames(peering, observed),
    authentication: isDeclarative(observed) ? 'declarative' : 'handshake',
  };
};

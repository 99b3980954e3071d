// ResourceSlices: asked for at home, replicated to the provider, accepted there, turned into an Identity, a Quota and a VirtualNode.
import { createHash } from 'node:crypto';
import type { Member } from '../../apiServer.ts';
import { certificateRequest as certificateRequestOf } from '../../certificateRequest.ts';
import type { Plain } from '../../fields.ts';
import type { Stored } from '../../object.ts';
import type { Objects } from '../../objects.ts';
import { label, plain, rows, text } from '../read.ts';
import { ownedBy } from '../rollout.ts';
import { certificateRequest } from './handshake.ts';
import { AUTHENTICATION, base64, OFFLOADING, providerOf, REMOTE, tenantCondition, type Peers } from './names.ts';

const DEFAULTS = { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '20Gi' };
type Link = { readonly provider: Member; readonly remoteNamespace: string };

export function slices(member: Member, peers: Peers): void {
  for (const slice of member.objects.all(AUTHENTICATION, 'ResourceSlice').filter((s) => label(s, 'liqo.io/replication') === 'true')) {
    const link = providerOf(member.objects, slice.metadata.namespace ?? '', peers);
    if (slice.metadata.deletionTimestamp) end(member.objects, slice, link);
    else if (link) {
      const condition = tenantCondition(link);
      // a drained consumer may replicate nothing any more; of a cordoned one what was accepted stays as it was
      if (condition === 'Drained') continue;
      const isAccepted = rows(slice, 'status.conditions').some((c) => text(c, 'type') === 'Resources' && text(c, 'status') === 'Accepted');
      if (condition === 'Cordoned') {
        if (!isAccepted) deny(member.objects, slice);
        continue;
      }
      const resources = { ...DEFAULTS, ...plain(slice, 'spec.resources') };
      replicate(member, slice, link, resources);
      accept(member.objects, slice, link, resources);
    }
  }
}

const deny = (objects: Objects, slice: Stored): void => {
  const denied = { type: 'Resources', status: 'Denied', reason: 'ResourceSliceResourcesDenied', message: 'ResourceSlice resources denied' };
  objects.update(slice, (s) => void (s.status = { ...s.status, conditions: [denied] }));
};

function end(objects: Objects, slice: Stored, link: Link | null): void {
  const { name, namespace } = slice.metadata;
  const node = objects.find(OFFLOADING, 'VirtualNode', namespace, name);
  if (node) {
    if (!node.metadata.deletionTimestamp) objects.drop(node);
    return;
  }
  const identity = objects.find(AUTHENTICATION, 'Identity', namespace, `resourceslice-${name}`);
  if (identity) objects.drop(identity);
  const remote = link?.provider.objects;
  const left = [
    remote?.find(AUTHENTICATION, 'ResourceSlice', link?.remoteNamespace, name),
    remote?.find('v1', 'Secret', link?.remoteNamespace, `liqo-remote-certificate-${name}`),
    remote?.find(OFFLOADING, 'Quota', link?.remoteNamespace, quotaName(name)),
  ];
  for (const object of left) if (object) remote?.drop(object);
  objects.update(slice, (s) => void (s.metadata.finalizers = []));
}

const quotaName = (slice: string): string => `${slice}-4ea140588150`;

/** Liqo names the user of a slice after the slice and a digest of the consumer's id. */
function requestOf({ name: consumer, objects }: Member, slice: string): string {
  const keys = objects.find('v1', 'Secret', 'liqo', 'authentication-keys');
  const suffix = createHash('sha256').update(consumer).digest('hex').slice(0, 12);
  return base64(certificateRequestOf(Buffer.from(keys?.data?.privateKey ?? '', 'base64').toString('utf8'), `${slice}-${suffix}`, consumer));
}

function replicate(member: Member, slice: Stored, { provider, remoteNamespace }: Link, resources: Plain): void {
  const { name } = slice.metadata;
  const csr = text(slice, 'spec.csr') || requestOf(member, name);
  const asked = member.objects.update(slice, (s) => {
    s.metadata.finalizers = ['crdreplicator.liqo.io/resource'];
    s.spec = { ...s.spec, consumerClusterID: member.name, csr };
  });
  const labels = { 'liqo.io/originID': member.name, 'liqo.io/replicated': 'true', [REMOTE]: member.name };
  const replicated = provider.objects.ensure({
    apiVersion: AUTHENTICATION,
    kind: 'ResourceSlice',
    metadata: { name, namespace: remoteNamespace, labels },
    spec: { ...asked?.spec },
  });
  provider.objects.update(replicated, (s) => void (s.spec = { ...asked?.spec }));
  certificateRequest(provider.objects, csr);
  provider.objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: { name: `liqo-remote-certificate-${name}`, namespace: remoteNamespace }, data: {} });
  const spec = { user: quotaName(name), limitsEnforcement: 'None', resources };
  const quota = provider.objects.ensure({ apiVersion: OFFLOADING, kind: 'Quota', metadata: { name: quotaName(name), namespace: remoteNamespace }, spec });
  provider.objects.update(quota, (q) => void (q.spec = { ...q.spec, resources }));
}

function accept(objects: Objects, slice: Stored, { provider, remoteNamespace }: Link, resources: Plain): void {
  const { name, namespace } = slice.metadata;
  const authParams = { apiServer: provider.server, signedCRT: base64('certificate') };
  const conditions = ['Authentication', 'Resources'].map((type) => ({ type, status: 'Accepted', reason: `${type}Accepted` }));
  const answered = (s: Stored): void => void (s.status = { conditions, resources, authParams, nodeLabels: { provider: provider.name } });
  objects.update(slice, answered);
  // the provider answers at its own object, from which it is reflected
  const theirs = provider.objects.find(AUTHENTICATION, 'ResourceSlice', remoteNamespace, name);
  if (theirs) provider.objects.update(theirs, answered);
  const labels = { [REMOTE]: provider.name };
  const identity = { clusterID: provider.name, type: 'ResourceSlice', namespace: remoteNamespace, authParams };
  objects.ensure({ apiVersion: AUTHENTICATION, kind: 'Identity', metadata: { name: `resourceslice-${name}`, namespace, labels }, spec: identity });
  if (slice.metadata.annotations?.['liqo.io/create-virtual-node'] !== 'true') return;
  const spec = { clusterID: provider.name, createNode: true, resourceQuota: { hard: resources } };
  const node = objects.ensure({ apiVersion: OFFLOADING, kind: 'VirtualNode', metadata: { name, namespace, labels, ownerReferences: [ownedBy(slice)] }, spec });
  objects.update(node, (n) => void (n.spec = { ...n.spec, resourceQuota: { hard: resources } }));
}

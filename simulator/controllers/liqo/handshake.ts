// Nonces, tenants and identities: how two sides come to trust each other, and the certificate requests that stay behind.
import { randomBytes } from 'node:crypto';
import type { Member } from '../../apiServer.ts';
import type { Objects } from '../../objects.ts';
import { at, label, text } from '../read.ts';
import { AUTHENTICATION, base64, OFFLOADING, REMOTE } from './names.ts';

export function nonces(objects: Objects): void {
  for (const secret of objects.all('v1', 'Secret')) {
    if (label(secret, 'liqo.io/nonce') === 'true' && !secret.data?.nonce)
      objects.update(secret, (s) => void (s.data = { ...s.data, nonce: base64(randomBytes(64).toString('base64')) }));
    if (label(secret, 'liqo.io/signed-nonce') === 'true' && secret.data?.nonce && !secret.data.signedNonce)
      objects.update(secret, (s) => void (s.data = { ...s.data, signedNonce: base64(`signature of ${s.data?.nonce ?? ''}`) }));
  }
}

export const certificateRequest = (objects: Objects, request: string): void => {
  if (objects.all('certificates.k8s.io/v1', 'CertificateSigningRequest').some((c) => text(c, 'spec.request') === request)) return;
  objects.ensure({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: `liqo-identity-${randomBytes(3).toString('hex').slice(0, 5)}`, labels: { 'liqo.io/remote-tenant-csr': 'true' } },
    spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['digital signature', 'key encipherment', 'client auth'] },
    status: { certificate: base64('certificate'), conditions: [{ type: 'Approved', status: 'True', reason: 'IdentityManagerApproval' }] },
  });
};

function endReplicas(objects: Objects, namespace: string): void {
  const replicas = objects.all(AUTHENTICATION, 'ResourceSlice', namespace).filter((slice) => label(slice, 'liqo.io/replicated') === 'true');
  for (const object of [...replicas, ...objects.all(OFFLOADING, 'Quota', namespace)]) objects.drop(object);
}

export function tenants(member: Member): void {
  const { objects } = member;
  for (const tenant of objects.all(AUTHENTICATION, 'Tenant')) {
    const namespace = tenant.metadata.namespace ?? '';
    if (text(tenant, 'spec.tenantCondition') === 'Drained') {
      // its rights, its slices, and with its namespace maps its namespaces
      endReplicas(objects, namespace);
      for (const lent of objects.all('v1', 'Namespace'))
        if (label(lent, 'liqo.io/originID') === label(tenant, REMOTE) && !lent.metadata.deletionTimestamp) objects.drop(lent);
    }
    if (tenant.metadata.deletionTimestamp) {
      // what was replicated from a consumer that is gone goes with its Tenant
      endReplicas(objects, namespace);
      for (const secret of objects.all('v1', 'Secret', namespace)) if (secret.metadata.name.startsWith('liqo-remote-certificate')) objects.drop(secret);
      for (const binding of objects.all('rbac.authorization.k8s.io/v1', 'RoleBinding', namespace))
        if (binding.metadata.name.startsWith('liqo-binding-')) objects.drop(binding);
      objects.update(tenant, (t) => void (t.metadata.finalizers = []));
      continue;
    }
    if (at(tenant, 'status.tenantNamespace')) continue;
    const handshake = text(tenant, 'spec.authzPolicy') !== 'TolerateNoHandshake';
    if (handshake) {
      if (!text(tenant, 'spec.csr') || !text(tenant, 'spec.signature')) continue;
      certificateRequest(objects, text(tenant, 'spec.csr'));
      objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'liqo-remote-certificate', namespace }, data: {} });
    }
    objects.ensure({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'liqo-binding-liqo-remote-controlplane', namespace, labels: { [REMOTE]: label(tenant, REMOTE) } },
      roleRef: { kind: 'ClusterRole', name: 'liqo-remote-controlplane' },
    });
    objects.update(tenant, (t) => {
      t.metadata.finalizers = ['tenant.authentication.liqo.io'];
      t.status = {
        tenantNamespace: namespace,
        ...(handshake ? { authParams: { ca: base64(member.authority.caPem), signedCRT: base64('certificate'), apiServer: member.server } } : {}),
      };
    });
  }
}

export function identities(objects: Objects): void {
  for (const identity of objects.all(AUTHENTICATION, 'Identity')) {
    if (identity.metadata.deletionTimestamp || at(identity, 'status.kubeconfigSecretRef')) continue;
    const slice = text(identity, 'spec.type') === 'ResourceSlice';
    const name = slice ? `kubeconfig-${identity.metadata.name}` : `kubeconfig-controlplane-${text(identity, 'spec.clusterID')}`;
    objects.ensure({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: identity.metadata.namespace,
        labels: { 'liqo.io/identity-type': slice ? 'ResourceSlice' : 'ControlPlane', [REMOTE]: text(identity, 'spec.clusterID') },
        annotations: { 'liqo.io/remote-tenant-namespace': text(identity, 'spec.namespace') },
        ownerReferences: [{ apiVersion: AUTHENTICATION, kind: 'Identity', name: identity.metadata.name, uid: identity.metadata.uid }],
      },
      data: { kubeconfig: base64(JSON.stringify({ clusters: [{ cluster: { server: text(identity, 'spec.authParams.apiServer') } }] })) },
    });
    objects.update(identity, (i) => void (i.status = { kubeconfigSecretRef: { name } }));
  }
}

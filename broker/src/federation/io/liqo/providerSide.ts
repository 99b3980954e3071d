// The provider through the account that it made for this consumer: create, replace, get, list and delete in one tenant namespace, no patch and no watch (Liqo's peering role).
import { HanseError } from '../../../errors.ts';
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { type Admission, nonceSecret, tenant as wantedTenant, tenantNamespace } from '../../desired.ts';
import { readGrant } from '../../grant.ts';
import { parseAs, thing } from '../../liqoObjects.ts';
import { authentication, certificates, coreLiqo, grantName, isLeftoverSecretOfProvider, label, nonceName } from '../../names.ts';
import type { ProviderObserved } from '../../observed.ts';
import { keyOfRequest } from '../../csr.ts';
import type { Peering } from '../../peering.ts';
import { decodeBase64, sha256Hex } from '../../pure-crypto.ts';
import type { ProviderSide, TunnelSide } from '../../sides.ts';
import { noTunnel } from '../../tunnelObserved.ts';
import { searchSide } from './absence.ts';
import { liqoTunnelSide } from './tunnelSide.ts';
import { end, ensure, forbidden, gone, listIfAllowed, madeBy, type Only, poll, remainderOf, remove, specOf } from './objects.ts';

const answersInSeconds = 60;

const getIfAllowed = async (read: Promise<KubeObject | null>): Promise<KubeObject | null> => {
  try {
    return await read;
  } catch (error) {
    if (forbidden(error)) return null;
    throw error;
  }
};

const readers = (kube: Kube, peering: Peering) => {
  const namespace = peering.providerNamespace;
  return {
    namespace: () => kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }),
    nonce: () => kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: nonceName }),
    tenant: () => kube.get({ apiVersion: authentication, kind: 'Tenant', namespace, name: peering.homeClusterId }),
    grant: () => getIfAllowed(kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: grantName })),
    foreignCluster: () => getIfAllowed(kube.get({ apiVersion: coreLiqo, kind: 'ForeignCluster', name: peering.homeClusterId })),
  };
};

type Readers = ReturnType<typeof readers>;

const challengeOf = (secret: KubeObject | null): string | null => {
  const data = secret === null ? undefined : parseAs('secret', secret).data['nonce'];
  return data === undefined || data === '' ? null : decodeBase64(data);
};

const observe = async (read: Readers, side: TunnelSide): Promise<ProviderObserved> => {
  const [namespace, foreignCluster] = await Promise.all([read.namespace(), read.foreignCluster()]);
  // without its namespace an account limited to it may be refused what simply is not there
  const [nonce, tenant, grant, tunnel] =
    namespace === null ? [null, null, null, noTunnel] : await Promise.all([read.nonce(), read.tenant(), read.grant(), side.observe()]);
  const challenge = challengeOf(nonce);
  const admitted = tenant === null ? null : parseAs('tenant', tenant);
  return {
    namespace: namespace === null ? null : thing(namespace),
    nonce: nonce === null ? null : { ...thing(nonce), digest: challenge === null ? null : sha256Hex(challenge) },
    tenant: tenant === null || admitted === null ? null : { ...thing(tenant), ...admitted.spec, certificate: admitted.status.authParams?.signedCRT ?? '' },
    foreignCluster: foreignCluster === null ? null : thing(foreignCluster),
    tunnel,
    grant: readGrant(grant === null ? null : parseAs('configMap', grant).data),
  };
};

/** The Tenant answers the challenge that is there now: one that answers another would be refused at Liqo's next look at it. */
const admit = async (kube: Kube, read: Readers, peering: Peering, admission: Admission, operation: string): Promise<KubeObject> => {
  const wanted = wantedTenant(peering, admission, operation);
  const found = await ensure(kube, wanted);
  const { spec } = parseAs('tenant', found);
  if (spec.signature === admission.signature && spec.publicKey === admission.publicKey && spec.csr === admission.csr) return found;
  // Liqo signs one request only: where a certificate was given already, its request stays
  const csr = parseAs('tenant', found).status.authParams?.signedCRT === undefined ? admission.csr : spec.csr;
  if (spec.signature === admission.signature && spec.publicKey === admission.publicKey && spec.csr === csr) return found;
  const current = (await read.tenant()) ?? found;
  return kube.replace({ ...current, spec: { ...specOf(current), publicKey: admission.publicKey, signature: admission.signature, csr } });
};

const setCondition = async (kube: Kube, read: Readers, peering: Peering, tenantCondition: 'Active' | 'Cordoned' | 'Drained'): Promise<void> => {
  const found = await read.tenant();
  if (found === null) throw new HanseError('NOT_FOUND', `${kube.cluster}: there is no Tenant ${peering.homeClusterId} in ${peering.providerNamespace}`);
  await kube.replace({ ...found, spec: { ...specOf(found), tenantCondition } });
};

const endTenant = async (kube: Kube, read: Readers, peering: Peering, only: Only): Promise<void> => {
  await end(kube, [await read.tenant()], only);
  const secrets = (await read.namespace()) === null ? [] : await kube.list({ apiVersion: 'v1', kind: 'Secret', namespace: peering.providerNamespace });
  const left = secrets.filter((secret) => isLeftoverSecretOfProvider(secret.metadata.name));
  // certificates are Liqo's own, so they carry no mark; they are worth nothing without the Tenant
  const tenantStays = only.onlyOf !== undefined && (await read.tenant()) !== null;
  await end(
    kube,
    left.filter((secret) => secret.metadata.name === nonceName),
    only,
  );
  if (!tenantStays)
    await end(
      kube,
      left.filter((secret) => secret.metadata.name !== nonceName),
    );
};

/**
 * The home cluster's key is in each of its requests, and in nobody else's: it signs them. So those are found too whose slice no side remembers, because the provider was away when home left it.
 */
const requestsMadeWith = async (kube: Kube, csrs: readonly string[]): ReturnType<ProviderSide['certificateRequests']> => {
  const all = await listIfAllowed(kube, { apiVersion: certificates, kind: 'CertificateSigningRequest', labelSelector: label.certificateRequest });
  if (all === null) return { found: [], unseen: [`CertificateSigningRequest at ${kube.cluster}`] };
  const keys = new Set(csrs.map((csr) => keyOfRequest(decodeBase64(csr))).filter((key) => key !== null));
  const isOurs = (request: string): boolean => csrs.includes(request) || keys.has(keyOfRequest(decodeBase64(request)) ?? '');
  return { found: all.filter((one) => isOurs(parseAs('certificateRequest', one).spec.request)).map(remainderOf), unseen: [] };
};

/** A tenant namespace that came with the account, or that liqoctl made, is not this peering's to take away. */
const isForeignNamespace = ({ kind, metadata: { labels } }: KubeObject): boolean => kind === 'Namespace' && labels?.[label.madeFor] !== 'peering';

const beginEndNamespace = async (kube: Kube, read: Readers, only: Only): Promise<boolean> => {
  const found = await read.namespace();
  if (found === null || isForeignNamespace(found)) return false;
  return remove(kube, found, only);
};

const authParamsOf = (params: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

export const liqoProviderSide = (kube: Kube, peering: Peering, operation: string): ProviderSide => {
  const read = readers(kube, peering);
  const readAdmission: ProviderSide['readAdmission'] = async () => {
    const found = await read.tenant();
    if (found === null) return null;
    const { spec, status } = parseAs('tenant', found);
    if (status.authParams?.signedCRT === undefined || status.tenantNamespace === '') return null;
    return { authParams: authParamsOf(status.authParams), namespace: status.tenantNamespace, csr: spec.csr };
  };
  const tunnel = liqoTunnelSide(kube, { namespace: peering.providerNamespace, peerClusterId: peering.homeClusterId }, operation);
  return {
    tunnel,
    observe: () => observe(read, tunnel),
    async readGrant() {
      const grant = await read.grant();
      return readGrant(grant === null ? null : parseAs('configMap', grant).data);
    },
    async ensureNamespace() {
      const found = await read.namespace();
      if (found !== null && found.metadata.deletionTimestamp === undefined) return madeBy(kube.cluster, found, operation);
      return madeBy(kube.cluster, await ensure(kube, tenantNamespace(peering.providerNamespace, peering.homeClusterId, operation)), operation);
    },
    async challenge() {
      const secret = await ensure(kube, nonceSecret(peering, operation));
      const nonce = challengeOf(secret) ?? (await poll('the challenge', kube.cluster, async () => challengeOf(await read.nonce()), answersInSeconds));
      return { nonce, made: madeBy(kube.cluster, secret, operation) };
    },
    readChallenge: async () => challengeOf(await read.nonce()),
    async lend(admission) {
      const tenant = await admit(kube, read, peering, admission, operation);
      await poll(`Tenant ${peering.homeClusterId} to be admitted`, kube.cluster, readAdmission, answersInSeconds);
      return madeBy(kube.cluster, tenant, operation);
    },
    readAdmission,
    cordon: () => setCondition(kube, read, peering, 'Cordoned'),
    uncordon: () => setCondition(kube, read, peering, 'Active'),
    drain: () => setCondition(kube, read, peering, 'Drained'),
    certificateRequests: (csrs) => requestsMadeWith(kube, csrs),
    end: (options) => endTenant(kube, read, peering, options),
    async endForeignCluster() {
      await end(kube, [await read.foreignCluster()]);
    },
    async endCertificateRequests(requests) {
      await Promise.all(requests.map(({ name, uid }) => kube.delete({ apiVersion: certificates, kind: 'CertificateSigningRequest', name }, { uid })));
    },
    beginEndNamespace: (options) => beginEndNamespace(kube, read, options),
    async namespaceGone() {
      const found = await read.namespace();
      if (found?.metadata.deletionTimestamp !== undefined)
        await gone(kube, { apiVersion: 'v1', kind: 'Namespace', name: peering.providerNamespace }, found.metadata.uid, 180);
    },
    search: (made) =>
      searchSide(kube, {
        peerClusterId: peering.homeClusterId,
        tenantNamespace: peering.providerNamespace,
        made,
        isKept: (object) => object.metadata.name === peering.providerNamespace && isForeignNamespace(object),
      }),
  };
};

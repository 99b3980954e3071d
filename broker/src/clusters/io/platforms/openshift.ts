// OpenShift: a person's name and password become a token of its OAuth server, once; and what only OpenShift tells of itself.
import { z } from 'zod';
import { HanseError } from '../../../errors.ts';
import type { Allowed } from '../../address.ts';
import type { OpenshiftEntry } from '../../entry.ts';
import type { OpenshiftFacts } from '../../facts.ts';
import type { Access } from '../../kubeconfig.ts';
import { oauthTokenName, readCertificates } from '../../pure-crypto.ts';
import { readServer } from '../../serverAddress.ts';
import { type Base, failure, json, send } from '../managers/http.ts';
import type { Kube, KubeObject } from '../kubernetes/kube.ts';

const discovery = z.object({ authorization_endpoint: z.string().max(2048) });
const redirectsMost = 3;
const tokenFix = 'Give a token instead: oc login, then oc whoami -t, and --token-file.';

/** RFC 6749 §4.2.2: the token comes in the fragment of the address to which the answer leads. */
const tokenIn = (location: string): { readonly token: string; readonly lifeSeconds: number } | null => {
  const fragment = new URLSearchParams(location.slice(location.indexOf('#') + 1));
  const token = fragment.get('access_token') ?? '';
  return location.includes('#') && /^[\x21-\x7e]{8,512}$/.test(token) ? { token, lifeSeconds: Number(fragment.get('expires_in') ?? 0) } : null;
};

const challenge = async (base: Base, path: string): Promise<{ readonly token: string; readonly lifeSeconds: number }> => {
  let at = path;
  for (let step = 0; step <= redirectsMost; step += 1) {
    // the header says that no browser was tricked into asking
    const { status, headers } = await send(base, { method: 'GET', path: at, headers: { 'x-csrf-token': 'hanse' } });
    const location = typeof headers['location'] === 'string' ? headers['location'] : '';
    if (status === 401) {
      const why =
        headers['www-authenticate'] === undefined ? 'it takes no password from a program: people sign in elsewhere' : 'the user or the password is not right';
      throw failure(base, 'MANAGER_UNAUTHORIZED', 'sign in', why, headers['www-authenticate'] === undefined ? tokenFix : 'Check both.');
    }
    if (status !== 302 || location === '') throw failure(base, 'MANAGER_REJECTED', 'sign in', `it answered ${status}`, tokenFix);
    const found = tokenIn(location);
    if (found !== null) return found;
    const target = new URL(location, base.url);
    const refused = target.searchParams.get('error');
    if (refused !== null) throw failure(base, 'MANAGER_UNAUTHORIZED', 'sign in', `${refused} ${target.searchParams.get('error_description') ?? ''}`, tokenFix);
    // the password goes to this server only
    if (target.origin !== new URL(base.url).origin) throw failure(base, 'MANAGER_REJECTED', 'sign in', 'it leads to another server', tokenFix);
    at = `${target.pathname}${target.search}`;
  }
  throw failure(base, 'MANAGER_REJECTED', 'sign in', `it redirects more than ${redirectsMost} times`, tokenFix);
};

export type OpenshiftLogin = { readonly access: Access; /** The token is one that was made for us, and is taken back. */ readonly ours: boolean };

/** The password is used here and nowhere else. */
export const loginOpenshift = async (entry: OpenshiftEntry, { allowed, now }: { readonly allowed: Allowed; readonly now: number }): Promise<OpenshiftLogin> => {
  const outcome = readServer(entry.url, allowed);
  if (outcome.kind === 'rejected') throw new HanseError('REFUSED', `The address of OpenShift: ${outcome.why}.`, { fix: outcome.fix });
  if (readCertificates(entry.ca) === null) {
    throw new HanseError('INVALID_REQUEST', 'There is no certificate in the authorities of OpenShift.', {
      place: { path: 'openshift.ca' },
      fix: 'Give PEM: the authority of the API server, and that of the ingress for signing in (ConfigMap default-ingress-cert of openshift-config-managed).',
    });
  }
  const { server } = outcome.address;
  const accessWith = (token: string, expiresAt: string | null): Access => ({
    context: 'openshift',
    server,
    ca: entry.ca,
    tlsServerName: null,
    credential: { kind: 'token', token },
    expiresAt,
  });
  if (entry.token !== undefined) return { access: accessWith(entry.token, null), ours: false };
  const { user = '', password = '' } = entry;
  const api: Base = { who: `OpenShift at ${server}`, url: server, ca: entry.ca, allowed, authorization: null, secrets: [password] };
  const { authorization_endpoint: endpoint } = await json(api, { method: 'GET', path: '/.well-known/oauth-authorization-server' }, discovery);
  if (!URL.canParse(endpoint)) throw failure(api, 'MANAGER_REJECTED', 'sign in', 'the address of its OAuth server is none');
  const url = new URL(endpoint);
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  const oauth: Base = {
    ...api,
    who: `the OAuth server of OpenShift at ${url.origin}`,
    url: url.origin,
    authorization: `Basic ${basic}`,
    secrets: [password, basic],
  };
  const { token, lifeSeconds } = await challenge(oauth, `${url.pathname}?response_type=token&client_id=openshift-challenging-client`);
  return { access: accessWith(token, lifeSeconds > 0 ? new Date(now + lifeSeconds * 1000).toISOString() : null), ours: true };
};

/** Takes a token back that `loginOpenshift` got. false: it was gone. */
export const revokeOpenshift = async (kube: Kube, token: string): Promise<boolean> => {
  const name = oauthTokenName(token);
  return name !== null && (await kube.delete({ apiVersion: 'oauth.openshift.io/v1', kind: 'UserOAuthAccessToken', name }));
};

const text = z.string().max(1024);
const version = z.object({
  spec: z.object({ clusterID: text.catch('') }).catch({ clusterID: '' }),
  status: z.object({ desired: z.object({ version: text }), conditions: z.array(z.object({ type: text, status: text })).catch([]) }),
});
const infrastructure = z.object({
  status: z.object({ platformStatus: z.object({ type: text }).optional(), controlPlaneTopology: text.optional() }),
});
const network = z.object({
  status: z.object({ clusterNetwork: z.array(z.object({ cidr: text })).catch([]), serviceNetwork: z.array(text).catch([]), networkType: text.optional() }),
});

const config = 'config.openshift.io/v1';

/** null: it is not OpenShift, or does not tell. Each object that our account may not read is left out. */
export const observeOpenshift = async (kube: Kube, groups: readonly string[]): Promise<OpenshiftFacts | null> => {
  if (!groups.includes('config.openshift.io')) return null;
  const read = (kind: string, name: string): Promise<KubeObject | null> =>
    kube.get({ apiVersion: config, kind, name }).catch((error: unknown) => {
      if (error instanceof HanseError && error.code === 'CLUSTER_FORBIDDEN') return null;
      throw error;
    });
  const [found, machines, ranges] = await Promise.all([read('ClusterVersion', 'version'), read('Infrastructure', 'cluster'), read('Network', 'cluster')]);
  const about = version.safeParse(found).data;
  if (about === undefined) return null;
  const { platformStatus, controlPlaneTopology } = infrastructure.safeParse(machines).data?.status ?? {};
  const { clusterNetwork, serviceNetwork, networkType } = network.safeParse(ranges).data?.status ?? {};
  return {
    version: about.status.desired.version,
    clusterId: about.spec.clusterID,
    failing: about.status.conditions.some(({ type, status }) => type === 'Failing' && status === 'True'),
    platform: platformStatus?.type ?? null,
    hosted: controlPlaneTopology === 'External',
    podCidrs: clusterNetwork?.map(({ cidr }) => cidr) ?? [],
    serviceCidrs: serviceNetwork ?? [],
    networkType: networkType ?? null,
  };
};

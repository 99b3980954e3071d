// OpenShift before a member: an OAuth server that turns a name and a password into a token, tokens that can be taken back, and the objects by which it is known.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Member } from '../apiServer.ts';
import type { Disk } from '../disk.ts';
import { isPlain } from '../fields.ts';
import { discovery } from '../paths.ts';
import { listenAt } from '../ports.ts';
import { startFront } from './front.ts';
import { basicOf, bearerOf, closeServer, Fault, listener, sendJson } from './serve.ts';

export type OpenshiftOptions = { readonly disk: Disk; readonly member: Member; readonly podCidr: string; readonly serviceCidr: string; now(): number };

export type Openshift = {
  /** Of the API server. */
  readonly url: string;
  /** Of the OAuth server. */
  readonly oauth: string;
  /** PEM, for both. */
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  /** Names of the tokens that are valid. */
  tokens(): readonly string[];
  close(): Promise<void>;
};

type State = { password: string; clusterId: string; tokens: { name: string; user: string; endsAt: number }[] };

const lifeSeconds = 86_400;
const config = 'config.openshift.io/v1';
const oauthGroup = 'oauth.openshift.io/v1';
const version = '4.21.3';

/** sha256~… is kept as the digest of what follows, which is also its name. */
const nameOf = (token: string): string => `sha256~${createHash('sha256').update(token.slice('sha256~'.length)).digest('base64url')}`;

export async function startOpenshift({ disk, member, podCidr, serviceCidr, now }: OpenshiftOptions): Promise<Openshift> {
  const part = `openshift-${member.name}`;
  const state = read(disk.read(part)) ?? { password: randomBytes(9).toString('base64url'), clusterId: randomUUID(), tokens: [] };
  const save = (): Promise<void> => disk.write(part, state);
  await save();
  const user = 'kubeadmin';
  const { caPem, certPem, keyPem } = member.authority;

  const find = (token: string) => state.tokens.find(({ name, endsAt }) => name === nameOf(token) && endsAt > now());
  const signIn = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (url.pathname !== '/oauth/authorize') throw new Fault(404, 'not found');
    if (url.searchParams.get('client_id') !== 'openshift-challenging-client' || url.searchParams.get('response_type') !== 'token')
      throw new Fault(302, 'found', {
        location: `/oauth/token/display?error=unauthorized_client&error_description=${encodeURIComponent('this client is not known')}`,
      });
    // without this header a browser could be made to ask
    if (request.headers['x-csrf-token'] === undefined)
      throw new Fault(401, 'A non-empty X-CSRF-Token header is required to receive basic-auth challenges', { warning: '199 OAuth "X-CSRF-Token"' });
    const given = basicOf(request);
    if (given?.user !== user || given.password !== state.password) throw new Fault(401, 'Unauthorized', { 'www-authenticate': 'Basic realm="openshift"' });
    const token = `sha256~${randomBytes(32).toString('base64url')}`;
    state.tokens = [...state.tokens.filter(({ endsAt }) => endsAt > now()), { name: nameOf(token), user, endsAt: now() + lifeSeconds * 1000 }];
    await save();
    response.writeHead(302, {
      location: `${oauthUrl}/oauth/token/implicit#access_token=${token}&expires_in=${lifeSeconds}&scope=user%3Afull&token_type=Bearer`,
    });
    response.end();
  };
  const oauthServer = createServer(
    { cert: certPem, key: keyPem },
    listener(signIn, ({ message }) => ({ message })),
  );
  const oauthUrl = `https://127.0.0.1:${await listenAt(oauthServer, disk, `${part}-oauth`)}`;

  const objects = objectsOf(state.clusterId, podCidr, serviceCidr);
  const answer = async (request: IncomingMessage, response: ServerResponse, { pathname }: URL, whose: string | null): Promise<boolean> => {
    if (pathname === '/.well-known/oauth-authorization-server') {
      sendJson(response, 200, {
        issuer: oauthUrl,
        authorization_endpoint: `${oauthUrl}/oauth/authorize`,
        token_endpoint: `${oauthUrl}/oauth/token`,
        response_types_supported: ['code', 'token'],
      });
      return true;
    }
    const known = whose !== null || member.access.who(bearerOf(request)) !== null;
    if (!known) return false;
    if (pathname === '/apis') {
      sendJson(response, 200, withGroups());
      return true;
    }
    const listed = resources[pathname];
    if (listed !== undefined) {
      sendJson(response, 200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: pathname.slice('/apis/'.length), resources: listed });
      return true;
    }
    const object = objects[pathname];
    if (object !== undefined) {
      if (whose === null) throw new Fault(403, `${pathname} is for administrators`);
      sendJson(response, 200, object);
      return true;
    }
    const [, name] = /^\/apis\/oauth\.openshift\.io\/v1\/useroauthaccesstokens\/([^/]+)$/.exec(pathname) ?? [];
    if (name === undefined || whose === null) return false;
    const token = state.tokens.find((one) => one.name === decodeURIComponent(name) && one.user === whose);
    if (token === undefined) throw new Fault(404, `useroauthaccesstokens.oauth.openshift.io "${name}" not found`);
    if (request.method === 'DELETE') {
      state.tokens = state.tokens.filter((one) => one !== token);
      await save();
    }
    sendJson(response, 200, {
      apiVersion: oauthGroup,
      kind: 'UserOAuthAccessToken',
      metadata: { name: token.name },
      clientName: 'openshift-challenging-client',
      expiresIn: lifeSeconds,
      userName: token.user,
    });
    return true;
  };
  const front = await startFront({ member, disk, part, whose: (token) => find(token)?.user ?? null, answer });
  return {
    url: front.url,
    oauth: oauthUrl,
    ca: caPem,
    user,
    password: state.password,
    tokens: () => state.tokens.map(({ name }) => name),
    close: async () => void (await Promise.all([front.close(), closeServer(oauthServer)])),
  };
}

const groups = [config, oauthGroup, 'route.openshift.io/v1', 'security.openshift.io/v1'];

/** What the member serves, and what OpenShift adds. */
function withGroups(): unknown {
  const served = discovery('/apis');
  const added = groups.map((groupVersion) => {
    const [name = '', versionOf = ''] = groupVersion.split('/');
    const one = { groupVersion, version: versionOf };
    return { name, versions: [one], preferredVersion: one };
  });
  const there = served !== null && Array.isArray(served['groups']) ? served['groups'] : [];
  return { ...served, groups: [...there, ...added] };
}

const resource = (name: string, kind: string, verbs: readonly string[]) => ({ name, singularName: '', namespaced: false, kind, verbs });
const readOnly = ['get', 'list', 'watch'];
const resources: Readonly<Record<string, readonly object[]>> = {
  [`/apis/${config}`]: [
    resource('clusterversions', 'ClusterVersion', readOnly),
    resource('infrastructures', 'Infrastructure', readOnly),
    resource('networks', 'Network', readOnly),
  ],
  [`/apis/${oauthGroup}`]: [resource('useroauthaccesstokens', 'UserOAuthAccessToken', ['get', 'list', 'watch', 'delete'])],
  '/apis/route.openshift.io/v1': [],
  '/apis/security.openshift.io/v1': [],
};

/** As openshift/api has them (config/v1): the fields that a federation looks at, and those that are required. */
function objectsOf(clusterID: string, podCidr: string, serviceCidr: string): Readonly<Record<string, object>> {
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: '2026-10-01T08:00:00Z' });
  const image = 'quay.io/openshift-release-dev/ocp-release';
  const network = { clusterNetwork: [{ cidr: podCidr, hostPrefix: 23 }], serviceNetwork: [serviceCidr], networkType: 'OVNKubernetes' };
  return {
    [`/apis/${config}/clusterversions/version`]: {
      apiVersion: config,
      kind: 'ClusterVersion',
      metadata: { name: 'version' },
      spec: { clusterID, channel: 'stable-4.21' },
      status: {
        desired: { version, image },
        history: [{ state: 'Completed', version, image, startedTime: '2026-10-01T07:00:00Z', completionTime: '2026-10-01T08:00:00Z', verified: true }],
        observedGeneration: 1,
        versionHash: 'q1w2e3r4t5y=',
        availableUpdates: null,
        conditions: [condition('Available', 'True'), condition('Failing', 'False'), condition('Progressing', 'False'), condition('Upgradeable', 'True')],
      },
    },
    [`/apis/${config}/infrastructures/cluster`]: {
      apiVersion: config,
      kind: 'Infrastructure',
      metadata: { name: 'cluster' },
      spec: { cloudConfig: { name: '' }, platformSpec: { type: 'BareMetal' } },
      status: {
        infrastructureName: 'amstel-x7k2p',
        platformStatus: { type: 'BareMetal' },
        controlPlaneTopology: 'HighlyAvailable',
        infrastructureTopology: 'HighlyAvailable',
      },
    },
    [`/apis/${config}/networks/cluster`]: {
      apiVersion: config,
      kind: 'Network',
      metadata: { name: 'cluster' },
      spec: network,
      status: { ...network, clusterNetworkMTU: 8900 },
    },
  };
}

function read(found: unknown): State | undefined {
  if (!isPlain(found) || typeof found['password'] !== 'string' || typeof found['clusterId'] !== 'string' || !Array.isArray(found['tokens'])) return undefined;
  return found as unknown as State; // this file alone writes it
}

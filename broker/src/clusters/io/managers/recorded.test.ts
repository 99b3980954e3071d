// The adapters against answers in the shapes that the systems' own sources and documents give; the source is named at each. Nothing here comes from the simulator but certificates.
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, newAuthority } from '../../../../../simulator/pki.ts';
import { loginOpenshift } from '../platforms/openshift.ts';
import { findOneCluster, hostsOf, openOneSession, probeOne, readOne, scaleOne } from './opennebula.ts';
import { findRancherCluster, openRancherSession, readRancher, scaleRancher } from './rancher.ts';

type Asked = { readonly line: string; readonly headers: Readonly<Record<string, unknown>>; readonly body: string };
type Recorded = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

let authority: Authority;
let server: Server;
let url: string;
let allowed: string[];
let asked: Asked[] = [];
let answers: Readonly<Record<string, Recorded | ((asked: Asked) => Recorded)>> = {};
beforeAll(async () => {
  authority = await newAuthority('recorded');
  server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      asked.push(one);
      const found = answers[one.line.split('?')[0] ?? ''];
      const { status = 200, headers = {}, body = '' } = typeof found === 'function' ? found(one) : (found ?? { status: 404, body: { message: 'not found' } });
      response.writeHead(status, headers);
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  url = `https://127.0.0.1:${port}`;
  allowed = [`127.0.0.1:${port}`];
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked = [];
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const rules = () => ({ allowed, now: Date.now() });

describe('Rancher', () => {
  const login = () => ({ url, ca: authority.caPem, token: 'token-abcde:c4n4ry' });
  // rancher/rancher pkg/kubeconfig/templates.go and formatCertString: one user, its proxy first, certificates over several lines
  const folded = () =>
    base64(authority.caPem)
      .replace(/^(.{49})/, '$1\\\n      ')
      .replaceAll(/(\S{76})(?=\S)/g, '$1\\\n      ');
  const kubeconfig = (...ways: readonly (readonly [string, string])[]): string =>
    `apiVersion: v1
kind: Config
clusters:
${ways.map(([name, at]) => `- name: "${name}"\n  cluster:\n    server: "${at}"\n    certificate-authority-data: "${folded()}"`).join('\n')}

users:
- name: "main"
  user:
    token: "kubeconfig-user-x7k2p:s3cr3t0fth3s3ss10n"

contexts:
${ways.map(([name]) => `- name: "${name}"\n  context:\n    user: "main"\n    cluster: "${name}"`).join('\n')}

current-context: "main"
`;
  const generate = (config: string): void => {
    answers = {
      'POST /v3/clusters/c-m-abc12': { body: { baseType: 'generateKubeConfigOutput', config, type: 'generateKubeconfigOutput' } },
      'DELETE /v3/tokens/kubeconfig-user-x7k2p': { status: 200, body: {} },
    };
  };

  it('is asked with the bearer token for its clusters (Norman /v3)', async () => {
    answers = {
      'GET /v3/clusters': {
        body: {
          type: 'collection',
          data: [
            { id: 'local', name: 'local' },
            { id: 'c-m-abc12', name: 'main', driver: 'rke2' },
          ],
        },
      },
    };
    expect(await findRancherCluster(login(), 'main', allowed)).toBe('c-m-abc12');
    expect(asked[0]?.headers['authorization']).toBe('Bearer token-abcde:c4n4ry');
    await expect(findRancherCluster(login(), 'local', allowed)).rejects.toMatchObject({ code: 'REFUSED' });
  });

  it('leads to the authorized cluster endpoint and never to the proxy, and its token is taken back', async () => {
    generate(
      kubeconfig(['main', 'https://rancher.example/k8s/clusters/c-m-abc12'], ['main-fqdn', 'https://8.8.8.8:6443'], ['main-node1', 'https://8.8.4.4:6443']),
    );
    const { access, end } = await openRancherSession(login(), 'c-m-abc12', rules());
    expect(access).toMatchObject({
      context: 'main-fqdn',
      server: 'https://8.8.8.8:6443',
      ca: authority.caPem,
      credential: { kind: 'token', token: 'kubeconfig-user-x7k2p:s3cr3t0fth3s3ss10n' },
    });
    await end();
    expect(asked.map(({ line }) => line)).toEqual(['POST /v3/clusters/c-m-abc12?action=generateKubeconfig', 'DELETE /v3/tokens/kubeconfig-user-x7k2p']);
  });

  it('without an authorized cluster endpoint is refused, with what to enable, and its token is taken back', async () => {
    generate(kubeconfig(['main', 'https://rancher.example/k8s/clusters/c-m-abc12']));
    await expect(openRancherSession(login(), 'c-m-abc12', rules())).rejects.toMatchObject({
      code: 'PREFLIGHT_FAILED',
      fix: expect.stringContaining('authorized cluster endpoint') as string,
    });
    expect(asked.at(-1)?.line).toBe('DELETE /v3/tokens/kubeconfig-user-x7k2p');
  });

  it('with an address inside that nobody allowed is refused', async () => {
    generate(kubeconfig(['main', 'https://rancher.example/k8s/clusters/c-m-abc12'], ['main-fqdn', 'https://10.0.0.7:6443']));
    await expect(openRancherSession(login(), 'c-m-abc12', rules())).rejects.toMatchObject({
      code: 'KUBECONFIG_REJECTED',
      message: expect.stringContaining('10.0.0.7') as string,
    });
  });

  it('with kubeconfig-generate-token off hands out a command, which is refused', async () => {
    const config = kubeconfig(['main', 'https://rancher.example/k8s/clusters/c-m-abc12'], ['main-fqdn', 'https://8.8.8.8:6443']).replace(
      /token: ".*"/,
      'exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: rancher\n      args: ["token", "--server=rancher.example", "--user=main"]',
    );
    generate(config);
    await expect(openRancherSession(login(), 'c-m-abc12', rules())).rejects.toMatchObject({
      code: 'KUBECONFIG_REJECTED',
      message: expect.stringContaining('exec') as string,
    });
  });

  it('that leads elsewhere than when the plan was made is not followed', async () => {
    generate(kubeconfig(['main', 'https://rancher.example/k8s/clusters/c-m-abc12'], ['main-fqdn', 'https://8.8.4.4:6443']));
    await expect(openRancherSession(login(), 'c-m-abc12', { ...rules(), server: 'https://8.8.8.8:6443' })).rejects.toMatchObject({ code: 'STALE_PLAN' });
  });

  // provisioning.cattle.io/v1 Cluster: spec.rkeConfig.machinePools[], status.clusterName
  const provisioned = (...machinePools: readonly object[]): Recorded => ({
    body: {
      apiVersion: 'provisioning.cattle.io/v1',
      kind: 'ClusterList',
      items: [
        { metadata: { name: 'main', namespace: 'fleet-default' }, spec: { rkeConfig: { machinePools } }, status: { clusterName: 'c-m-abc12', ready: true } },
      ],
    },
  });
  const local = '/k8s/clusters/local/apis/provisioning.cattle.io/v1';

  it('scales a pool by a patch that tests its name, because their order may change', async () => {
    answers = {
      [`GET ${local}/clusters`]: provisioned(
        { name: 'cp', quantity: 3, controlPlaneRole: true, etcdRole: true },
        { name: 'gpu', quantity: 2, workerRole: true },
      ),
      [`PATCH ${local}/namespaces/fleet-default/clusters/main`]: { body: {} },
    };
    expect(await scaleRancher(login(), 'c-m-abc12', 'gpu', 3, allowed, {})).toBe(true);
    const patch = asked.at(-1);
    expect(patch?.headers['content-type']).toBe('application/json-patch+json');
    expect(JSON.parse(patch?.body ?? '')).toEqual([
      { op: 'test', path: '/spec/rkeConfig/machinePools/1/name', value: 'gpu' },
      { op: 'replace', path: '/spec/rkeConfig/machinePools/1/quantity', value: 3 },
    ]);
  });

  it('shows what decides about each pool', async () => {
    answers = {
      [`GET ${local}/clusters`]: provisioned(
        { name: 'cp', quantity: 3, controlPlaneRole: true, etcdRole: true },
        { name: 'auto', quantity: 2, workerRole: true, autoscalingMinSize: 1, autoscalingMaxSize: 5 },
        { name: 'plain', workerRole: true, quantity: 1, drainBeforeDelete: true },
      ),
      'GET /k8s/clusters/c-m-abc12/api/v1/nodes': {
        body: {
          kind: 'NodeList',
          items: [
            { metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
            { metadata: { name: 'n2' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
            { metadata: { name: 'liqo-x', labels: { 'liqo.io/type': 'virtual-node' } }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
          ],
        },
      },
    };
    expect(await readRancher(login(), 'c-m-abc12', allowed, {})).toEqual({
      pools: [
        { name: 'cp', key: 'cp', wanted: 3, fixed: 'it carries the control plane', drains: false },
        { name: 'auto', key: 'auto', wanted: 2, fixed: 'an autoscaler decides its size', drains: false },
        { name: 'plain', key: 'plain', wanted: 1, fixed: null, drains: true },
      ],
      nodes: [
        { name: 'n1', ready: true },
        { name: 'n2', ready: false },
      ],
    });
  });

  it('says what it answered and nothing that was sent', async () => {
    answers = { 'GET /v3/clusters': { status: 401, body: { type: 'error', status: '401', message: 'must authenticate token-abcde:c4n4ry' } } };
    await expect(findRancherCluster(login(), 'main', allowed)).rejects.toMatchObject({
      code: 'MANAGER_UNAUTHORIZED',
      message: expect.not.stringContaining('c4n4ry') as string,
    });
    answers = { 'GET /v3/clusters': { status: 302, headers: { location: 'https://elsewhere.example/' } } };
    await expect(findRancherCluster(login(), 'main', allowed)).rejects.toMatchObject({
      code: 'MANAGER_REJECTED',
      message: expect.stringContaining('302') as string,
    });
    expect(asked).toHaveLength(2);
  });
});

describe('OpenShift', () => {
  const entry = () => ({ url, ca: authority.caPem, user: 'kubeadmin', password: 'p4ssw0rd-of-somebody' });
  const well = (): Recorded => ({ body: { issuer: url, authorization_endpoint: `${url}/oauth/authorize`, token_endpoint: `${url}/oauth/token` } });
  const signIn = (answer: Recorded | ((one: Asked) => Recorded)): void => {
    answers = { 'GET /.well-known/oauth-authorization-server': well(), 'GET /oauth/authorize': answer };
  };

  // OpenShift documentation, "OAuth token request flows and responses"
  it('answers the challenge with a token in the fragment (RFC 6749 section 4.2.2)', async () => {
    signIn({
      status: 302,
      headers: { location: `${url}/oauth/token/implicit#access_token=sha256~ABCDEFGHIJKLMNOP&expires_in=86400&scope=user%3Afull&token_type=Bearer` },
    });
    const { access, ours } = await loginOpenshift(entry(), rules());
    expect(ours).toBe(true);
    expect(access.credential).toEqual({ kind: 'token', token: 'sha256~ABCDEFGHIJKLMNOP' });
    const request = asked.at(-1);
    expect(request?.line).toBe('GET /oauth/authorize?response_type=token&client_id=openshift-challenging-client');
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${base64('kubeadmin:p4ssw0rd-of-somebody')}`,
      'x-csrf-token': expect.any(String) as string,
    });
    // the password is for the OAuth server only
    expect(asked[0]?.headers['authorization']).toBeUndefined();
  });

  it.each<[string, Recorded, string, RegExp]>([
    [
      'an error in the query (section 4.1.2.1)',
      { status: 302, headers: { location: '/oauth/token/display?error=access_denied&error_description=no' } },
      'MANAGER_UNAUTHORIZED',
      /access_denied no/,
    ],
    [
      'a challenge again',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="openshift"' } },
      'MANAGER_UNAUTHORIZED',
      /the user or the password is not right/,
    ],
    [
      'no challenge, where people sign in elsewhere',
      { status: 401, body: 'visit https://sso.example' },
      'MANAGER_UNAUTHORIZED',
      /takes no password from a program/,
    ],
    ['a page', { status: 200, body: '<html>' }, 'MANAGER_REJECTED', /answered 200/],
    ['another server', { status: 302, headers: { location: 'https://elsewhere.example/login' } }, 'MANAGER_REJECTED', /leads to another server/],
  ])('with %s is refused', async (_what, answer, code, message) => {
    signIn(answer);
    const refusal = loginOpenshift(entry(), rules());
    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await expect(refusal).rejects.toMatchObject({ message: expect.not.stringContaining('p4ssw0rd') as string });
  });

  it('that redirects without end is given up', async () => {
    signIn({ status: 302, headers: { location: '/oauth/authorize?again' } });
    await expect(loginOpenshift(entry(), rules())).rejects.toMatchObject({
      code: 'MANAGER_REJECTED',
      message: expect.stringContaining('redirects more than') as string,
    });
  });

  it('whose OAuth server is at an address inside that nobody allowed gets no password', async () => {
    answers = { 'GET /.well-known/oauth-authorization-server': { body: { authorization_endpoint: 'https://10.0.0.9/oauth/authorize' } } };
    await expect(loginOpenshift(entry(), rules())).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('10.0.0.9') as string });
  });
});

describe('OpenNebula', () => {
  const login = () => ({ url: `${url}/RPC2`, oneks: url, ca: authority.caPem, auth: 'broker:p4ssw0rd-of-somebody' });
  const rpc = (inner: Readonly<Record<string, string>>): void => {
    answers = {
      ...answers,
      'POST /RPC2': ({ body }) => {
        const method = /<methodName>(.*)<\/methodName>/.exec(body)?.[1] ?? '';
        const value = (inner[method] ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        return {
          headers: { 'content-type': 'text/xml' },
          body: `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n<value><boolean>1</boolean></value>\r\n<value><string>${value}</string></value>\r\n<value><i4>0</i4></value>\r\n</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n`,
        };
      },
    };
  };
  const user = (id: number, group: string): string =>
    `<USER><ID>${id}</ID><GID>1</GID><GROUPS><ID>1</ID></GROUPS><GNAME>${group}</GNAME><NAME>broker</NAME><PASSWORD>5baa61e4c9b93f3f</PASSWORD></USER>`;

  it('is asked with user and password in front of every call, and an administrator is not taken', async () => {
    rpc({ 'one.system.version': '7.4.0', 'one.user.info': user(5, 'hanse') });
    expect(await probeOne(login(), allowed)).toEqual({ version: '7.4.0', user: 'broker', group: 'hanse' });
    expect(asked[0]?.body).toBe(
      '<?xml version="1.0"?><methodCall><methodName>one.system.version</methodName><params><param><value><string>broker:p4ssw0rd-of-somebody</string></value></param></params></methodCall>',
    );
    rpc({ 'one.system.version': '7.4.0', 'one.user.info': user(0, 'oneadmin') });
    await expect(probeOne(login(), allowed)).rejects.toMatchObject({ code: 'PREFLIGHT_FAILED' });
  });

  // OpenNebula host schema (HOST_SHARE): CPU in hundredths of a core, memory in KiB; state 3 is ERROR
  it('sums what hosts have left, without those in error', async () => {
    const host = (id: number, state: number): string =>
      `<HOST><ID>${id}</ID><NAME>kvm-${id}</NAME><STATE>${state}</STATE><CLUSTER_ID>100</CLUSTER_ID><HOST_SHARE><MEM_USAGE>8388608</MEM_USAGE><CPU_USAGE>400</CPU_USAGE><MAX_MEM>65879268</MAX_MEM><MAX_CPU>3200</MAX_CPU></HOST_SHARE></HOST>`;
    rpc({ 'one.hostpool.info': `<HOST_POOL>${host(1, 2)}</HOST_POOL>` });
    expect(await hostsOf(login(), allowed)).toBe('1 host that it may use has 28 cores and 54 GiB left');
    rpc({ 'one.hostpool.info': `<HOST_POOL>${host(1, 2)}${host(2, 3)}${host(3, 2)}</HOST_POOL>` });
    expect(await hostsOf(login(), allowed)).toBe('2 hosts that it may use have 56 cores and 109 GiB left');
  });

  // OpenNebula src/oneks (7.4): documents of type 120 under TEMPLATE.CLUSTER_BODY, groups under GROUP_BODY or as plain bodies, machines as ids before and as records since
  const clusterDocument = {
    DOCUMENT: { ID: '7', NAME: 'ebro', TYPE: '120', TEMPLATE: { CLUSTER_BODY: { name: 'ebro', state: 'RUNNING', kubernetes_version: 'v1.34.2' } } },
  };
  const group = { id: 12, name: 'workers', state: 'RUNNING', family: 'general', flavour: 'medium', user_inputs_values: { count: 2, cpu: 4 } };
  const machine = (id: string): string => `<VM><ID>${id}</ID><NAME>nodegroup-general-medium-${id}</NAME><STATE>3</STATE><LCM_STATE>3</LCM_STATE></VM>`;

  it.each<[string, unknown]>([
    ['each in its envelope', [clusterDocument]],
    ['bare bodies', [{ id: 7, name: 'ebro', state: 'RUNNING' }]],
    ['a pool of documents', { DOCUMENT_POOL: { DOCUMENT: [clusterDocument.DOCUMENT] } }],
    ['a pool of one', { DOCUMENT_POOL: { DOCUMENT: clusterDocument.DOCUMENT } }],
  ])('lists clusters as %s', async (_what, body) => {
    answers = { 'GET /api/v1/clusters': { body } };
    expect(await findOneCluster(login(), 'ebro', allowed)).toBe('7');
    expect(asked[0]?.headers['authorization']).toBe(`Basic ${base64('broker:p4ssw0rd-of-somebody')}`);
  });

  it.each<[string, unknown, boolean]>([
    ['records', { ...group, vms: [{ id: 31, ready: true, pods: [] }] }, true],
    ['records of a node that is not ready', { ...group, vms: [{ id: 31, ready: false, pods: [] }] }, false],
    ['ids only, as before', { ...group, vms: [31] }, true],
    [
      'records, in a document',
      { DOCUMENT: { ID: '12', NAME: 'workers', TEMPLATE: { GROUP_BODY: { ...group, id: undefined, vms: [{ id: 31, ready: true }] } } } },
      true,
    ],
  ])('shows machines of a node group that has %s', async (_what, body, ready) => {
    answers = { 'GET /api/v1/clusters/7/nodegroups': { body: [body] } };
    rpc({ 'one.vm.info': machine('31') });
    expect(await readOne(login(), '7', allowed, {})).toEqual({
      pools: [{ name: 'workers', key: '12', wanted: 2, fixed: null, drains: true }],
      nodes: [{ name: 'nodegroup-general-medium-31', ready }],
    });
  });

  it('scales a node group to a target, whichever success it answers, and waits while it scales', async () => {
    const at = 'GET /api/v1/clusters/7/nodegroups';
    for (const status of [201, 202, 204]) {
      answers = { [at]: { body: [group] }, 'POST /api/v1/clusters/7/nodegroups/12/scale': { status } };
      expect(await scaleOne(login(), '7', '12', 3, allowed, {})).toBe(true);
      expect(JSON.parse(asked.at(-1)?.body ?? '')).toEqual({ target: 3 });
    }
    answers = { [at]: { body: [{ ...group, state: 'SCALING' }] } };
    expect(await scaleOne(login(), '7', '12', 3, allowed, {})).toBe(false);
  });

  it('hands out a kubeconfig that is judged like any other', async () => {
    const user31 = { name: 'a', user: { token: 'admin-token-of-oneks' } };
    const config = (at: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'k', user: 'a' } }],
        clusters: [{ name: 'k', cluster: { server: at, 'certificate-authority-data': base64(authority.caPem) } }],
        users: [user31],
      });
    answers = { 'GET /api/v1/clusters/7/kubeconfig': { body: { kubeconfig: config('https://8.8.8.8:6443') } } };
    expect((await openOneSession(login(), '7', rules())).access.server).toBe('https://8.8.8.8:6443');
    answers = { 'GET /api/v1/clusters/7/kubeconfig': { body: { kubeconfig: config('https://172.16.100.2:6443') } } };
    await expect(openOneSession(login(), '7', rules())).rejects.toMatchObject({
      code: 'KUBECONFIG_REJECTED',
      message: expect.not.stringContaining('admin-token') as string,
    });
  });

  it('over http is not spoken to, unless exactly this address is allowed', async () => {
    const plain = { ...login(), url: 'http://127.0.0.1:2633/RPC2' };
    await expect(probeOne(plain, [])).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('readably') as string });
    await expect(probeOne({ ...login(), url: 'http://one.example:2633/RPC2' }, ['10.0.0.0/8'])).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

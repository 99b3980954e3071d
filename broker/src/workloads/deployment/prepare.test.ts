import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepare } from './prepare.ts';

const prepared = (text: string, more: { application?: string; kinds?: string[] } = {}) =>
  prepare([{ file: 'a.yaml', text }], { application: 'shop', homeClusterId: 'home', kinds: [], ...more });
const faults = (text: string, more: { application?: string; kinds?: string[] } = {}) => {
  const outcome = prepared(text, more);
  return outcome.kind === 'faulty' ? outcome.faults : [];
};
const object = (apiVersion: string, kind: string, rest = '') => `# first\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n${rest}`;
const withPod = (spec: string) => object('apps/v1', 'Deployment', `spec:\n  template:\n    spec:\n      containers: [{name: c, image: i}]\n${spec}`);

describe('accepting manifests', () => {
  it.each([
    ['v1', 'Node'],
    ['v1', 'Namespace'],
    ['v1', 'PersistentVolume'],
    ['v1', 'Pod'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['rbac.authorization.k8s.io/v1', 'Role'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
    ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['offloading.liqo.io/v1beta1', 'NamespaceOffloading'],
    ['cert-manager.io/v1', 'Certificate'],
    ['evil.example/v1', 'Deployment'],
    ['evil.example/v1', 'Secret'],
  ])('refuses %s %s with file, line, reason and remedy', (apiVersion, kind) => {
    const [fault] = faults(object(apiVersion, kind));
    expect(fault?.message).toMatch(new RegExp(`^${kind} x is refused: `));
    expect(fault?.place).toMatchObject({ file: 'a.yaml', line: 2 });
    expect(fault?.fix).toBeTruthy();
  });

  it('takes a kind that the policy names, but never one that acts on the whole cluster', () => {
    expect(faults(object('rbac.authorization.k8s.io/v1', 'Role'), { kinds: ['rbac.authorization.k8s.io/v1/Role'] })).toEqual([]);
    expect(faults(object('rbac.authorization.k8s.io/v1', 'ClusterRole'), { kinds: ['rbac.authorization.k8s.io/v1/ClusterRole'] })).toHaveLength(1);
  });

  it.each([
    ['another namespace', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: kube-system\n', /kube-system/, 5],
    ['a node by name', withPod('      nodeName: n1\n'), /nodeName/, 9],
    ['another scheduler', withPod('      schedulerName: mine\n'), /schedulerName|scheduler mine/, 9],
    [
      'a spread that Liqo cannot hand on',
      withPod('      topologySpreadConstraints:\n        - {topologyKey: liqo.io/remote-cluster-id, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}\n'),
      /DoNotSchedule/,
      9,
    ],
    ['a privileged pod', withPod('      hostNetwork: true\n'), /Host Namespaces/, 9],
    ['a pod without containers', object('batch/v1', 'Job', 'spec:\n  template:\n    spec:\n      volumes: []\n'), /containers/, 8],
    ['a token that never ends', object('v1', 'Secret', 'type: kubernetes.io/service-account-token\n'), /never ends/, 5],
    ['external addresses', object('v1', 'Service', 'spec:\n  externalIPs: [1.2.3.4]\n'), /CVE-2020-8554/, 6],
    ['broken base64', object('v1', 'Secret', 'data:\n  a: "§"\n'), /base64/, 6],
  ])('refuses %s at its line', (_what, text, message, line) => {
    const [fault] = faults(text);
    expect(fault?.message).toMatch(message);
    expect(fault?.place?.line).toBe(line);
  });

  it.each(['default', 'kube-system', 'liqo', 'liqo-tenant-pa', 'hanse-system', 'Big', 'a_b', '', '-', 'x'.repeat(64), 'x'.repeat(60)])(
    'refuses the application name "%s"',
    (application) => {
      expect(faults(object('v1', 'ConfigMap'), { application })[0]?.place?.path).toBe('name');
    },
  );

  it('keeps the data of Secrets apart from everything that is stored or shown, also the copy that kubectl leaves', () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations: {kubectl.kubernetes.io/last-applied-configuration: the-canary}\ndata: {a: dGhlLWNhbmFyeQ==}\nstringData: {b: the-canary}\n`;
    const outcome = prepared(text);
    if (outcome.kind !== 'ready') throw new Error(JSON.stringify(outcome));
    expect(JSON.stringify(outcome.accepted)).not.toMatch(/canary|dGhl/);
    expect(outcome.secrets).toEqual([{ name: 's', data: { a: 'dGhlLWNhbmFyeQ==' }, stringData: { b: 'the-canary' } }]);
  });

  it('never repeats the value of a Secret in a fault', () => {
    const value = fc.oneof(
      fc.constantFrom('true', '1234567', '[the-canary]', '{a: the-canary}', '"the-canary§"', 'the-canary', '!x the-canary', '*canary', '"the-canary'),
    );
    fc.assert(
      fc.property(value, fc.constantFrom('data', 'stringData'), (written, field) => {
        const outcome = prepared(object('v1', 'Secret', `${field}:\n  a: ${written}\n`));
        if (outcome.kind === 'faulty') expect(JSON.stringify(outcome.faults)).not.toMatch(/the-canary|1234567/);
      }),
    );
  });

  it('reads the value of a Secret once, however much white space is in it', () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: "${' '.repeat(200_000)}!", b: "dGhl Y2Fu\\n  YXI= \\n"}\n`;
    expect(faults(text).map(({ message }) => message)).toEqual([expect.stringContaining('data.a is no base64')]);
  }, 10_000);

  it('puts what pods need before the pods', () => {
    const outcome = prepared(
      [object('networking.k8s.io/v1', 'Ingress'), withPod(''), object('v1', 'ConfigMap'), object('v1', 'Secret'), object('v1', 'ServiceAccount')].join(
        '\n---\n',
      ),
    );
    if (outcome.kind !== 'ready') throw new Error(JSON.stringify(outcome));
    expect(outcome.accepted.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Secret', 'ConfigMap', 'Deployment', 'Ingress']);
  });
});
